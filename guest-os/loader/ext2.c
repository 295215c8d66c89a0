/* Reading ext2: superblock, group descriptors, inodes, directories, file blocks up to the double
 * indirect ones. Every number that comes from the disk is checked before it is used.
 * See: D. Poirier, "The Second Extended File System". SPDX-License-Identifier: MIT */
#include "loader/loader.h"

#define EXT2_MAGIC        0xEF53
#define ROOT_INODE        2u
#define FEATURE_FILETYPE  0x0002u
#define SUPERBLOCK_SECTOR 2u
#define DIRECT_BLOCKS     12u
#define BLOCK_BYTES_MAX   4096u
#define DESCRIPTOR_BYTES  32u
#define MODE_TYPE         0xF000u
#define MODE_FOLDER       0x4000u
#define MODE_FILE         0x8000u
#define NAME_MAX          255u

struct superblock {
    uint32_t inodes, blocks;        /* in all */
    uint32_t unused_8[3];           /* 8 */
    uint32_t first_block;           /* 20 */
    uint32_t log_block_bytes;       /* 24: 1024 << this */
    uint32_t unused_28;             /* 28 */
    uint32_t blocks_per_group;      /* 32 */
    uint32_t unused_36;             /* 36 */
    uint32_t inodes_per_group;      /* 40 */
    uint32_t unused_44[3];          /* 44 */
    uint16_t magic;                 /* 56 */
    uint16_t unused_58[9];          /* 58 */
    uint32_t revision;              /* 76 */
    uint32_t unused_80;             /* 80 */
    uint32_t first_inode;           /* 84 */
    uint16_t inode_bytes;           /* 88 */
    uint16_t unused_90;             /* 90 */
    uint32_t compatible_features;   /* 92 */
    uint32_t incompatible_features; /* 96 */
    uint8_t unused_100[1024 - 100]; /* 100 */
};
_Static_assert(sizeof(struct superblock) == 1024, "two sectors");

struct inode {
    uint16_t mode;          /* type and rights */
    uint16_t owner;         /* user */
    uint32_t bytes;         /* length */
    uint32_t unused_8[8];   /* 8 */
    uint32_t blocks[15];    /* 40 */
    uint8_t unused_100[28]; /* 100 */
};
_Static_assert(sizeof(struct inode) == 128, "the oldest size; larger ones begin with it");

struct entry {
    uint32_t inode;      /* 0: unused */
    uint16_t bytes;      /* to the next entry */
    uint8_t name_length; /* 0..255 */
    uint8_t type;        /* of the file */
    char name[];         /* without a null byte */
};

/* The open file system. */
static struct {
    uint32_t block_bytes; /* 1024, 2048 or 4096 */
    uint32_t blocks;      /* in all */
    uint32_t inodes;      /* in all */
    uint32_t first_block; /* of the superblock */
    uint32_t per_group;   /* inodes */
    uint32_t inode_bytes; /* 128.. */
} volume;

static uint8_t block_of_inodes[BLOCK_BYTES_MAX];
static uint8_t block_of_file[BLOCK_BYTES_MAX];
static uint8_t block_of_pointers[2][BLOCK_BYTES_MAX];
static uint32_t pointers_block[2]; /* which blocks these are, 0: none */

static void read_blocks(uint32_t block, uint32_t count, void *to, const char *what)
{
    uint32_t sectors = volume.block_bytes / SECTOR_BYTES;

    if (block == 0 || block >= volume.blocks || count > volume.blocks - block) {
        fail("%s: block %u is outside of the file system", what, block);
    }
    disk_read(block * sectors, count * sectors, to);
}

void ext2_open(void)
{
    struct superblock *super = (struct superblock *)block_of_file;

    post_code(POST_LOADER_EXT2);
    disk_read(SUPERBLOCK_SECTOR, sizeof(*super) / SECTOR_BYTES, super);
    if (super->magic != EXT2_MAGIC) {
        fail("no ext2 on drive %xh: magic is %x, not ef53", boot_drive, super->magic);
    }
    if (super->log_block_bytes > 2) {
        fail("ext2 with blocks of more than 4 KiB");
    }
    if (super->revision && (super->incompatible_features & ~FEATURE_FILETYPE)) {
        fail("ext2 with features this loader can not read: %x",
             super->incompatible_features & ~FEATURE_FILETYPE);
    }
    volume.block_bytes = KIB << super->log_block_bytes;
    volume.blocks = super->blocks;
    volume.inodes = super->inodes;
    volume.first_block = super->first_block;
    volume.per_group = super->inodes_per_group;
    volume.inode_bytes = super->revision ? super->inode_bytes : sizeof(struct inode);
    if (volume.per_group == 0 || volume.inode_bytes < sizeof(struct inode) ||
        volume.inode_bytes > volume.block_bytes || volume.blocks < 8 ||
        (volume.inode_bytes & (volume.inode_bytes - 1))) {
        fail("the superblock of ext2 is damaged");
    }
    say("ext2 on drive %xh, %u blocks of %u bytes", boot_drive, volume.blocks, volume.block_bytes);
}

/* ---- inodes ---- */

