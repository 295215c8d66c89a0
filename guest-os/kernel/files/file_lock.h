/* Locks on files: agreements between programs, which nothing but other locks knows of. Two kinds
 * that do not see each other: of ranges (fcntl), owned by a process's descriptors, and of whole
 * files (flock), owned by an open file. See: fcntl_locking(2), flock(2).
 * SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"

struct file_lock {
    struct file_lock *next; /* on the same node */
    const void *owner;      /* struct file, or struct descriptor_table */
    int32_t pid;            /* who asked for it */
    uint32_t kind;          /* F_RDLCK, F_WRLCK; as a wish also F_UNLCK */
    bool whole;             /* by flock */
    uint64_t first, last;   /* bytes */
};

/* A lock that keeps `wish` from being granted; NULL: none. */
const struct file_lock *file_lock_conflict(const struct node *node, const struct file_lock *wish);

/* Grant `wish`, or wait for it. -EAGAIN, -ENOLCK, -ERESTARTSYS (a signal). Nobody looks whether
 * processes wait for each other. */
int32_t file_lock_set(struct node *node, const struct file_lock *wish, bool wait);

/* All locks of `owner` on this node are gone. */
void file_lock_drop(struct node *node, const void *owner);
