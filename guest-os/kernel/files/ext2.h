/* The second extended file system: what is on the disk, and what its files here share. All numbers
 * are little-endian, so the structures are used as they are. The disk, in blocks of 1, 2 or 4 KiB:
 *
 *   byte 1024    superblock: sizes, counts, state, features
 *   next block   group descriptors, 32 bytes each
 *   each group   [copy of both] block bitmap, inode bitmap, inode table, data blocks
 *
 * An inode is a node on the disk: attributes, and where its data blocks are. A directory's blocks
 * are filled with entries, each as long as it says. What can not be right makes the file system
 * read-only (ext2_damaged) and is EIO. All functions: 0 or -E..., with the lock held.
 * See: "The Second Extended File System" (nongnu.org/ext2-doc). SPDX-License-Identifier: MIT */
#pragma once

#include "drivers/block.h"
#include "files/buffer.h"
#include "files/node.h"

#define EXT2_ROOT          2
#define EXT2_DIRECT        12  /* blocks whose numbers are in the inode; then 3 indirect ones */
#define EXT2_POINTERS      15  /* all of them */
#define EXT2_SECTOR        512 /* unit of an inode's count of blocks */
#define EXT2_FREED         64  /* runs of blocks that wait for the next sync */
#define EXT2_KINDS         2u  /* incompatible feature: entries tell the kind of their inode */
#define EXT2_LARGE_FILE    2u  /* read-only feature: a file may be larger than 2 GiB */
#define EXT2_INODE_EXTENTS 0x80000u
#define EXT2_INODE_INDEX   0x1000u

struct ext2_super {
    uint32_t inodes, blocks;                      /* all there are */
    uint32_t reserved_blocks;                     /* that only root may fill */
    uint32_t free_blocks, free_inodes;            /* counts */
    uint32_t first_block;                         /* of group 0: 1 with blocks of 1 KiB, else 0 */
    uint32_t block_shift;                         /* block bytes are 1024 << this */
    uint32_t fragment_shift;                      /* not used */
    uint32_t blocks_in_group, fragments_in_group; /* count; not used */
    uint32_t inodes_in_group;                     /* count */
    uint32_t mounted_at, written_at;              /* seconds */
    uint16_t mounts, mounts_limit;                /* since the last check */
    uint16_t magic;                               /* SUPER_MAGIC */
    uint16_t state;                               /* STATE_... */
    uint16_t on_errors, minor;                    /* not used */
    uint32_t checked_at, check_interval;          /* seconds */
    uint32_t creator, revision;                   /* not used; 0: fixed sizes, no features */
    uint16_t reserved_user, reserved_group;       /* not used */
    uint32_t first_inode;                         /* first that is not reserved */
    uint16_t inode_bytes, this_group;             /* of an inode on the disk; not used */
    uint32_t compatible, incompatible, read_only; /* features */
};

struct ext2_group {
    uint32_t block_bitmap, inode_bitmap, inode_table; /* block numbers */
    uint16_t free_blocks, free_inodes, directories;   /* counts */
    uint16_t unused[7];                               /* 0 */
};

struct ext2_inode {
    uint16_t mode, user;                           /* S_IF... and permissions; low half of owner */
    uint32_t size;                                 /* bytes, low half */
    uint32_t accessed, changed, modified, deleted; /* seconds */
    uint16_t group, links;                         /* low half; names */
    uint32_t sectors, flags, unused;               /* of EXT2_SECTOR bytes; EXT2_INODE_... */
    uint32_t blocks[EXT2_POINTERS];                /* numbers, 0 a hole; or a link's text */
    uint32_t generation, attribute_block;          /* not used; extended attributes, 0 none */
    uint32_t size_high;                            /* of regular files */
    uint32_t fragment[2];                          /* not used */
    uint16_t user_high, group_high;                /* high halves */
    uint32_t unused2;                              /* 0 */
};

