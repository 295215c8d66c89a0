/* Where the blocks of an ext2 file are. An inode has the numbers of its first 12 blocks, then that
 * of a block of numbers, of a block of numbers of such blocks, and of one with three levels:
 *
 *   blocks[0..11]   data
 *   blocks[12]      -> numbers -> data
 *   blocks[13]      -> numbers -> numbers -> data
 *   blocks[14]      -> numbers -> numbers -> numbers -> data
 *
 * The number 0 stands for zeros that take no room. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/ext2.h"

#define LEVELS     3 /* of blocks of numbers */
#define LARGE_SIZE 0x7FFFFFFFull

/* The way to a block: the index in the inode, then those in the blocks of numbers. */
struct way {
    uint32_t steps; /* 1..LEVELS + 1 */
    uint32_t index[LEVELS + 1];
};

/* False: no file is that large. */
static bool find_way(const struct ext2 *ext2, uint32_t index, struct way *way)
{
    uint32_t shift = ext2->shift - 2; /* numbers in a block */

    *way = (struct way){1, {index}};
    if (index < EXT2_DIRECT) {
        return true;
    }
    index -= EXT2_DIRECT;
    for (uint32_t levels = 1; levels <= LEVELS; levels++) {
        if (index >> (shift * levels) == 0) {
            way->steps = levels + 1;
            way->index[0] = EXT2_DIRECT + levels - 1;
            for (uint32_t i = 1; i <= levels; i++) {
                way->index[i] = index >> (shift * (levels - i)) & ((1u << shift) - 1);
            }
            return true;
        }
        index -= 1u << (shift * levels);
    }
    return false;
}

/* Where to look for a free block: behind the one before, or in the inode's own group. */
static uint32_t goal_of(const struct node *node, const uint32_t *numbers, uint32_t index)
{
    const struct ext2_super *super = ext2_of(node)->super;

    if (index > 0 && numbers[index - 1] != 0) {
        return numbers[index - 1] + 1;
    }
    return super->first_block +
           (node->number - 1) / super->inodes_in_group * super->blocks_in_group;
}

/* Make the block numbers[index] is to refer to. One of numbers is written before anything refers to
 * it: what was there before would be taken for numbers after a crash. */
static int32_t make_block(struct node *node, uint32_t *numbers, uint32_t index, bool of_numbers)
{
    struct ext2 *ext2 = ext2_of(node);
    struct buffer *buffer;
    uint32_t block;
    int32_t result = ext2_block_allocate(ext2, goal_of(node, numbers, index), &block);

    if (result == 0 && of_numbers) {
        result = buffer_zeroed(ext2->device, block, &buffer);
        if (result == 0) {
            result = buffer_write(buffer);
            buffer_put(buffer);
        }
        if (result != 0) {
            ext2_block_free(ext2, block);
        }
    }
    if (result == 0) {
        numbers[index] = block;
        node->sectors += ext2->block_bytes / EXT2_SECTOR;
    }
    return result;
}

int32_t ext2_map(struct node *node, uint32_t index, bool create, uint32_t *block, bool *is_new)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t *numbers = node->ext2.blocks;
    struct buffer *buffer = NULL; /* with `numbers`; NULL: they are the inode's */
    int32_t result = 0;
    struct way way;

    *block = 0;
    *is_new = false;
    if (!find_way(ext2, index, &way)) {
        return -EFBIG;
    }
    for (uint32_t step = 0; step < way.steps && result == 0; step++) {
        bool is_last = step == way.steps - 1;
        uint32_t at = way.index[step];

        if (numbers[at] == 0 && create) {
            result = make_block(node, numbers, at, !is_last);
            *is_new = is_last;
            if (result == 0 && buffer != NULL) {
                buffer_dirty(buffer);
                result = S_ISDIR(node->mode) ? buffer_write(buffer) : 0;
            }
        }
        *block = result == 0 ? numbers[at] : 0;
        if (buffer != NULL) {
            buffer_put(buffer);
            buffer = NULL;
        }
        if (*block == 0) {
            return result; /* a hole, or an error */
        }
        if (!ext2_is_data_block(ext2, *block)) {
            return ext2_damaged(ext2, "an inode has a wrong block number", node->number);
        }
        if (!is_last) {
            result = buffer_read(ext2->device, *block, &buffer);
            numbers = result == 0 ? (uint32_t *)buffer->data : NULL;
        }
    }
    return result;
}

/* ---- making shorter ---- */

/* Free from the file's block `first` on what *number leads to, which is `level` levels of numbers
 * above the data. */
static int32_t cut(struct node *node, uint32_t *number, uint32_t level, uint32_t first)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t shift = ext2->shift - 2;
    struct buffer *buffer;
    int32_t result = 0;

    if (*number == 0) {
        return 0;
    }
    if (level > 0) {
        result = ext2_is_data_block(ext2, *number)
                     ? buffer_read(ext2->device, *number, &buffer)
                     : ext2_damaged(ext2, "an inode has a wrong block number", node->number);
        if (result != 0) {
            return result;
        }
        for (uint32_t i = first >> (shift * (level - 1)); i < 1u << shift && result == 0; i++) {
            uint32_t low = i << (shift * (level - 1));
            uint32_t *inner = (uint32_t *)buffer->data + i;

            if (*inner != 0) {
                result = cut(node, inner, level - 1, first > low ? first - low : 0);
                buffer_dirty(buffer);
            }
        }
        buffer_put(buffer);
    }
    if (result == 0 && first == 0) {
        result = ext2_block_free(ext2, *number);
        if (result == 0) {
            *number = 0;
            node->sectors -= ext2->block_bytes / EXT2_SECTOR;
        }
    }
    return result;
}

