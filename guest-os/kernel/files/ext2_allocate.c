/* Which blocks and inodes of an ext2 are in use: two bitmaps in each group, and counts of what is
 * free in its descriptor and in the superblock. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/ext2.h"
#include "heart/process.h"

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

static void note_freed(struct ext2 *ext2, uint32_t block)
{
    struct ext2_run *end = &ext2->freed[ext2->freed_count];

    if (ext2->freed_count > 0 && block == end[-1].first + end[-1].count) {
        end[-1].count++;
        return;
    }
    if (ext2->freed_count == EXT2_FREED) {
        ext2_sync(ext2);
    }
    ext2->freed[ext2->freed_count++] = (struct ext2_run){block, 1};
}

int32_t ext2_sync(struct ext2 *ext2)
{
    int32_t result = buffers_sync(ext2->device);

    ext2->freed_count = 0;
    return result;
}

/* ---- bitmaps ---- */

/* One of a group's two, with the descriptor that counts what is free in it; both are pinned. */
struct bitmap {
    struct buffer *descriptor, *bits;
    struct ext2_group *group;
    uint16_t *free;        /* the count in the descriptor */
    uint32_t *free_total;  /* that in the superblock */
    uint32_t first, count; /* what bit 0 stands for; bits */
    enum ext2_unit unit;
};

/* The numbers of one group, and the first of all: block 0 or 1, inode 1. */
static uint32_t in_group(const struct ext2 *ext2, enum ext2_unit unit)
{
    return unit == EXT2_BLOCK ? ext2->super->blocks_in_group : ext2->super->inodes_in_group;
}

static uint32_t first_of(const struct ext2 *ext2, enum ext2_unit unit)
{
    return unit == EXT2_BLOCK ? ext2->super->first_block : 1;
}

static int32_t open_bitmap(struct ext2 *ext2, enum ext2_unit unit, uint32_t group,
                           struct bitmap *map)
{
    bool of_blocks = unit == EXT2_BLOCK;
    uint32_t all = of_blocks ? ext2->super->blocks - ext2->super->first_block : ext2->super->inodes;
    uint32_t left = all - group * in_group(ext2, unit);
    int32_t result = ext2_group(ext2, group, &map->descriptor, &map->group);

    if (result != 0) {
        return result;
    }
    map->unit = unit;
    map->first = first_of(ext2, unit) + group * in_group(ext2, unit);
    map->count = left < in_group(ext2, unit) ? left : in_group(ext2, unit);
    map->free = of_blocks ? &map->group->free_blocks : &map->group->free_inodes;
    map->free_total = of_blocks ? &ext2->super->free_blocks : &ext2->super->free_inodes;
    result = buffer_read(
        ext2->device, of_blocks ? map->group->block_bitmap : map->group->inode_bitmap, &map->bits);
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

/* Change one bit, and the counts by `change`. */
static void flip_bit(struct ext2 *ext2, struct bitmap *map, uint32_t bit, int32_t change)
{
    map->bits->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    *map->free = (uint16_t)(*map->free + change);
    *map->free_total += (uint32_t)change;
    if (map->unit == EXT2_DIRECTORY) {
        map->group->directories = (uint16_t)(map->group->directories - change);
    }
    buffer_dirty(map->bits);
    buffer_dirty(map->descriptor);
    buffer_dirty(ext2->super_buffer);
}

/* The first bit of first..end - 1 that can be taken, or at least `end`. */
static uint32_t find_free(const struct ext2 *ext2, const struct bitmap *map, uint32_t first,
                          uint32_t end)
{
    while (first < end) {
        const struct ext2_run *run =
            map->unit == EXT2_BLOCK ? freed_run(ext2, map->first + first) : NULL;

        if (bit_is_set(map, first)) {
            first += first % 8 == 0 && map->bits->data[first / 8] == 0xFF ? 8 : 1;
        } else if (run != NULL) {
            first = run->first + run->count - map->first;
        } else {
            break;
        }
    }
    return first;
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

/* ---- taking and giving back ---- */

/* Take one of this group, from `goal` on if that is in it, else from the start; *number 0: none. */
static int32_t take_in_group(struct ext2 *ext2, enum ext2_unit unit, uint32_t group, uint32_t goal,
                             uint32_t *number)
{
    struct bitmap map;
    uint32_t bit, start;
    int32_t result = open_bitmap(ext2, unit, group, &map);

    if (result != 0) {
        return result;
    }
    start = goal - map.first < map.count ? goal - map.first : 0;
    bit = *map.free > 0 ? find_free(ext2, &map, start, map.count) : map.count;
    if (*map.free > 0 && bit >= map.count) {
        bit = find_free(ext2, &map, 0, map.count);
    }
    if (bit < map.count) {
        flip_bit(ext2, &map, bit, -1);
        *number = map.first + bit;
    }
    close_bitmap(&map);
    return 0;
}

/* In the goal's group, or in those behind it. */
static int32_t take_anywhere(struct ext2 *ext2, enum ext2_unit unit, uint32_t goal,
                             uint32_t *number)
{
    uint32_t start = (goal - first_of(ext2, unit)) / in_group(ext2, unit);
    int32_t result = 0;

    *number = 0;
    for (uint32_t i = 0; i < ext2->groups && result == 0 && *number == 0; i++) {
        result = take_in_group(ext2, unit, (start + i) % ext2->groups, goal, number);
    }
    return result;
}

int32_t ext2_allocate(struct ext2 *ext2, enum ext2_unit unit, uint32_t goal, uint32_t *number)
{
    uint32_t kept = current->euid == 0 ? 0 : ext2->super->reserved_blocks;
    int32_t result;

    if (unit == EXT2_BLOCK && ext2->super->free_blocks <= kept) {
        return -ENOSPC;
    }
    result = take_anywhere(ext2, unit, goal, number);
    if (result == 0 && *number == 0 && ext2->freed_count > 0) {
        result = ext2_sync(ext2);
        if (result == 0) {
            result = take_anywhere(ext2, unit, goal, number);
        }
    }
    if (result != 0 || *number == 0) {
        return result != 0 ? result : -ENOSPC;
    }
    return (unit == EXT2_BLOCK ? ext2_is_data_block(ext2, *number) : *number >= ext2->first_inode)
               ? 0
               : ext2_damaged(ext2, "a bitmap has as free what is not", *number);
}

void ext2_free(struct ext2 *ext2, enum ext2_unit unit, uint32_t number)
{
    uint32_t group = (number - first_of(ext2, unit)) / in_group(ext2, unit);
    struct bitmap map;

    if (unit == EXT2_BLOCK && !ext2_is_data_block(ext2, number)) {
        ext2_damaged(ext2, "no such data block", number);
    }
    if (ext2->damaged || open_bitmap(ext2, unit, group, &map) != 0) {
        return;
    }
    if (bit_is_set(&map, number - map.first)) {
        flip_bit(ext2, &map, number - map.first, 1);
    } else {
        ext2_damaged(ext2, "free and in use", number);
    }
    close_bitmap(&map);
    if (unit == EXT2_BLOCK) {
        buffer_forget(ext2->device, number);
        note_freed(ext2, number);
    }
}
