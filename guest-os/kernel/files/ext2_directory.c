/* Directories of an ext2: their blocks are chains of entries. A new name goes where there is room
 * behind another one; a name that goes leaves its room to the one before it. Indexes of names
 * ("dir_index") are not used: a directory that had one loses it when it changes.
 *
 * What gives and takes names is written at once, all else later in any order: blocks of
 * directories, inodes of new directories and of files without a name. So a crash may lose the last
 * seconds' files, but never leaves one that no name leads to, and e2fsck -p mends the rest.
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/ext2.h"

#define ALIGN 4u

/* The kinds that entries tell, by S_IF... >> 12; and back. */
static const uint8_t kinds[16] = {[1] = 5, [2] = 3, [4] = 2, [6] = 4, [8] = 1, [10] = 7, [12] = 6};
static const uint16_t modes[8] = {0,       S_IFREG, S_IFDIR,  S_IFCHR,
                                  S_IFBLK, S_IFIFO, S_IFSOCK, S_IFLNK};

uint8_t ext2_kind(uint32_t mode)
{
    return kinds[(mode & S_IFMT) >> 12];
}

/* An entry in its block. */
struct place {
    struct buffer *buffer;     /* pinned */
    struct ext2_entry *entry;  /* in there */
    struct ext2_entry *before; /* the one before it, NULL: it is the first */
    uint64_t offset;           /* of the entry in the directory */
};

static uint32_t bytes_for(uint32_t name_bytes)
{
    return (EXT2_ENTRY_HEADER + name_bytes + ALIGN - 1) & ~(ALIGN - 1);
}

/* Block `index` of a directory, with its entries checked: each block is walked through often, and
 * nobody else looks. */
static int32_t read_block(struct node *directory, uint32_t index, struct buffer **buffer)
{
    struct ext2 *ext2 = ext2_of(directory);
    uint32_t block;
    int32_t result = ext2_map(directory, index, &block, NULL);

    if (result == 0 && block == 0) {
        result = ext2_damaged(ext2, "a directory has a hole", directory->number);
    }
    if (result == 0) {
        result = buffer_read(ext2->device, block, buffer);
    }
    for (uint32_t at = 0; result == 0 && at < ext2->block_bytes;) {
        const struct ext2_entry *entry = (const struct ext2_entry *)((*buffer)->data + at);
        uint32_t left = ext2->block_bytes - at;

        if (left < EXT2_ENTRY_HEADER ||
            entry->bytes < bytes_for(entry->inode == 0 ? 0 : entry->name_bytes) ||
            entry->bytes % ALIGN != 0 || entry->bytes > left ||
            (entry->inode != 0 && (entry->name_bytes == 0 || entry->inode > ext2->super->inodes))) {
            buffer_put(*buffer);
            result = ext2_damaged(ext2, "a directory's entries", directory->number);
            break;
        }
        at += entry->bytes;
    }
    return result;
}

/* ---- looking for entries ---- */

static bool has_name(const struct ext2_entry *entry, const char *name)
{
    return entry->inode != 0 && entry->name_bytes == strlen(name) &&
           memcmp(entry->name, name, entry->name_bytes) == 0;
}

/* Is it one to be listed? */
static bool is_name(const struct ext2_entry *entry, const char *name)
{
    (void)name;
    return entry->inode != 0 && !has_name(entry, ".") && !has_name(entry, "..");
}

/* What the entry itself needs; the rest, up to the next one, is free. */
static uint32_t used_by(const struct ext2_entry *entry)
{
    return entry->inode == 0 ? 0 : bytes_for(entry->name_bytes);
}

static bool has_room(const struct ext2_entry *entry, const char *name)
{
    return entry->bytes - used_by(entry) >= bytes_for((uint32_t)strlen(name));
}

/* The first entry from `offset` on that `fits`; -ENOENT. Blocks are walked from their start, as
 * there may be no entry any more where there was one. */
static int32_t find(struct node *directory, uint64_t offset,
                    bool (*fits)(const struct ext2_entry *, const char *), const char *name,
                    struct place *place)
{
    struct ext2 *ext2 = ext2_of(directory);

    for (uint64_t start = offset & ~(uint64_t)(ext2->block_bytes - 1); start < directory->size;
         start += ext2->block_bytes) {
        int32_t result = read_block(directory, (uint32_t)(start >> ext2->shift), &place->buffer);

        if (result != 0) {
            return result;
        }
        place->before = NULL;
        for (uint32_t at = 0; at < ext2->block_bytes; at += place->entry->bytes) {
            place->entry = (struct ext2_entry *)(place->buffer->data + at);
            place->offset = start + at;
            if (place->offset >= offset && fits(place->entry, name)) {
                return 0;
            }
            place->before = place->entry;
        }
        buffer_put(place->buffer);
    }
    return -ENOENT;
}

