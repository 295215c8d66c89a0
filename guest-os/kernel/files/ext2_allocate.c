/* Which blocks and inodes of an ext2 are in use: two bitmaps in each group, and counts of what is
 * free in its descriptor and in the superblock. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/ext2.h"
#include "heart/process.h"

/* ---- bitmaps ---- */

static bool bit_is_set(const struct buffer *bitmap, uint32_t bit)
{
    return bitmap->data[bit / 8] >> bit % 8 & 1;
}

static void flip_bit(struct buffer *bitmap, uint32_t bit)
{
    bitmap->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    buffer_dirty(bitmap);
}

/* The first clear bit of first..end - 1, or `end`. */
static uint32_t find_clear(const struct buffer *bitmap, uint32_t first, uint32_t end)
{
    while (first < end && bit_is_set(bitmap, first)) {
        first += first % 8 == 0 && bitmap->data[first / 8] == 0xFF ? 8 : 1;
    }
    return first < end ? first : end;
}

static uint32_t first_of(const struct ext2 *ext2, uint32_t group)
{
    return ext2->super->first_block + group * ext2->super->blocks_in_group;
}

static uint32_t blocks_of(const struct ext2 *ext2, uint32_t group)
{
    uint32_t left = ext2->super->blocks - first_of(ext2, group);

    return left < ext2->super->blocks_in_group ? left : ext2->super->blocks_in_group;
}

bool ext2_is_data_block(struct ext2 *ext2, uint32_t block)
{
    uint32_t table_blocks = ext2->super->inodes_in_group * ext2->inode_bytes >> ext2->shift;
    struct ext2_group *group;
    struct buffer *buffer;
    bool is_data;

    if (block <= ext2->descriptor_block + ((ext2->groups * sizeof(*group) - 1) >> ext2->shift) ||
        block >= ext2->super->blocks ||
        ext2_group(ext2, (block - ext2->super->first_block) / ext2->super->blocks_in_group, &buffer,
                   &group) != 0) {
        return false;
    }
    is_data = block != group->block_bitmap && block != group->inode_bitmap &&
              block - group->inode_table >= table_blocks;
    buffer_put(buffer);
    return is_data;
}

/* ---- blocks that were free a moment ago ---- */

static const struct ext2_run *freed_run(const struct ext2 *ext2, uint32_t block)
{
    for (uint32_t i = 0; i < ext2->freed_count; i++) {
        if (block - ext2->freed[i].first < ext2->freed[i].count) {
            return &ext2->freed[i];
        }
    }
    return NULL;
}

static int32_t note_freed(struct ext2 *ext2, uint32_t block)
{
    int32_t result = 0;

    if (ext2->freed_count > 0) {
        struct ext2_run *last = &ext2->freed[ext2->freed_count - 1];

        if (block == last->first + last->count) {
            last->count++;
            return 0;
        }
    }
    if (ext2->freed_count == EXT2_FREED) {
        result = ext2_sync(ext2);
    }
    ext2->freed[ext2->freed_count++] = (struct ext2_run){block, 1};
    return result;
}

int32_t ext2_sync(struct ext2 *ext2)
{
    ext2->freed_count = 0; /* what is freed while we sleep is noted anew */
    return buffers_sync(ext2->device);
}

/* ---- blocks ---- */

/* Take a block of this group, from block number `goal` on if that is in it; *block 0: none. */
static int32_t take_in_group(struct ext2 *ext2, uint32_t number, uint32_t goal, uint32_t *block)
{
    uint32_t first = first_of(ext2, number), count = blocks_of(ext2, number);
    uint32_t bit = goal - first < count ? goal - first : 0;
    struct ext2_group *group;
    struct buffer *buffer, *bitmap;
    int32_t result = ext2_group(ext2, number, &buffer, &group);

    *block = 0;
    if (result != 0) {
        return result;
    }
    if (group->free_blocks == 0) {
        buffer_put(buffer);
        return 0;
    }
    result = buffer_read(ext2->device, group->block_bitmap, &bitmap);
    if (result == 0) {
        const struct ext2_run *run = NULL;

        for (bit = find_clear(bitmap, bit, count);
             bit < count && (run = freed_run(ext2, first + bit)) != NULL;
             bit = find_clear(bitmap, run->first + run->count - first, count)) {}
        if (bit < count) {
            flip_bit(bitmap, bit);
            group->free_blocks--;
            buffer_dirty(buffer);
            *block = first + bit;
        }
        buffer_put(bitmap);
    }
    buffer_put(buffer);
    return result;
}

/* Look in the goal's group from the goal on, in all others, and in the goal's from its start. */
static int32_t take_anywhere(struct ext2 *ext2, uint32_t goal, uint32_t *block)
{
    uint32_t start = (goal - ext2->super->first_block) / ext2->super->blocks_in_group;
    int32_t result = 0;

    *block = 0;
    for (uint32_t i = 0; i <= ext2->groups && result == 0 && *block == 0; i++) {
        result = take_in_group(ext2, (start + i) % ext2->groups, i == 0 ? goal : 0, block);
    }
    return result;
}

