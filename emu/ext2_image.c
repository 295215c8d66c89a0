/* Reading ext2.
 * SPDX-License-Identifier: MIT */
#include "emu/ext2_image.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUPER_OFFSET  1024u
#define SUPER_BYTES   1024u
#define MAGIC         0xEF53u
#define ROOT          2u
#define GROUP_BYTES   32u
#define DIRECT_BLOCKS 12u
#define POINTERS      15u
#define INODE_BYTES   128u /* of an inode that are looked at */
#define MODE_TYPE     0xF000u
#define MODE_REGULAR  0x8000u
#define MODE_FOLDER   0x4000u
#define MODE_LINK     0xA000u
#define LINKS_MAX     8u
#define PATH_BYTES    1024u
#define FOLDER_LIMIT  (4u << 20)

struct volume {
    const struct ext2_image *image;
    const char *path; /* for messages */
    struct err *err;
    uint32_t block_bytes; /* 1024..65536 */
    uint32_t inodes;
    uint32_t inodes_per_group;
    uint32_t inode_bytes;
    uint64_t groups_offset; /* of the descriptors, bytes */
};

struct inode {
    uint32_t mode;
    uint64_t size; /* bytes */
    uint32_t blocks[POINTERS];
};

static uint32_t get(const uint8_t *bytes, uint32_t offset, uint32_t size)
{
    uint32_t value = 0;

    for (uint32_t i = size; i-- > 0;) {
        value = value << 8 | bytes[offset + i];
    }
    return value;
}

static bool wrong(const struct volume *volume, const char *what)
{
    return err_set(volume->err, "%.300s: %s", volume->path, what);
}

static bool volume_open(struct volume *volume)
{
    uint8_t super[SUPER_BYTES];
    uint32_t shift;

    if (!volume->image->read(volume->image->context, SUPER_OFFSET, super, sizeof(super)) ||
        get(super, 56, 2) != MAGIC) {
        return wrong(volume, "there is no ext2 file system on this disk");
    }
    shift = get(super, 24, 4);
    volume->inodes = get(super, 0, 4);
    volume->inodes_per_group = get(super, 40, 4);
    volume->inode_bytes = get(super, 76, 4) >= 1 ? get(super, 88, 2) : INODE_BYTES;
    if (shift > 6 || volume->inodes_per_group == 0 || volume->inode_bytes < INODE_BYTES ||
        volume->inode_bytes > 4096) {
        return wrong(volume, "the disk's ext2 superblock is damaged");
    }
    volume->block_bytes = 1024u << shift;
    volume->groups_offset = ((uint64_t)get(super, 20, 4) + 1) * volume->block_bytes;
    return true;
}

static bool inode_read(const struct volume *volume, uint32_t number, struct inode *inode)
{
    uint8_t group[GROUP_BYTES];
    uint8_t bytes[INODE_BYTES];
    uint32_t index = number - 1;
    uint64_t place;

    if (number == 0 || number > volume->inodes ||
        !volume->image->read(volume->image->context,
                             volume->groups_offset +
                                 (uint64_t)(index / volume->inodes_per_group) * GROUP_BYTES,
                             group, sizeof(group))) {
        return wrong(volume, "the file system on the disk is damaged");
    }
    place = (uint64_t)get(group, 8, 4) * volume->block_bytes +
            (uint64_t)(index % volume->inodes_per_group) * volume->inode_bytes;
    if (!volume->image->read(volume->image->context, place, bytes, sizeof(bytes))) {
        return wrong(volume, "the file system on the disk is damaged");
    }
    inode->mode = get(bytes, 0, 2);
    inode->size = get(bytes, 4, 4);
    if ((inode->mode & MODE_TYPE) == MODE_REGULAR) {
        inode->size |= (uint64_t)get(bytes, 108, 4) << 32;
    }
    for (uint32_t i = 0; i < POINTERS; i++) {
        inode->blocks[i] = get(bytes, 40 + 4 * i, 4);
    }
    return true;
}

/* The block of the disk with block `index` of the file; 0: a hole. */
static bool block_find(const struct volume *volume, const struct inode *inode, uint64_t index,
                       uint32_t *block)
{
    uint64_t pointers = volume->block_bytes / 4;
    uint64_t span = 1;
    uint32_t level = 0;

    if (index < DIRECT_BLOCKS) {
        *block = inode->blocks[index];
        return true;
    }
    index -= DIRECT_BLOCKS;
    for (level = 1; level <= 3; level++) {
        span *= pointers;
        if (index < span) {
            break;
        }
        index -= span;
    }
    if (level > 3) {
        return wrong(volume, "the file on the disk is damaged");
    }
    *block = inode->blocks[DIRECT_BLOCKS + level - 1];
    for (; level > 0 && *block; level--) {
        uint8_t pointer[4];

        span /= pointers;
        if (!volume->image->read(volume->image->context,
                                 (uint64_t)*block * volume->block_bytes + index / span * 4, pointer,
                                 4)) {
            return wrong(volume, "the file on the disk is damaged");
        }
        *block = get(pointer, 0, 4);
        index %= span;
    }
    return true;
}