int32_t ext2_lookup(struct node *directory, const char *name, struct node **found)
{
    struct place place;
    uint32_t number;
    int32_t result = find(directory, 0, has_name, name, &place);

    if (result != 0) {
        return result;
    }
    number = place.entry->inode;
    buffer_put(place.buffer);
    return ext2_node_get(ext2_of(directory), number, found);
}

/* A position is LIST_FIRST and the offset of an entry. */
int32_t ext2_list(struct node *directory, uint64_t position, struct listed *listed)
{
    struct place place;
    int32_t result = find(directory, position - LIST_FIRST, is_name, NULL, &place);

    if (result != 0) {
        return result == -ENOENT ? 0 : result;
    }
    memcpy(listed->name, place.entry->name, place.entry->name_bytes);
    listed->name[place.entry->name_bytes] = '\0';
    listed->number = place.entry->inode;
    listed->mode = ext2_of(directory)->incompatible & EXT2_KINDS ? modes[place.entry->kind & 7] : 0;
    listed->next = place.offset + place.entry->bytes + LIST_FIRST;
    buffer_put(place.buffer);
    return 1;
}

/* ---- changing them ---- */

static void fill_in(const struct ext2 *ext2, struct ext2_entry *entry, const char *name,
                    const struct node *node)
{
    entry->inode = node->number;
    entry->name_bytes = (uint8_t)strlen(name);
    entry->kind = ext2->incompatible & EXT2_KINDS ? ext2_kind(node->mode) : 0;
    memcpy(entry->name, name, entry->name_bytes);
}

/* The changed block goes to the disk. */
static int32_t write_block(struct node *directory, struct buffer *buffer)
{
    int32_t result;

    directory->ext2.flags &= ~EXT2_INODE_INDEX;
    buffer_dirty(buffer);
    result = buffer_write(buffer);
    buffer_put(buffer);
    return result;
}

/* A new block at the end of a directory, with this name. It is written before the directory has
 * it: what was in there before is no directory. */
static int32_t append_block(struct node *directory, const char *name, const struct node *node)
{
    struct ext2 *ext2 = ext2_of(directory);
    struct ext2_entry *entry;
    struct buffer *buffer;
    uint32_t block;
    bool is_new;
    int32_t result =
        ext2_map(directory, (uint32_t)(directory->size >> ext2->shift), &block, &is_new);

    if (result == 0) {
        result = buffer_zeroed(ext2->device, block, &buffer);
    }
    if (result == 0) {
        entry = (struct ext2_entry *)buffer->data;
        entry->bytes = (uint16_t)ext2->block_bytes;
        fill_in(ext2, entry, name, node);
        result = write_block(directory, buffer);
    }
    if (result == 0) {
        directory->size += ext2->block_bytes;
        ext2_store(directory, true);
    }
    return result;
}

int32_t ext2_enter(struct node *directory, const char *name, struct node *node)
{
    struct place place;
    uint32_t used;
    int32_t result = find(directory, 0, has_room, name, &place);

    if (result != 0) {
        return result == -ENOENT ? append_block(directory, name, node) : result;
    }
    used = used_by(place.entry);
    if (used > 0) {
        struct ext2_entry *rest = (struct ext2_entry *)((uint8_t *)place.entry + used);

        rest->bytes = (uint16_t)(place.entry->bytes - used);
        place.entry->bytes = (uint16_t)used;
        place.entry = rest;
    }
    fill_in(ext2_of(directory), place.entry, name, node);
    return write_block(directory, place.buffer);
}

int32_t ext2_begin_directory(struct node *directory, struct node *parent)
{
    int32_t result = append_block(directory, ".", directory);

    return result == 0 ? ext2_enter(directory, "..", parent) : result;
}

int32_t ext2_leave(struct node *directory, const char *name)
{
    struct place place;
    int32_t result = find(directory, 0, has_name, name, &place);

    if (result != 0) {
        return result;
    }
    if (place.before != NULL) {
        place.before->bytes = (uint16_t)(place.before->bytes + place.entry->bytes);
    } else {
        place.entry->inode = 0;
    }
    return write_block(directory, place.buffer);
}

int32_t ext2_redirect(struct node *directory, const char *name, const char *new_name,
                      struct node *node)
{
    struct place place;
    int32_t result = find(directory, 0, has_name, name, &place);

    if (result != 0) {
        return result;
    }
    if (place.entry->bytes < bytes_for((uint32_t)strlen(new_name))) {
        buffer_put(place.buffer);
        return -ENAMETOOLONG;
    }
    fill_in(ext2_of(directory), place.entry, new_name, node);
    return write_block(directory, place.buffer);
}