/* Free all blocks from the file's block `first` on. */
static int32_t cut_all(struct node *node, uint32_t first)
{
    uint32_t shift = ext2_of(node)->shift - 2, low = EXT2_DIRECT;
    int32_t result = 0;

    for (uint32_t i = first; i < EXT2_DIRECT && result == 0; i++) {
        result = cut(node, &node->ext2.blocks[i], 0, 0);
    }
    for (uint32_t level = 1; level <= LEVELS && result == 0; level++) {
        uint32_t inside = first > low ? first - low : 0;

        if (inside >> (shift * level) == 0) {
            result = cut(node, &node->ext2.blocks[EXT2_DIRECT + level - 1], level, inside);
        }
        low += 1u << (shift * level);
    }
    return result;
}

/* What lies behind `size` in its block becomes zeros. */
static int32_t clear_rest(struct node *node, uint64_t size)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t inside = (uint32_t)size & (ext2->block_bytes - 1), block;
    struct buffer *buffer;
    bool is_new;
    int32_t result = ext2_map(node, (uint32_t)(size >> ext2->shift), false, &block, &is_new);

    if (inside == 0 || result != 0 || block == 0) {
        return inside == 0 ? 0 : result;
    }
    result = buffer_read(ext2->device, block, &buffer);
    if (result == 0) {
        memset(buffer->data + inside, 0, ext2->block_bytes - inside);
        buffer_dirty(buffer);
        buffer_put(buffer);
    }
    return result;
}

/* Can a file have this size? Above 2 GiB the file system must say that it has such files. */
static int32_t check_size(struct ext2 *ext2, uint64_t size)
{
    struct way way;

    if (size >> ext2->shift > UINT32_MAX ||
        (size > 0 && !find_way(ext2, (uint32_t)((size - 1) >> ext2->shift), &way)) ||
        (size > LARGE_SIZE && ext2->super->revision == 0)) {
        return -EFBIG;
    }
    if (size > LARGE_SIZE && (ext2->super->read_only & EXT2_RO_LARGE_FILE) == 0) {
        ext2->super->read_only |= EXT2_RO_LARGE_FILE;
        buffer_dirty(ext2->super_buffer);
    }
    return 0;
}

int32_t ext2_truncate(struct node *node, uint64_t size)
{
    struct ext2 *ext2 = ext2_of(node);
    uint64_t blocks = (size + ext2->block_bytes - 1) >> ext2->shift;
    int32_t result = check_size(ext2, size);

    if (result != 0) {
        return result;
    }
    if (size < node->size) {
        result = clear_rest(node, size);
        node->size = size;
        if (result == 0) {
            result = cut_all(node, (uint32_t)blocks);
        }
    }
    node->size = size;
    node->modified = node->changed = seconds_now();
    return ext2_node_store(node) != 0 ? -EIO : result;
}

/* ---- data ---- */

int32_t ext2_read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t done = 0;

    if (offset >= node->size) {
        return 0;
    }
    bytes = bytes < node->size - offset ? bytes : (uint32_t)(node->size - offset);
    while (done < bytes) {
        uint32_t inside = (uint32_t)(offset + done) & (ext2->block_bytes - 1);
        uint32_t left = ext2->block_bytes - inside, block;
        uint32_t part = left < bytes - done ? left : bytes - done;
        struct buffer *buffer;
        bool is_new;
        int32_t result =
            ext2_map(node, (uint32_t)((offset + done) >> ext2->shift), false, &block, &is_new);

        if (result == 0 && block == 0) {
            memset((uint8_t *)to + done, 0, part);
        } else if (result == 0 && (result = buffer_read(ext2->device, block, &buffer)) == 0) {
            memcpy((uint8_t *)to + done, buffer->data + inside, part);
            buffer_put(buffer);
        }
        if (result != 0) {
            return done > 0 ? (int32_t)done : result;
        }
        done += part;
    }
    return (int32_t)done;
}

/* At most one block. */
static int32_t write_part(struct node *node, uint64_t offset, const uint8_t *from, uint32_t bytes)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t inside = (uint32_t)offset & (ext2->block_bytes - 1), block;
    struct buffer *buffer;
    bool is_new;
    int32_t result = ext2_map(node, (uint32_t)(offset >> ext2->shift), true, &block, &is_new);

    if (result != 0) {
        return result;
    }
    result = is_new || bytes == ext2->block_bytes ? buffer_zeroed(ext2->device, block, &buffer)
                                                  : buffer_read(ext2->device, block, &buffer);
    if (result == 0) {
        memcpy(buffer->data + inside, from, bytes);
        buffer_dirty(buffer);
        result = S_ISLNK(node->mode) ? buffer_write(buffer) : 0; /* a link leads somewhere */
        buffer_put(buffer);
    }
    return result;
}

int32_t ext2_write(struct node *node, uint64_t offset, const void *from, uint32_t bytes)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t done = 0;
    int32_t result = bytes == 0 ? 0 : check_size(ext2, offset + bytes);

    while (done < bytes && result == 0) {
        uint32_t left = ext2->block_bytes - ((uint32_t)(offset + done) & (ext2->block_bytes - 1));
        uint32_t part = left < bytes - done ? left : bytes - done;

        result = write_part(node, offset + done, (const uint8_t *)from + done, part);
        done += result == 0 ? part : 0;
    }
    if (done > 0) {
        node->size = offset + done > node->size ? offset + done : node->size;
        node->modified = node->changed = seconds_now();
    }
    if (bytes > 0 && ext2_node_store(node) != 0) { /* blocks may be new, even if all failed */
        return -EIO;
    }
    return done > 0 ? (int32_t)done : result;
}
