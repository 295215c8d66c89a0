/* The files of /proc: rows of a table, each with the function that makes its text.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"
#include "heart/process.h"

/* A text that is being made. */
struct text {
    const struct process *process; /* whose file it is, NULL: the system's */
    char *to;                      /* room for `size` bytes */
    uint32_t size, used;           /* bytes; what does not fit is cut off */
    int32_t error;                 /* 0, or -E...: there is no text */
};

/* Add to it, as printf does. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The directories: rows of the table, and what other rows lie in. */
enum { IN_ROOT, IN_PROCESS, IN_FD, IN_SYS, IN_KERNEL, IN_NONE };

struct proc_row {
    const char *name;
    uint32_t mode;                      /* S_IF... and permissions */
    uint32_t place;                     /* IN_... */
    void (*make)(struct text *text);    /* NULL: a directory */
    int32_t (*store)(const char *text); /* what is written, without the newline; NULL: EINVAL */
};

extern const struct proc_row proc_rows[]; /* proc_texts.c: the directories first */
extern const uint32_t proc_row_count;

/* The open file of a descriptor, NULL: none; and what its link says. */
struct file *proc_file(const struct process *process, uint32_t fd);
void proc_descriptor(struct text *text, uint32_t fd);
