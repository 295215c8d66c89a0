/* Open files and the descriptors that name them. A descriptor is an index into a process's array of
 * pointers; after dup and fork several of them point to the same open file and share its offset.
 * Only processes come here. See: open(2), dup(2). SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"
#include "heart/process.h"

#define FILE_LIMIT 4096 /* open at one time, in the whole system */

enum { /* device numbers: major << 8 | minor, as on Linux */
       DEVICE_NULL = 0x103,
       DEVICE_ZERO = 0x105,
       DEVICE_FULL = 0x107,
       DEVICE_RANDOM = 0x108,
       DEVICE_URANDOM = 0x109,
       DEVICE_TTY1 = 0x401,
       DEVICE_TTYS0 = 0x440,
       DEVICE_TTYS1 = 0x441,
       DEVICE_TTY = 0x500, /* the controlling terminal */
       DEVICE_CONSOLE = 0x501,
       DEVICE_PTMX = 0x502, /* opened, it makes one of the next */
       DEVICE_PTS = 0x8800, /* and following: pseudo terminals */
};

struct file;
struct pipe;

/* What can be done with an open file; addresses are the program's. A missing function: EINVAL, for
 * control ENOTTY, for poll always ready. */
struct file_operations {
    int32_t (*open)(struct file *file, uint32_t flags); /* 0, or it can not be opened: -E... */
    int32_t (*read)(struct file *file, uint32_t to_user, uint32_t bytes);
    int32_t (*write)(struct file *file, uint32_t from_user, uint32_t bytes);
    int32_t (*control)(struct file *file, uint32_t request, uint32_t argument);
    uint32_t (*poll)(struct file *file); /* POLL...: what is so now */
    void (*close)(struct file *file);    /* the last descriptor is gone */
    bool has_offset;                     /* lseek works */
};

struct file {
    const struct file_operations *operations; /* what can be done with it */
    uint32_t users;                           /* descriptors, and calls in progress */
    uint32_t flags;                           /* O_..., of open and fcntl */
    uint64_t offset;                          /* bytes; directories: a position */
    struct node *node;                        /* what is open, with a user */
    struct node *directory;                   /* where `node` was found, with a user; or NULL */
    struct pipe *pipe;                        /* of a pipe's end */
    struct tty *tty;                          /* of a terminal */
    struct file *next_async;                  /* with O_ASYNC: another such one */
    int32_t owner;                            /* who is told then: a pid, minus a group, 0 nobody */
    uint32_t owner_signal;                    /* by which signal; 0: SIGIO */
    uint32_t owner_by;                        /* effective user who chose the owner */
};

/* A new open file with one user; NULL: too many, or no memory. Takes over the caller's use of
 * `node`, once it is there. */
struct file *file_allocate(const struct file_operations *operations, struct node *node,
                           uint32_t flags);
void file_put(struct file *file);
/* Take one back that nobody has used; the node's use is the caller's again. */
void file_discard(struct file *file);

/* The open file of a descriptor of the current process, NULL: EBADF. Not one user more: who sleeps
 * with it adds one. */
struct file *file_of(uint32_t fd);

/* Give `file` the lowest free descriptor from `least` on; takes over the caller's use, also when it
 * fails with -EMFILE. */
int32_t descriptor_add(struct file *file, uint32_t least, bool close_on_exec);

/* Close one; -EBADF. */
int32_t descriptor_close(uint32_t fd);

/* Is it closed by execve? And set that. The descriptor is open. */
bool descriptor_closes_on_exec(uint32_t fd);
void descriptor_close_on_exec(uint32_t fd, bool close);

/* clone: `process` shares descriptors and directory with `from`, or gets copies. -ENOMEM. */
int32_t files_share(struct process *process, struct process *from, uint32_t clone_flags);

/* execve: own descriptors, not another process's too (-ENOMEM); then close some. */
int32_t files_own(struct process *process);
void files_exec(struct process *process);

/* exit: give everything up. And descriptors 0, 1 and 2 of init, on the console. */
void files_exit(struct process *process);
void files_for_init(struct process *init);

/* Open what `path` leads to; a new open file, or -E... */
int32_t file_open(struct node *from, const char *path, uint32_t flags, uint32_t mode,
                  struct file **opened);

/* Bytes between a program and a node, at *offset, which goes on by as many; how many. */
int32_t file_read_at(struct file *file, uint64_t *offset, uint32_t to_user, uint32_t bytes);
int32_t file_write_at(struct file *file, uint64_t *offset, uint32_t from_user, uint32_t bytes);

/* Does RLIMIT_FSIZE let the current process make the file so long? 0, or -EFBIG and SIGXFSZ. */
int32_t file_may_reach(const struct node *node, uint64_t end);

/* Does some process run it? Then nobody may write to it. */
bool node_is_program(const struct node *node);

/* async.c: O_ASYNC on or off; tell the owners of those that wait for `channel`. */
void file_set_async(struct file *file, bool on);
void file_tell_owners(const void *channel);
int32_t file_control_owner(struct file *file, uint32_t command, uint32_t argument);

/* Wake who sleeps on `channel`, and everybody in poll. From interrupt handlers, too. */
void files_wake(const void *channel);
extern const char poll_channel[1];

/* devices.c, pipe.c, terminal_file.c: NULL for an unknown device. */
const struct file_operations *device_operations(uint32_t number);
void devices_make(struct node *directory); /* all of them, in the empty /dev */
extern const struct file_operations terminal_operations;
extern const struct file_operations pty_master_operations; /* drivers/pty.c */
/* An open FIFO; waits for the other side. */
int32_t pipe_open(struct node *node, uint32_t flags, struct file **opened);
int32_t pipe_create(struct file **reader, struct file **writer, uint32_t flags);
