/* Nodes: files, directories, devices and links, whatever file system they are in; and how a path
 * leads to one. Only processes come here, so nothing is masked. See: path_resolution(7).
 * SPDX-License-Identifier: MIT */
#pragma once

#include "include/abi.h"

#include <stdbool.h>

#define NODE_LIMIT 512 /* in use at one time, all files of the RAM file system included */
#define NAME_LIMIT 60  /* bytes of one part of a path, the null included */
#define PATH_LIMIT 256 /* bytes of a whole path, the null included */
#define LINK_LIMIT 8   /* symbolic links followed in one path */

struct node;

/* One entry of a directory. */
struct listed {
    char name[NAME_LIMIT];
    uint32_t number; /* of the node */
    uint32_t mode;   /* its kind */
    uint32_t next;   /* position of the entry after it */
};
#define LIST_FIRST 2 /* positions 0 and 1 are "." and "..", which every directory has */

/* What a file system can do with its nodes; a missing function is answered with EROFS or EINVAL.
 * Results are 0 or more, or -E...; buffers are the kernel's. */
struct node_operations {
    /* The node `name` of a directory, with one more user. */
    int32_t (*lookup)(struct node *directory, const char *name, struct node **found);
    /* The entry at `position` or the next one after it; false: no more. */
    bool (*list)(struct node *directory, uint32_t position, struct listed *entry);
    /* Files and links: at most `bytes` from `offset`; how many there were, 0 at the end. */
    int32_t (*read)(struct node *node, uint32_t offset, void *to, uint32_t bytes);
    int32_t (*write)(struct node *node, uint32_t offset, const void *from, uint32_t bytes);
    int32_t (*truncate)(struct node *node);
    /* A new node in a directory that has none of this name; with one user. */
    int32_t (*create)(struct node *directory, const char *name, uint32_t mode, struct node **made);
    /* Take the name away; directories are empty. */
    int32_t (*remove)(struct node *node);
    /* Move to another place, where nothing is. */
    int32_t (*rename)(struct node *node, struct node *directory, const char *name);
    void (*release)(struct node *node); /* the last user is gone */
};

struct node {
    const struct node_operations *operations; /* NULL: the slot is free */
    uint32_t number;                          /* in its file system */
    uint32_t mode;                            /* S_IF... and permissions */
    uint32_t uid, gid;                        /* whose it is */
    uint32_t users;                           /* pointers to it, but for its parent's */
    uint32_t links;                           /* names; 0: removed */
    uint32_t size;                            /* bytes */
    uint32_t device;                          /* device files: DEVICE_... */
    uint32_t modified;                        /* seconds */
    struct node *parent;                      /* of a directory; its own parent: the root */
    struct node *mounted;                     /* root of the file system that covers it */
    struct node *covers;                      /* of such a root: what it covers */
    union {
        struct {
            char name[NAME_LIMIT];
            struct node *first, *next; /* children; the next one in the same directory */
            uint32_t order;            /* position in a listing */
            const uint8_t *original;   /* data in the ramdisk, NULL once written to */
            uint32_t index;            /* physical address of a page of page addresses, 0 none */
        } ram;
        struct {
            int32_t pid;   /* whose directory, 0 none */
            uint32_t what; /* row in proc.c's table */
        } proc;
    };
};

extern struct node *root;

/* node.c */
struct node *node_allocate(const struct node_operations *operations, uint32_t mode);
struct node *node_get(struct node *node); /* one more user */
void node_put(struct node *node);         /* one fewer; NULL is allowed */
uint32_t seconds_now(void);

/* What a path leads to. */
struct path_end {
    struct node *directory; /* where the last part lies, with a user; NULL: the path ends in "/" */
    struct node *node;      /* what is there, with a user; NULL: nothing */
    char name[NAME_LIMIT];  /* the last part */
};

/* Follow `path` from the root, `from` or (NULL) the current directory. `follow`: the last part too,
 * if it is a link. -ENOENT with end->directory set: only the last part is missing. Unless the
 * result is another error, path_release(end) is due. */
int32_t path_walk(struct node *from, const char *path, bool follow, struct path_end *end);
void path_release(struct path_end *end);

/* The node at `path`, with a user, or an error. */
int32_t path_find(struct node *from, const char *path, bool follow, struct node **found);

/* The path of a directory; its length without the null, or -ERANGE, -ENOENT (removed). */
int32_t path_of(struct node *directory, char *to, uint32_t size);

/* ram_files.c: the file system in memory with the files of the ramdisk. */
void ram_files_initialise(void);

/* proc.c: the root of /proc; NULL: no slot. */
struct node *proc_root(void);
