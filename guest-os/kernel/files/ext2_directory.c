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

#define ALIGN           4u
#define FILE_KIND(mode) kinds[((mode)&S_IFMT) >> 12]

/* The kinds that entries tell, by S_IF... >> 12; and back. */
static const uint8_t kinds[16] = {[1] = 5, [2] = 3, [4] = 2, [6] = 4, [8] = 1, [10] = 7, [12] = 6};
static const uint16_t modes[8] = {0,       S_IFREG, S_IFDIR,  S_IFCHR,
                                  S_IFBLK, S_IFIFO, S_IFSOCK, S_IFLNK};

/* An entry in its block. */
struct place {
    struct buffer *buffer;     /* pinned */
    struct ext2_entry *entry;  /* in there */
    struct ext2_entry *before; /* the one before it, NULL: it is the first */
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
    bool is_new;
    int32_t result = ext2_map(directory, index, false, &block, &is_new);

    if (result == 0 && block == 0) {
        result = ext2_damaged(ext2, "a directory has a hole", directory->number);
    }
    if (result == 0) {
        result = buffer_read(ext2->device, block, buffer);
    }
    for (uint32_t at = 0; result == 0 && at < ext2->block_bytes;) {
        const struct ext2_entry *entry = (const struct ext2_entry *)((*buffer)->data + at);

        if (entry->bytes < bytes_for(entry->inode == 0 ? 0 : entry->name_bytes) ||
            entry->bytes % ALIGN != 0 || entry->bytes > ext2->block_bytes - at ||
            (entry->inode != 0 && (entry->name_bytes == 0 || entry->inode > ext2->super->inodes))) {
            buffer_put(*buffer);
            result = ext2_damaged(ext2, "a directory's entries", directory->number);
            break;
        }
        at += entry->bytes;
    }
    return result;
}

/* A changed block goes to the disk. */
static int32_t write_block(struct buffer *buffer)
{
    buffer_dirty(buffer);
    return buffer_write(buffer);
}

static struct ext2_entry *next_of(struct ext2_entry *entry)
{
    return (struct ext2_entry *)((uint8_t *)entry + entry->bytes);
}

static bool is_end(const struct buffer *buffer, const struct ext2_entry *entry)
{
    return (const uint8_t *)entry >= buffer->data + buffer->device->block_bytes;
}

static bool has_name(const struct ext2_entry *entry, const char *name, uint32_t bytes)
{
    return entry->inode != 0 && entry->name_bytes == bytes && memcmp(entry->name, name, bytes) == 0;
}