static void read_inode(uint32_t number, struct file *file)
{
    uint32_t group = (number - 1) / volume.per_group;
    uint32_t place = (number - 1) % volume.per_group;
    uint32_t per_block = volume.block_bytes / DESCRIPTOR_BYTES;
    uint32_t table;
    const struct inode *inode;

    if (number == 0 || number > volume.inodes) {
        fail("%s: inode %u does not exist", file->path, number);
    }
    read_blocks(volume.first_block + 1 + group / per_block, 1, block_of_inodes, file->path);
    memcpy(&table, block_of_inodes + group % per_block * DESCRIPTOR_BYTES + 8, sizeof(table));
    per_block = volume.block_bytes / volume.inode_bytes;
    read_blocks(table + place / per_block, 1, block_of_inodes, file->path);
    inode = (const struct inode *)(block_of_inodes + place % per_block * volume.inode_bytes);
    file->bytes = inode->bytes;
    file->mode = inode->mode;
    memcpy(file->blocks, inode->blocks, sizeof(file->blocks));
}

/* ---- blocks of a file ---- */

/* Entry `index` of the block of pointers `block`, 0 if that is a hole. level: 0 or 1 */
static uint32_t pointer(const struct file *file, uint32_t level, uint32_t block, uint32_t index)
{
    if (block == 0) {
        return 0;
    }
    if (pointers_block[level] != block) {
        read_blocks(block, 1, block_of_pointers[level], file->path);
        pointers_block[level] = block;
    }
    return ((const uint32_t *)block_of_pointers[level])[index];
}

/* The block of the volume that holds block `index` of the file, 0 for a hole. */
static uint32_t block_at(const struct file *file, uint32_t index)
{
    uint32_t per_block = volume.block_bytes / 4;

    if (index < DIRECT_BLOCKS) {
        return file->blocks[index];
    }
    index -= DIRECT_BLOCKS;
    if (index < per_block) {
        return pointer(file, 0, file->blocks[12], index);
    }
    index -= per_block;
    if (index < per_block * per_block) {
        return pointer(file, 1, pointer(file, 0, file->blocks[13], index / per_block),
                       index % per_block);
    }
    fail("%s: longer than this loader can read", file->path);
}

/* How many blocks of the file from `index` on, at most `most`, follow each other on the disk. */
static uint32_t run_length(const struct file *file, uint32_t index, uint32_t most)
{
    uint32_t first = block_at(file, index);
    uint32_t length = 1;

    while (length < most && block_at(file, index + length) == (first ? first + length : 0)) {
        length++;
    }
    return length;
}

static void read_run(const struct file *file, uint32_t index, uint32_t count, void *to)
{
    uint32_t block = block_at(file, index);

    if (block) {
        read_blocks(block, count, to, file->path);
    } else {
        memset(to, 0, count * volume.block_bytes);
    }
}

void ext2_read(const struct file *file, uint32_t offset, uint32_t bytes, void *to)
{
    uint8_t *target = to;

    while (bytes) {
        uint32_t index = offset / volume.block_bytes;
        uint32_t inside = offset % volume.block_bytes;
        uint32_t now;

        if (inside || bytes < volume.block_bytes) { /* a part of a block */
            now = volume.block_bytes - inside;
            now = now < bytes ? now : bytes;
            read_run(file, index, 1, block_of_file);
            memcpy(target, block_of_file + inside, now);
        } else {
            uint32_t count = run_length(file, index, bytes / volume.block_bytes);

            now = count * volume.block_bytes;
            read_run(file, index, count, target);
        }
        target += now;
        offset += now;
        bytes -= now;
    }
}

/* ---- directories ---- */

/* The inode of a name in one block of a directory, 0 if it is not there. */
static uint32_t find_in_block(const struct file *folder, const char *name, uint32_t length)
{
    uint32_t at = 0;

    while (at < volume.block_bytes) {
        const struct entry *entry = (const struct entry *)(block_of_file + at);

        if (entry->bytes < sizeof(*entry) || entry->bytes % 4 ||
            at + entry->bytes > volume.block_bytes ||
            sizeof(*entry) + entry->name_length > entry->bytes) {
            fail("%s: a directory on the way is damaged", folder->path);
        }
        if (entry->inode && entry->name_length == length &&
            memcmp(entry->name, name, length) == 0) {
            return entry->inode;
        }
        at += entry->bytes;
    }
    return 0;
}

static uint32_t find_name(const struct file *folder, const char *name, uint32_t length)
{
    if (folder->bytes / volume.block_bytes > volume.blocks) {
        fail("%s: a directory on the way is damaged", folder->path);
    }
    for (uint32_t i = 0; i < folder->bytes / volume.block_bytes; i++) {
        uint32_t inode;

        read_run(folder, i, 1, block_of_file);
        inode = find_in_block(folder, name, length);
        if (inode) {
            return inode;
        }
    }
    return 0;
}

bool ext2_find(const char *path, struct file *file)
{
    const char *name = path;
    uint32_t inode = ROOT_INODE;

    file->path = path;
    pointers_block[0] = 0;
    pointers_block[1] = 0;
    read_inode(inode, file);
    while (*name) {
        uint32_t length;

        name += strspn(name, "/");
        length = strcspn(name, "/");
        if ((file->mode & MODE_TYPE) != MODE_FOLDER || length > NAME_MAX) {
            return false;
        }
        inode = find_name(file, name, length);
        if (inode == 0) {
            return false;
        }
        read_inode(inode, file);
        name += length;
    }
    if ((file->mode & MODE_TYPE) != MODE_FILE) {
        fail("%s: not an ordinary file", path);
    }
    return true;
}