int32_t ext2_block_allocate(struct ext2 *ext2, uint32_t goal, uint32_t *block)
{
    struct ext2_super *super = ext2->super;
    int32_t result;

    if (super->free_blocks <= (current->euid == 0 ? 0 : super->reserved_blocks)) {
        return -ENOSPC;
    }
    goal = goal > super->first_block && goal < super->blocks ? goal : super->first_block;
    result = take_anywhere(ext2, goal, block);
    if (result == 0 && *block == 0 && ext2->freed_count > 0) {
        result = ext2_sync(ext2);
        if (result == 0) {
            result = take_anywhere(ext2, goal, block);
        }
    }
    if (result != 0) {
        return result;
    }
    if (*block == 0) {
        return -ENOSPC;
    }
    if (!ext2_is_data_block(ext2, *block)) {
        return ext2_damaged(ext2, "the bitmap has a table's block as free", *block);
    }
    super->free_blocks--;
    buffer_dirty(ext2->super_buffer);
    return 0;
}

int32_t ext2_block_free(struct ext2 *ext2, uint32_t block)
{
    uint32_t number = (block - ext2->super->first_block) / ext2->super->blocks_in_group;
    struct ext2_group *group;
    struct buffer *buffer, *bitmap;
    int32_t result;

    if (!ext2_is_data_block(ext2, block)) {
        return ext2_damaged(ext2, "no such data block", block);
    }
    result = ext2_group(ext2, number, &buffer, &group);
    if (result != 0) {
        return result;
    }
    result = buffer_read(ext2->device, group->block_bitmap, &bitmap);
    if (result == 0) {
        uint32_t bit = block - first_of(ext2, number);

        if (!bit_is_set(bitmap, bit)) {
            result = ext2_damaged(ext2, "a block is free and in use", block);
        } else {
            flip_bit(bitmap, bit);
            group->free_blocks++;
            buffer_dirty(buffer);
            ext2->super->free_blocks++;
            buffer_dirty(ext2->super_buffer);
            buffer_forget(ext2->device, block);
        }
        buffer_put(bitmap);
    }
    buffer_put(buffer);
    return result == 0 ? note_freed(ext2, block) : result;
}

/* ---- inodes ---- */

/* Take an inode of this group; *number 0: none. Directories only where others have blocks, too. */
static int32_t take_inode(struct ext2 *ext2, uint32_t number, bool is_directory, uint32_t least,
                          uint32_t *inode)
{
    uint32_t count = ext2->super->inodes_in_group, base = number * count + 1;
    uint32_t low = base < ext2->first_inode ? ext2->first_inode - base : 0;
    uint32_t after = ext2->last_inode + 1 - base;
    struct ext2_group *group;
    struct buffer *buffer, *bitmap;
    int32_t result = ext2_group(ext2, number, &buffer, &group);

    *inode = 0;
    if (result != 0) {
        return result;
    }
    if (group->free_inodes == 0 || group->free_inodes < least) {
        buffer_put(buffer);
        return 0;
    }
    result = buffer_read(ext2->device, group->inode_bitmap, &bitmap);
    if (result == 0) {
        uint32_t bit = find_clear(bitmap, after > low && after < count ? after : low, count);

        bit = bit < count ? bit : find_clear(bitmap, low, count); /* those freed long ago */
        if (bit < count) {
            flip_bit(bitmap, bit);
            group->free_inodes--;
            group->directories = (uint16_t)(group->directories + is_directory);
            buffer_dirty(buffer);
            *inode = base + bit;
        }
        buffer_put(bitmap);
    }
    buffer_put(buffer);
    return result;
}

int32_t ext2_inode_allocate(struct ext2 *ext2, uint32_t near, bool is_directory, uint32_t *number)
{
    struct ext2_super *super = ext2->super;
    uint32_t start = (near - 1) / super->inodes_in_group;
    uint32_t least = is_directory ? super->free_inodes / ext2->groups : 1; /* the average */
    int32_t result = 0;

    *number = 0;
    for (uint32_t i = 0; i < 2 * ext2->groups && result == 0 && *number == 0; i++) {
        result = take_inode(ext2, (start + i) % ext2->groups, is_directory,
                            i < ext2->groups ? least : 1, number);
    }
    if (result != 0) {
        return result;
    }
    if (*number == 0 || super->free_inodes == 0) {
        return *number == 0 ? -ENOSPC : ext2_damaged(ext2, "the count of free inodes", 0);
    }
    ext2->last_inode = *number;
    super->free_inodes--;
    buffer_dirty(ext2->super_buffer);
    return 0;
}

int32_t ext2_inode_free(struct ext2 *ext2, uint32_t number, bool is_directory)
{
    uint32_t count = ext2->super->inodes_in_group, bit = (number - 1) % count;
    struct ext2_group *group;
    struct buffer *buffer, *bitmap;
    int32_t result = ext2_group(ext2, (number - 1) / count, &buffer, &group);

    if (result != 0) {
        return result;
    }
    result = buffer_read(ext2->device, group->inode_bitmap, &bitmap);
    if (result == 0) {
        if (!bit_is_set(bitmap, bit)) {
            result = ext2_damaged(ext2, "an inode is free and in use", number);
        } else {
            flip_bit(bitmap, bit);
            group->free_inodes++;
            group->directories = (uint16_t)(group->directories - is_directory);
            buffer_dirty(buffer);
            ext2->super->free_inodes++;
            buffer_dirty(ext2->super_buffer);
        }
        buffer_put(bitmap);
    }
    buffer_put(buffer);
    return result;
}