struct ext2_entry {
    uint32_t inode;     /* 0: nothing here */
    uint16_t bytes;     /* to the next entry; the last one reaches to the end of the block */
    uint8_t name_bytes; /* of the name, without a null */
    uint8_t kind;       /* see ext2_kind, if the feature is there */
    char name[];
};
#define EXT2_ENTRY_HEADER 8

struct ext2_run {
    uint32_t first, count; /* blocks */
};

/* One mount. */
struct ext2 {
    struct file_system *system;        /* it belongs to */
    struct block_device *device;       /* where it is */
    struct buffer *super_buffer;       /* pinned while it is mounted */
    struct ext2_super *super;          /* in there */
    uint32_t block_bytes, shift;       /* 1 << shift bytes: 1024, 2048, 4096 */
    uint32_t inode_bytes;              /* on the disk */
    uint32_t first_inode;              /* that is not reserved */
    uint32_t incompatible, read_only;  /* features */
    uint32_t groups;                   /* count */
    uint32_t descriptor_block;         /* first block of the group descriptors */
    bool was_valid;                    /* the state when it was mounted */
    bool damaged;                      /* and said so */
    uint32_t last_inode;               /* the last one given out */
    struct node *nodes;                /* in use */
    uint32_t freed_count;              /* of `freed` */
    struct ext2_run freed[EXT2_FREED]; /* not given out again before what referred to them is gone
                                        * from the disk, too */
};

static inline struct ext2 *ext2_of(const struct node *node)
{
    return node->system->data;
}

/* ---- ext2_super.c ---- */

/* Say what is wrong, once; from now on nothing is written. -EIO. */
int32_t ext2_damaged(struct ext2 *ext2, const char *what, uint32_t number);

/* The descriptor of a group, in a pinned buffer. */
int32_t ext2_group(struct ext2 *ext2, uint32_t number, struct buffer **buffer,
                   struct ext2_group **group);

/* ---- ext2_allocate.c ---- */

/* What a bit of a bitmap stands for. */
enum ext2_unit { EXT2_BLOCK, EXT2_INODE, EXT2_DIRECTORY /* an inode that is one */ };

/* Can `block` hold data? Not if it lies outside or in the tables of its group. */
bool ext2_is_data_block(struct ext2 *ext2, uint32_t block);

/* Take one as near behind `goal` as possible; -ENOSPC. And give one back. */
int32_t ext2_allocate(struct ext2 *ext2, enum ext2_unit unit, uint32_t goal, uint32_t *number);
void ext2_free(struct ext2 *ext2, enum ext2_unit unit, uint32_t number);

/* All is on the disk, so freed blocks can be given out. */
int32_t ext2_sync(struct ext2 *ext2);

/* ---- ext2_node.c ---- */

/* The inode `number` as a node, with one more user. */
int32_t ext2_node_get(struct ext2 *ext2, uint32_t number, struct node **node);

/* ---- the others, as in struct node_operations ---- */

void ext2_store(struct node *node, bool now);
void ext2_release(struct node *node);

/* ext2_block.c. The disk's block for block `index` of the file; 0: a hole. With `is_new` it is made
 * if it is one, and that tells so. -ENOSPC. */
int32_t ext2_map(struct node *node, uint32_t index, uint32_t *block, bool *is_new);
void ext2_cut(struct node *node);
int32_t ext2_piece(struct node *node, uint64_t offset, uint32_t bytes, bool write,
                   struct piece *piece);

/* ext2_directory.c. The first block of a new directory below `parent`. */
int32_t ext2_begin_directory(struct node *directory, struct node *parent);
int32_t ext2_lookup(struct node *directory, const char *name, struct node **found);
int32_t ext2_list(struct node *directory, uint64_t position, struct listed *listed);
int32_t ext2_enter(struct node *directory, const char *name, struct node *node);
int32_t ext2_leave(struct node *directory, const char *name);
int32_t ext2_redirect(struct node *directory, const char *name, const char *new_name,
                      struct node *node);
uint8_t ext2_kind(uint32_t mode); /* as entries tell it; 0: there is none such */