/* The entry `name`; -ENOENT. */
static int32_t find(struct node *directory, const char *name, struct place *place)
{
    uint32_t blocks = (uint32_t)(directory->size >> ext2_of(directory)->shift);
    uint32_t bytes = (uint32_t)strlen(name);

    for (uint32_t i = 0; i < blocks; i++) {
        int32_t result = read_block(directory, i, &place->buffer);

        if (result != 0) {
            return result;
        }
        place->before = NULL;
        for (place->entry = (struct ext2_entry *)place->buffer->data;
             !is_end(place->buffer, place->entry); place->entry = next_of(place->entry)) {
            if (has_name(place->entry, name, bytes)) {
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
    int32_t result = find(directory, name, &place);

    if (result != 0) {
        return result;
    }
    number = place.entry->inode;
    buffer_put(place.buffer);
    return ext2_node_get(ext2_of(directory), number, found);
}

static bool is_dots(const struct ext2_entry *entry)
{
    return has_name(entry, ".", 1) || has_name(entry, "..", 2);
}

/* A position is LIST_FIRST and the offset of an entry. Blocks are walked from their start, as there
 * may be no entry any more where there was one. */
int32_t ext2_list(struct node *directory, uint64_t position, struct listed *listed)
{
    struct ext2 *ext2 = ext2_of(directory);
    uint64_t wanted = position - LIST_FIRST;

    for (uint64_t at = wanted & ~(uint64_t)(ext2->block_bytes - 1); at < directory->size;
         at += ext2->block_bytes) {
        struct buffer *buffer;
        int32_t result = read_block(directory, (uint32_t)(at >> ext2->shift), &buffer);

        if (result != 0) {
            return result;
        }
        for (struct ext2_entry *entry = (struct ext2_entry *)buffer->data; !is_end(buffer, entry);
             entry = next_of(entry)) {
            uint64_t offset = at + (uint64_t)((uint8_t *)entry - buffer->data);

            if (offset >= wanted && entry->inode != 0 && !is_dots(entry)) {
                memcpy(listed->name, entry->name, entry->name_bytes);
                listed->name[entry->name_bytes] = '\0';
                listed->number = entry->inode;
                listed->mode = ext2->has_kinds ? modes[entry->kind & 7] : 0;
                listed->next = offset + entry->bytes + LIST_FIRST;
                buffer_put(buffer);
                return 1;
            }
        }
        buffer_put(buffer);
    }
    return 0;
}

/* ---- new names ---- */

static void fill_in(const struct ext2 *ext2, struct ext2_entry *entry, const char *name,
                    const struct node *node)
{
    entry->inode = node->number;
    entry->name_bytes = (uint8_t)strlen(name);
    entry->kind = ext2->has_kinds ? FILE_KIND(node->mode) : 0;
    memcpy(entry->name, name, entry->name_bytes);
}

/* Put the name where a block has room for it; false: it has none. */
static bool put_into(struct ext2 *ext2, struct buffer *buffer, const char *name,
                     const struct node *node)
{
    uint32_t bytes = bytes_for((uint32_t)strlen(name));

    for (struct ext2_entry *entry = (struct ext2_entry *)buffer->data; !is_end(buffer, entry);
         entry = next_of(entry)) {
        uint32_t used = entry->inode == 0 ? 0 : bytes_for(entry->name_bytes);

        if (entry->bytes - used >= bytes) {
            if (used > 0) {
                struct ext2_entry *rest = (struct ext2_entry *)((uint8_t *)entry + used);

                rest->bytes = (uint16_t)(entry->bytes - used);
                entry->bytes = (uint16_t)used;
                entry = rest;
            }
            fill_in(ext2, entry, name, node);
            return true;
        }
    }
    return false;
}

/* A new block at the end of a directory; `first` and `second` (NULL: none) are its entries. It is
 * written before the directory has it: what was in there before is no directory. */
static int32_t append_block(struct node *directory, const char *first, const struct node *one,
                            const char *second, const struct node *two)
{
    struct ext2 *ext2 = ext2_of(directory);
    struct ext2_entry *entry;
    struct buffer *buffer;
    uint32_t block;
    bool is_new;
    int32_t result =
        ext2_map(directory, (uint32_t)(directory->size >> ext2->shift), true, &block, &is_new);

    if (result != 0) {
        return result;
    }
    result = buffer_zeroed(ext2->device, block, &buffer);
    if (result == 0) {
        entry = (struct ext2_entry *)buffer->data;
        entry->bytes = (uint16_t)ext2->block_bytes;
        fill_in(ext2, entry, first, one);
        if (second != NULL) {
            put_into(ext2, buffer, second, two);
        }
        result = write_block(buffer);
        buffer_put(buffer);
    }
    if (result == 0) {
        directory->size += ext2->block_bytes;
        result = ext2_node_write(directory);
    }
    return result;
}

static int32_t touch(struct node *directory)
{
    directory->ext2.flags &= ~EXT2_INODE_INDEX;
    directory->modified = directory->changed = seconds_now();
    return ext2_node_store(directory);
}

static int32_t add(struct node *directory, const char *name, const struct node *node)
{
    struct ext2 *ext2 = ext2_of(directory);
    uint32_t blocks = (uint32_t)(directory->size >> ext2->shift);
    int32_t result;

    for (uint32_t i = 0; i < blocks; i++) {
        struct buffer *buffer;
        bool done;

        result = read_block(directory, i, &buffer);
        if (result != 0) {
            return result;
        }
        done = put_into(ext2, buffer, name, node);
        result = done ? write_block(buffer) : 0;
        buffer_put(buffer);
        if (done || result != 0) {
            return result == 0 ? touch(directory) : result;
        }
    }
    result = append_block(directory, name, node, NULL, NULL);
    return result == 0 ? touch(directory) : result;
}

/* Give a new node its name; without success it is gone again. The name comes first: a crash between
 * leaves one that leads nowhere, which e2fsck -p takes away, not an inode without a name. */
static int32_t finish(struct node *directory, const char *name, struct node *node, int32_t result)
{
    bool is_directory = S_ISDIR(node->mode);

    if (result == 0 && is_directory) {
        result = append_block(node, ".", node, "..", directory);
    }
    if (result == 0) {
        result = add(directory, name, node);
    }
    if (result == 0) {
        node->links = is_directory ? 2 : 1;
        result = is_directory ? ext2_node_write(node) : ext2_node_store(node);
    }
    if (result == 0 && is_directory) {
        directory->links++;
        result = ext2_node_store(directory);
    }
    return result;
}

int32_t ext2_create(struct node *directory, const char *name, uint32_t mode, uint32_t device,
                    struct node **made)
{
    int32_t result = S_ISDIR(mode) && directory->links >= EXT2_LINK_LIMIT ? -EMLINK : 0;

    *made = NULL;
    if (result == 0) {
        result = ext2_node_make(directory, mode, device, made);
    }
    if (*made != NULL) {
        result = finish(directory, name, *made, result);
        if (result != 0) {
            node_put(*made);
            *made = NULL;
        }
    }
    return result;
}

int32_t ext2_symlink(struct node *directory, const char *name, const char *target)
{
    struct node *made = NULL;
    int32_t result = ext2_node_make(directory, S_IFLNK | 0777, 0, &made);

    if (made != NULL) {
        result = result == 0 ? ext2_link_text(made, target) : result;
        result = finish(directory, name, made, result);
        node_put(made);
    }
    return result;
}

int32_t ext2_link(struct node *directory, const char *name, struct node *node)
{
    int32_t result = node->links >= EXT2_LINK_LIMIT ? -EMLINK : 0;

    if (result == 0) {
        node->links++; /* before the name: rather too many than too few, after a crash */
        node->changed = seconds_now();
        result = ext2_node_store(node);
        if (result == 0) {
            result = add(directory, name, node);
        }
        if (result != 0) {
            node->links--;
            ext2_node_store(node);
        }
    }
    return result;
}

/* ---- names that go ---- */

static int32_t take_out(struct node *directory, const char *name)
{
    struct place place;
    int32_t result = find(directory, name, &place);

    if (result != 0) {
        return result;
    }
    if (place.before != NULL) {
        place.before->bytes = (uint16_t)(place.before->bytes + place.entry->bytes);
    } else {
        place.entry->inode = 0;
    }
    result = write_block(place.buffer);
    buffer_put(place.buffer);
    return result == 0 ? touch(directory) : result;
}

/* `node` has one name fewer, in `directory`. */
static int32_t one_fewer(struct node *directory, struct node *node)
{
    node->changed = seconds_now();
    if (S_ISDIR(node->mode)) {
        node->links = 0;
        directory->links -= directory->links > 2;
        if (ext2_node_store(directory) != 0) {
            return -EIO;
        }
    } else {
        node->links--;
    }
    return ext2_node_write(node);
}

int32_t ext2_remove(struct node *directory, const char *name, struct node *node)
{
    int32_t result = one_fewer(directory, node);

    return result == 0 ? take_out(directory, name) : result;
}

/* The entry `name` has the name `new_name` and leads to `node` from now on. -ENAMETOOLONG: it has
 * no room for that. */
static int32_t redirect(struct node *directory, const char *name, const char *new_name,
                        const struct node *node)
{
    struct place place;
    int32_t result = find(directory, name, &place);

    if (result != 0) {
        return result;
    }
    if (place.entry->bytes < bytes_for((uint32_t)strlen(new_name))) {
        buffer_put(place.buffer);
        return -ENAMETOOLONG;
    }
    fill_in(ext2_of(directory), place.entry, new_name, node);
    result = write_block(place.buffer);
    buffer_put(place.buffer);
    return result == 0 ? touch(directory) : result;
}

/* Give `node` the new name, then take the old one away: a crash between leaves two, not none. */
static int32_t move(struct node *from, const char *from_name, struct node *node, struct node *to,
                    const char *to_name, struct node *over)
{
    int32_t result = over != NULL ? one_fewer(to, over) : 0; /* before its name goes */

    if (result == 0) {
        result = over != NULL ? redirect(to, to_name, to_name, node) : add(to, to_name, node);
    }
    if (result == 0 && S_ISDIR(node->mode) && from != to) {
        to->links++;
        result = ext2_node_store(to);
        if (result == 0) {
            result = redirect(node, "..", "..", to);
        }
        from->links -= from->links > 2;
    }
    return result == 0 ? take_out(from, from_name) : result;
}

int32_t ext2_rename(struct node *from, const char *from_name, struct node *node, struct node *to,
                    const char *to_name, struct node *over)
{
    int32_t result = -ENAMETOOLONG;

    if (S_ISDIR(node->mode) && from != to && to->links >= EXT2_LINK_LIMIT) {
        return -EMLINK;
    }
    if (from == to && over == NULL) { /* where the name has room, one write does it all */
        result = redirect(from, from_name, to_name, node);
    }
    if (result == -ENAMETOOLONG) {
        result = move(from, from_name, node, to, to_name, over);
    }
    if (result == 0) {
        node->changed = seconds_now();
        result = ext2_node_store(node);
    }
    return result;
}
