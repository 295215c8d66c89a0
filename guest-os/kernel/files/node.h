/* Nodes: files, directories, devices and links, whatever file system they are in; what a file
 * system can do with them; and how a path leads to one. Only processes come here, with interrupts
 * on; all of it may sleep. See: path_resolution(7), inode(7). SPDX-License-Identifier: MIT */
#pragma once

#include "heart/lock.h"
#include "include/abi.h"

#include <stdbool.h>

#define NAME_LIMIT 256  /* bytes of one part of a path, the null included */
#define PATH_LIMIT 4096 /* bytes of a whole path, the null included; a page */
#define RAM_LEVELS 4    /* of pages of a file in memory */
#define LINK_LIMIT 40   /* symbolic links followed in one path */

struct block_device;
struct buffer;
struct file_lock;
struct node;
struct pipe;
struct process;

/* One entry of a directory. */
struct listed {
    char name[NAME_LIMIT]; /* text */
    uint32_t number;       /* of the node */
    uint32_t mode;         /* its kind, S_IF...; 0: not known */
    uint64_t next;         /* position of the entry after it */
};
#define LIST_FIRST 2 /* positions 0 and 1 are "." and "..", which list does not give */

/* Data of a node that lie together in the kernel's memory. */
struct piece {
    uint8_t *data;         /* NULL: zeros that take no room */
    uint32_t bytes;        /* of them, to the end of the block or page; may be beyond the file's */
    struct buffer *buffer; /* where they are, pinned; NULL: they stay anyway */
};

/* What a file system can do with its nodes; a missing function: nobody can. Results are 0 or more,
 * or -E...; memory is the kernel's. What returns nothing fails only if a disk does, and then the
 * file system says so and can only be read from then on. The functions of node.c and names.c call
 * them, with the file system's lock held; rights, sizes, counts of links and times are their work.
 */
struct node_operations {
    /* The node `name` of a directory, with one more user. */
    int32_t (*lookup)(struct node *directory, const char *name, struct node **found);
    /* 1: the entry at `position` or the next one after it; 0: no more. */
    int32_t (*list)(struct node *directory, uint64_t position, struct listed *entry);
    /* The data at `offset`, where `bytes` are to be read or written; to write, they are made. */
    int32_t (*piece)(struct node *node, uint64_t offset, uint32_t bytes, bool write,
                     struct piece *piece);
    /* The size is smaller than it was: give back what lies behind it. */
    void (*cut)(struct node *node);
    /* Instead of these two, for texts made at each read: how many bytes there were. */
    int32_t (*read)(struct node *node, uint64_t offset, void *to, uint32_t bytes);
    int32_t (*write)(struct node *node, uint64_t offset, const void *from, uint32_t bytes);
    /* A new node with one user and, so far, no name: if it gets none it goes with that user. */
    int32_t (*make)(struct node *directory, uint32_t mode, uint32_t device, struct node **made);
    /* A directory gets the name, which leads to `node`; or a name goes. */
    int32_t (*enter)(struct node *directory, const char *name, struct node *node);
    int32_t (*leave)(struct node *directory, const char *name);
    /* `name` becomes `new_name` and leads to `node`. -ENAMETOOLONG: there it has no room. */
    int32_t (*redirect)(struct node *directory, const char *name, const char *new_name,
                        struct node *node);
    /* Keep what `node` says; `now`: on the medium, when it returns. */
    void (*store)(struct node *node, bool now);
    /* The last user is gone; with links == 0 so is the file, and it ends with node_free. */
    void (*release)(struct node *node);
};

struct node {
    const struct node_operations *operations; /* its file system's */
    struct file_system *system;               /* where it is */
    struct node *parent;                  /* of a directory, in use while this one is; or NULL */
    uint32_t number;                      /* in its file system */
    uint32_t mode;                        /* S_IF... and permissions */
    uint32_t users;                       /* pointers to it, but for directories' entries */
    uint32_t writers;                     /* open files that can change it */
    uint32_t links;                       /* names; 0: removed */
    uint32_t owner, group;                /* user and group of users */
    uint64_t size;                        /* bytes */
    uint32_t sectors;                     /* that it takes, of 512 bytes */
    uint32_t device;                      /* device files: DEVICE_... */
    uint32_t accessed, modified, changed; /* seconds since 1970 */
    struct file_system *mounted;          /* what covers this directory */
    struct pipe *pipe;                    /* of a pipe that is open */
    struct file_lock *locks;              /* held on it, or waited for */
    struct lock writing;                  /* one write at a time */
    union {
        struct {
            struct ram_entry *first; /* of a directory */
            uint32_t original_at;    /* data it began with: their address, or place on the device */
            uint32_t original_bytes; /* of them */
            uint32_t pages[RAM_LEVELS]; /* physical addresses, 0 none: see ram_files.c */
        } ram;
        struct {
            int32_t pid;   /* whose directory, 0 none */
            uint32_t what; /* row of the table, or a descriptor */
        } proc;
        struct {
            uint32_t blocks[15]; /* as in the inode: 12 direct, 3 indirect; a link's text */
            uint32_t flags;      /* of the inode */
            struct node *next;   /* of those in use */
        } ext2;
    };
};

/* ---- file systems ---- */

