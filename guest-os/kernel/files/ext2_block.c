/* Where the blocks of an ext2 file are. An inode has the numbers of its first 12 blocks, then that
 * of a block of numbers, of a block of numbers of such blocks, and of one with three levels:
 *
 *   blocks[0..11]   data
 *   blocks[12]      -> numbers -> data
 *   blocks[13]      -> numbers -> numbers -> data
 *   blocks[14]      -> numbers -> numbers -> numbers -> data
 *
 * The number 0 stands for zeros that take no room. SPDX-License-Identifier: MIT */
#include "files/ext2.h"

#define LEVELS 3 /* of blocks of numbers */

/* The way to a block: the index in the inode, then those in the blocks of numbers. */
struct way {
    uint32_t steps; /* 1..LEVELS + 1 */
    uint32_t index[LEVELS + 1];
};

/* No file is larger than that: system->size_limit. */
static void find_way(const struct ext2 *ext2, uint32_t index, struct way *way)
{
    uint32_t shift = ext2->shift - 2; /* numbers in a block */
    uint32_t levels = 1;

    *way = (struct way){1, {index}};
    if (index < EXT2_DIRECT) {
        return;
    }
    index -= EXT2_DIRECT;
    while (index >> (shift * levels) != 0) {
        index -= 1u << (shift * levels);
        levels++;
    }
    way->steps = levels + 1;
    way->index[0] = EXT2_DIRECT + levels - 1;
    for (uint32_t i = 1; i <= levels; i++) {
        way->index[i] = index >> (shift * (levels - i)) & ((1u << shift) - 1);
    }
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
    int32_t result = ext2_allocate(ext2, EXT2_BLOCK, goal_of(node, numbers, index), &block);

    if (result == 0 && of_numbers) {
        result = buffer_zeroed(ext2->device, block, &buffer);
        if (result == 0) {
            result = buffer_write(buffer);
            buffer_put(buffer);
        }
        if (result != 0) {
            ext2_free(ext2, EXT2_BLOCK, block);
        }
    }
    if (result == 0) {
        numbers[index] = block;
        node->sectors += ext2->block_bytes / EXT2_SECTOR;
    }
    return result;
}

/* The numbers in the block that numbers[index] refers to. */
static int32_t read_numbers(struct node *node, uint32_t block, struct buffer **buffer)
{
    struct ext2 *ext2 = ext2_of(node);

    return ext2_is_data_block(ext2, block)
               ? buffer_read(ext2->device, block, buffer)
               : ext2_damaged(ext2, "an inode has a wrong block number", node->number);
}

int32_t ext2_map(struct node *node, uint32_t index, uint32_t *block, bool *is_new)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t *numbers = node->ext2.blocks;
    struct buffer *buffer = NULL; /* with `numbers`; NULL: they are the inode's */
    struct way way;

    find_way(ext2, index, &way);
    for (uint32_t step = 0; step < way.steps; step++) {
        uint32_t at = way.index[step];
        bool is_made = numbers[at] == 0 && is_new != NULL, is_last = step == way.steps - 1;
        int32_t result = is_made ? make_block(node, numbers, at, !is_last) : 0;

        if (result == 0 && is_made && buffer != NULL) {
            buffer_dirty(buffer);
            result = S_ISDIR(node->mode) ? buffer_write(buffer) : 0;
        }
        *block = result == 0 ? numbers[at] : 0;
        if (is_new != NULL) {
            *is_new = is_made;
        }
        if (buffer != NULL) {
            buffer_put(buffer);
            buffer = NULL;
        }
        if (*block == 0) {
            return result; /* a hole, or an error */
        }
        if (!is_last) {
            result = read_numbers(node, *block, &buffer);
            if (result != 0) {
                return result;
            }
            numbers = (uint32_t *)buffer->data;
        }
    }
    return ext2_is_data_block(ext2, *block)
               ? 0
               : ext2_damaged(ext2, "an inode has a wrong block number", node->number);
}

/* ---- making shorter ---- */

/* Free from the file's block `first` on what *number leads to, which is `level` levels of numbers
 * above the data. */
static void cut(struct node *node, uint32_t *number, uint32_t level, uint32_t first)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t shift = ext2->shift - 2;
    struct buffer *buffer;

    if (*number == 0 || (level > 0 && read_numbers(node, *number, &buffer) != 0)) {
        return;
    }
    if (level > 0) {
        for (uint32_t i = first >> (shift * (level - 1)); i < 1u << shift; i++) {
            uint32_t low = i << (shift * (level - 1));

            cut(node, (uint32_t *)buffer->data + i, level - 1, first > low ? first - low : 0);
        }
        buffer_dirty(buffer);
        buffer_put(buffer);
    }
    if (first == 0) {
        ext2_free(ext2, EXT2_BLOCK, *number);
        *number = 0;
        node->sectors -= ext2->block_bytes / EXT2_SECTOR;
    }
}

void ext2_cut(struct node *node)
{
    const struct ext2 *ext2 = ext2_of(node);
    uint32_t first = (uint32_t)((node->size + ext2->block_bytes - 1) >> ext2->shift);
    uint32_t shift = ext2->shift - 2, low = EXT2_DIRECT;

    for (uint32_t i = first; i < EXT2_DIRECT; i++) {
        cut(node, &node->ext2.blocks[i], 0, 0);
    }
    for (uint32_t level = 1; level <= LEVELS; level++) {
        uint32_t inside = first > low ? first - low : 0;

        if (inside >> (shift * level) == 0) {
            cut(node, &node->ext2.blocks[EXT2_DIRECT + level - 1], level, inside);
        }
        low += 1u << (shift * level);
    }
}

/* ---- data ---- */

/* The text of a short link is in the inode, where others have the numbers of blocks. */
static int32_t link_piece(struct node *node, uint32_t offset, struct piece *piece)
{
    piece->data = (uint8_t *)node->ext2.blocks + offset;
    piece->bytes = sizeof(node->ext2.blocks) - offset;
    return 0;
}

int32_t ext2_piece(struct node *node, uint64_t offset, uint32_t bytes, bool write,
                   struct piece *piece)
{
    struct ext2 *ext2 = ext2_of(node);
    uint32_t inside = (uint32_t)offset & (ext2->block_bytes - 1), block;
    bool is_new = false;
    int32_t result;

    if (S_ISLNK(node->mode) && node->size < sizeof(node->ext2.blocks)) {
        return link_piece(node, (uint32_t)offset, piece);
    }
    if (S_ISLNK(node->mode) && write && node->size >= ext2->block_bytes) {
        return -ENAMETOOLONG;
    }
    result = ext2_map(node, (uint32_t)(offset >> ext2->shift), &block, write ? &is_new : NULL);
    piece->bytes = ext2->block_bytes - inside;
    if (result != 0 || block == 0) {
        return result;
    }
    result = is_new || (write && bytes >= ext2->block_bytes && inside == 0)
                 ? buffer_zeroed(ext2->device, block, &piece->buffer)
                 : buffer_read(ext2->device, block, &piece->buffer);
    piece->data = result == 0 ? piece->buffer->data + inside : NULL;
    return result;
}
