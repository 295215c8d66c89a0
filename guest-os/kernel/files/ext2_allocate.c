/* Which blocks and inodes of an ext2 are in use: two bitmaps in each group, and counts of what is
 * free in its descriptor and in the superblock. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/ext2.h"
#include "heart/process.h"

/* ---- bitmaps ---- */

/* One of a group's two, with the descriptor that counts what is free in it; both are pinned. */
struct bitmap {
    struct buffer *descriptor, *bits;
    uint16_t *free;       /* the count in the descriptor */
    uint32_t *free_total; /* that in the superblock */
    struct ext2_group *group;
};

static int32_t open_bitmap(struct ext2 *ext2, uint32_t number, bool of_inodes, struct bitmap *map)
{
    int32_t result = ext2_group(ext2, number, &map->descriptor, &map->group);

    if (result != 0) {
        return result;
    }
    map->free = of_inodes ? &map->group->free_inodes : &map->group->free_blocks;
    map->free_total = of_inodes ? &ext2->super->free_inodes : &ext2->super->free_blocks;
    result = buffer_read(
        ext2->device, of_inodes ? map->group->inode_bitmap : map->group->block_bitmap, &map->bits);
    if (result != 0) {
        buffer_put(map->descriptor);
    }
    return result;
}

static void close_bitmap(struct bitmap *map)
{
    buffer_put(map->bits);
    buffer_put(map->descriptor);
}

static bool bit_is_set(const struct bitmap *map, uint32_t bit)
{
    return map->bits->data[bit / 8] >> bit % 8 & 1;
}

/* Change one bit, and both counts by `change`. */
static void flip_bit(struct ext2 *ext2, struct bitmap *map, uint32_t bit, int32_t change)
{
    map->bits->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    *map->free = (uint16_t)(*map->free + change);
    *map->free_total += (uint32_t)change;
    buffer_dirty(map->bits);
    buffer_dirty(map->descriptor);
    buffer_dirty(ext2->super_buffer);
}

/* The first clear bit of first..end - 1, or `end`. */
static uint32_t find_clear(const struct bitmap *map, uint32_t first, uint32_t end)
{
    while (first < end && bit_is_set(map, first)) {
        first += first % 8 == 0 && map->bits->data[first / 8] == 0xFF ? 8 : 1;
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
    int32_t result = buffers_sync(ext2->device);

    ext2->freed_count = 0;
    return result;
}

/* ---- blocks ---- */

/* Take a block of this group, from block number `goal` on if that is in it; *block 0: none. */
static int32_t take_in_group(struct ext2 *ext2, uint32_t number, uint32_t goal, uint32_t *block)
{
    uint32_t first = first_of(ext2, number), count = blocks_of(ext2, number);
    uint32_t bit = goal - first < count ? goal - first : 0;
    const struct ext2_run *run;
    struct bitmap map;
    int32_t result = open_bitmap(ext2, number, false, &map);

    if (result != 0) {
        return result;
    }
    bit = *map.free > 0 ? find_clear(&map, bit, count) : count;
    while (bit < count && (run = freed_run(ext2, first + bit)) != NULL) {
        bit = find_clear(&map, run->first + run->count - first, count);
    }
    if (bit < count) {
        flip_bit(ext2, &map, bit, -1);
        *block = first + bit;
    }
    close_bitmap(&map);
    return 0;
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
    if (result != 0 || *block == 0) {
        return result != 0 ? result : -ENOSPC;
    }
    return ext2_is_data_block(ext2, *block)
               ? 0
               : ext2_damaged(ext2, "the bitmap has a table's block as free", *block);
}

int32_t ext2_block_free(struct ext2 *ext2, uint32_t block)
{
    uint32_t number = (block - ext2->super->first_block) / ext2->super->blocks_in_group;
    uint32_t bit = block - first_of(ext2, number);
    struct bitmap map;
    int32_t result = ext2_is_data_block(ext2, block)
                         ? open_bitmap(ext2, number, false, &map)
                         : ext2_damaged(ext2, "no such data block", block);

    if (result != 0) {
        return result;
    }
    if (bit_is_set(&map, bit)) {
        flip_bit(ext2, &map, bit, 1);
        buffer_forget(ext2->device, block);
    } else {
        result = ext2_damaged(ext2, "a block is free and in use", block);
    }
    close_bitmap(&map);
    return result == 0 ? note_freed(ext2, block) : result;
}

/* ---- inodes ---- */

/* Take an inode of this group, if it has at least `least` of them; *inode 0: none. Those freed
 * last are taken last. */
static int32_t take_inode(struct ext2 *ext2, uint32_t number, bool is_directory, uint32_t least,
                          uint32_t *inode)
{
    uint32_t count = ext2->super->inodes_in_group, base = number * count + 1;
    uint32_t low = base < ext2->first_inode ? ext2->first_inode - base : 0;
    uint32_t bit = ext2->last_inode + 1 - base;
    struct bitmap map;
    int32_t result = open_bitmap(ext2, number, true, &map);

    if (result != 0) {
        return result;
    }
    if (*map.free > 0 && *map.free >= least) {
        bit = find_clear(&map, bit > low && bit < count ? bit : low, count);
        bit = bit < count ? bit : find_clear(&map, low, count);
        if (bit < count) {
            flip_bit(ext2, &map, bit, -1);
            map.group->directories = (uint16_t)(map.group->directories + is_directory);
            ext2->last_inode = *inode = base + bit;
        }
    }
    close_bitmap(&map);
    return 0;
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
    return result == 0 && *number == 0 ? -ENOSPC : result;
}

int32_t ext2_inode_free(struct ext2 *ext2, uint32_t number, bool is_directory)
{
    uint32_t count = ext2->super->inodes_in_group, bit = (number - 1) % count;
    struct bitmap map;
    int32_t result = open_bitmap(ext2, (number - 1) / count, true, &map);

    if (result != 0) {
        return result;
    }
    if (bit_is_set(&map, bit)) {
        flip_bit(ext2, &map, bit, 1);
        map.group->directories = (uint16_t)(map.group->directories - is_directory);
    } else {
        result = ext2_damaged(ext2, "an inode is free and in use", number);
    }
    close_bitmap(&map);
    return result;
}