/* One kind. */
struct file_system_kind {
    const char *name;  /* for mount(2) */
    uint32_t magic;    /* f_type of statfs */
    bool wants_device; /* else it is in memory */
    /* Fill in `root` and the limits; device and read_only are set. -EINVAL: not of this kind. */
    int32_t (*mount)(struct file_system *system);
    int32_t (*remount)(struct file_system *system, bool read_only); /* NULL: just the flag */
    void (*unmount)(struct file_system *system); /* nobody uses a node, not even the root */
    int32_t (*sync)(struct file_system *system); /* all is on the medium */
    void (*statfs)(struct file_system *system, struct statfs64 *to); /* type, flags are filled in */
};

/* One mount of it. */
struct file_system {
    const struct file_system_kind *kind;
    struct block_device *device; /* NULL: in memory */
    char source[16];             /* text for /proc/mounts */
    uint32_t number;             /* st_dev */
    bool read_only;              /* nothing changes */
    struct node *root;           /* with a user */
    struct node *covered;        /* where it is mounted, with a user; NULL: the root */
    uint32_t uses;               /* of its nodes, all together */
    uint32_t writers;            /* open files that can change it */
    uint32_t link_limit;         /* names of one node */
    uint64_t size_limit;         /* bytes of one file */
    struct lock lock;            /* one process at a time is inside */
    void *data;                  /* the kind's own */
    struct file_system *next;    /* mounted later */
};

extern struct file_system *file_systems; /* all mounts, the root's first */
extern struct node *root;                /* of everything */

extern const struct file_system_kind ram_files, proc_files, ext2_files, cpio_files;

/* mount.c: mount a `kind` at the directory `on` (NULL: as the root). */
int32_t file_system_mount(const char *source, struct block_device *device, const char *kind,
                          bool read_only, struct node *on);
int32_t file_system_unmount(struct file_system *system);
int32_t file_system_remount(struct file_system *system, bool read_only);

/* ---- node.c: what can be done with a node; 0 or more, or -E... ---- */

/* A node in use by the caller; owner and group are the process's. NULL: no memory. */
struct node *node_allocate(struct file_system *system, const struct node_operations *operations,
                           uint32_t mode);
void node_free(struct node *node);

struct node *node_get(struct node *node); /* one more user; NULL is allowed */
void node_put(struct node *node);         /* one fewer; NULL is allowed */

/* May the current process do R_OK | W_OK | X_OK? 0, -EACCES, -EROFS. */
int32_t node_permitted(const struct node *node, uint32_t wanted);
bool process_owns(const struct node *node); /* is it the owner, or root? */

int32_t node_read(struct node *node, uint64_t offset, void *to, uint32_t bytes);
int32_t node_write(struct node *node, uint64_t offset, const void *from, uint32_t bytes);
int32_t node_truncate(struct node *node, uint64_t size);
int32_t node_list(struct node *directory, uint64_t position, struct listed *entry);
void node_changed(struct node *node); /* mode, owner, group or times: keep them */
int32_t node_sync(struct node *node);
uint64_t node_size(const struct node *node); /* bytes, of disks too */
uint32_t seconds_now(void);

/* ---- names.c: what changes directories; with the checks for permissions ---- */

int32_t node_lookup(struct node *directory, const char *name, struct node **found);
/* `target`: of a symbolic link, else NULL. */
int32_t node_create(struct node *directory, const char *name, uint32_t mode, uint32_t device,
                    const char *target, struct node **made);
int32_t node_link(struct node *directory, const char *name, struct node *node);
int32_t node_remove(struct node *directory, const char *name, bool is_directory);
#define RENAME_DIRECTORY 0x80000000u /* flag of node_rename: only a directory may move */
int32_t node_rename(struct node *from, const char *from_name, struct node *to, const char *to_name,
                    uint32_t flags);

/* The same for the kernel itself, which need not ask: the name is free, or leads to `node`. */
int32_t name_make(struct node *directory, const char *name, uint32_t mode, uint32_t device,
                  const char *target, struct node **made);
int32_t name_take(struct node *directory, const char *name, struct node *node);

/* ---- path.c ---- */

enum walk_kind {
    WALK_FOLLOW, /* to the end, through a link there too */
    WALK_LINK,   /* to the end, but a link there is the end */
    WALK_PARENT  /* to the directory of the last part; `node` stays NULL */
};

/* What a path leads to. */
struct path_end {
    struct node *directory; /* where the last part lies, with a user; NULL: the path is "/" */
    struct node *node;      /* what is there, with a user; NULL: nothing */
    bool slash;             /* the path ended in one */
    char name[NAME_LIMIT];  /* the last part; may be "." or ".." */
};

/* Follow `path` from the root, `from` or (NULL) the current directory. -ENOENT with end->directory
 * set: only the last part is missing. Unless the result is another error, path_release(end) is due.
 */
int32_t path_walk(struct node *from, const char *path, enum walk_kind kind, struct path_end *end);
void path_release(struct path_end *end);

/* The node at `path`, with a user, or an error. */
int32_t path_find(struct node *from, const char *path, bool follow, struct node **found);

/* The path of a directory; its length without the null, or -ERANGE, -ENOENT (removed). */
int32_t path_of(struct node *directory, char *to, uint32_t size);

/* The path of `node`, which was found in `directory` (NULL: it is a directory itself). */
int32_t path_of_entry(struct node *directory, struct node *node, char *to, uint32_t size);

/* cpio_files.c: take the files of an archive into an empty file system in memory. It lies on the
 * file system's device, from 0 on, or in memory, from `start` on; the data stay there. How many
 * entries there were. */
uint32_t cpio_unpack(struct file_system *system, uint32_t start, uint32_t bytes);