static bool content_read(const struct volume *volume, const struct inode *inode, uint64_t limit,
                         uint8_t **bytes)
{
    if (inode->size > limit) {
        return wrong(volume, "the file is larger than can be copied");
    }
    *bytes = calloc(1, (size_t)inode->size + 1);
    if (!*bytes) {
        return wrong(volume, "no memory");
    }
    for (uint64_t at = 0; at < inode->size; at += volume->block_bytes) {
        uint64_t left = inode->size - at;
        uint32_t count = left < volume->block_bytes ? (uint32_t)left : volume->block_bytes;
        uint32_t block = 0;

        if (!block_find(volume, inode, at / volume->block_bytes, &block) ||
            (block &&
             !volume->image->read(volume->image->context, (uint64_t)block * volume->block_bytes,
                                  *bytes + at, count) &&
             !wrong(volume, "the file on the disk is damaged"))) {
            free(*bytes);
            return false;
        }
    }
    return true;
}

/* The inode of a name in a folder. */
static bool folder_find(const struct volume *volume, const struct inode *folder, const char *name,
                        size_t length, uint32_t *number)
{
    uint8_t *bytes;
    uint64_t size = folder->size;

    *number = 0;
    if ((folder->mode & MODE_TYPE) != MODE_FOLDER) {
        return wrong(volume, "a part of the path is no directory");
    }
    if (!content_read(volume, folder, FOLDER_LIMIT, &bytes)) {
        return false;
    }
    for (uint64_t at = 0; at + 8 <= size && !*number;) {
        uint32_t record = get(bytes, (uint32_t)at + 4, 2);
        uint32_t name_bytes = bytes[at + 6];

        if (record < 8 || at + record > size || name_bytes + 8 > record) {
            break;
        }
        if (name_bytes == length && memcmp(bytes + at + 8, name, length) == 0) {
            *number = get(bytes, (uint32_t)at, 4);
        }
        at += record;
    }
    free(bytes);
    return *number || wrong(volume, "no such file on the disk");
}

/* What a symbolic link says, followed by the rest of the path. */
static bool link_follow(const struct volume *volume, const struct inode *inode, const char *rest,
                        char *path)
{
    uint8_t *bytes = NULL;
    char text[PATH_BYTES];
    uint8_t inside[4 * POINTERS];
    int length;

    for (uint32_t i = 0; i < POINTERS; i++) {
        for (uint32_t k = 0; k < 4; k++) {
            inside[4 * i + k] = (uint8_t)(inode->blocks[i] >> (8 * k));
        }
    }
    if (inode->size >= sizeof(inside) && !content_read(volume, inode, PATH_BYTES / 2, &bytes)) {
        return false;
    }
    length = snprintf(text, sizeof(text), "%.*s%s", (int)inode->size,
                      (const char *)(bytes ? bytes : inside), rest);
    free(bytes);
    if (length < 0 || (size_t)length >= sizeof(text)) {
        return wrong(volume, "a symbolic link is too long");
    }
    memcpy(path, text, sizeof(text));
    return true;
}

static bool walk(const struct volume *volume, const char *from, struct inode *inode)
{
    char path[PATH_BYTES];
    char *at = path;
    uint32_t links = 0;
    struct inode folder;

    if ((size_t)snprintf(path, sizeof(path), "%s", from) >= sizeof(path)) {
        return wrong(volume, "the path is too long");
    }
    if (!inode_read(volume, ROOT, inode)) {
        return false;
    }
    for (;;) {
        size_t length;
        uint32_t number;

        at += strspn(at, "/");
        if (!*at) {
            return true;
        }
        length = strcspn(at, "/");
        folder = *inode;
        if (!folder_find(volume, &folder, at, length, &number) ||
            !inode_read(volume, number, inode)) {
            return false;
        }
        at += length;
        if ((inode->mode & MODE_TYPE) == MODE_LINK) {
            char rest[PATH_BYTES];

            snprintf(rest, sizeof(rest), "%s", at);
            if (++links > LINKS_MAX) {
                return wrong(volume, "too many symbolic links");
            }
            if (!link_follow(volume, inode, rest, path)) {
                return false;
            }
            at = path;
            *inode = folder;
            if (path[0] == '/' && !inode_read(volume, ROOT, inode)) {
                return false;
            }
        }
    }
}

bool ext2_image_file(const struct ext2_image *image, const char *path, uint64_t limit,
                     uint8_t **bytes, size_t *size, struct err *err)
{
    struct volume volume = {.image = image, .path = path, .err = err};
    struct inode inode;

    if (path[0] != '/') {
        return wrong(&volume, "must be an absolute path of the guest");
    }
    if (!volume_open(&volume) || !walk(&volume, path, &inode)) {
        return false;
    }
    if ((inode.mode & MODE_TYPE) != MODE_REGULAR) {
        return wrong(&volume, "is no regular file");
    }
    *size = (size_t)inode.size;
    return content_read(&volume, &inode, limit, bytes);
}
