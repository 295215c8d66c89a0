/* ext2 as a whole: mounting, its state, its counts. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/ext2.h"
#include "support/log.h"
#include "support/pool.h"

#define SUPER_OFFSET       1024u /* bytes */
#define SUPER_MAGIC        0xEF53
#define STATE_VALID        1u
#define STATE_DAMAGED      2u
#define NAMES_LIMIT        32000 /* names of one inode */
#define LEAST_INODE_BYTES  128u  /* all of them have so many in revision 0 */
#define OLD_FIRST_INODE    11u   /* likewise */
#define OLD_SIZE_LIMIT     (1ull << 31)
#define KNOWN_INCOMPATIBLE EXT2_KINDS
#define KNOWN_READ_ONLY    (1u | EXT2_LARGE_FILE) /* 1: few copies of the superblock */

static struct pool pool = {.name = "ext2", .bytes = sizeof(struct ext2)};

int32_t ext2_damaged(struct ext2 *ext2, const char *what, uint32_t number)
{
    if (!ext2->damaged) {
        ext2->damaged = true;
        print("ext2: %s is damaged: %s (%u); nothing is written there any more\n",
              ext2->device->name, what, number);
        if (!ext2->system->read_only) {
            ext2->super->state |= STATE_DAMAGED;
            buffer_dirty(ext2->super_buffer);
        }
        ext2->system->read_only = true;
    }
    return -EIO;
}

/* Every group's bitmaps and table lie in it: then data blocks are easily told from them. */
static bool is_sound_group(const struct ext2 *ext2, uint32_t number, const struct ext2_group *group)
{
    const struct ext2_super *super = ext2->super;
    uint32_t table_blocks = super->inodes_in_group * ext2->inode_bytes >> ext2->shift;
    uint32_t first = super->first_block + number * super->blocks_in_group;
    uint32_t left = super->blocks - first;
    uint32_t count = left < super->blocks_in_group ? left : super->blocks_in_group;

    return group->block_bitmap - first < count && group->inode_bitmap - first < count &&
           group->inode_table - first < count &&
           table_blocks <= count - (group->inode_table - first) &&
           group->inode_table > ext2->descriptor_block;
}

int32_t ext2_group(struct ext2 *ext2, uint32_t number, struct buffer **buffer,
                   struct ext2_group **group)
{
    uint32_t in_block = ext2->block_bytes / sizeof(**group);
    int32_t result =
        number < ext2->groups
            ? buffer_read(ext2->device, ext2->descriptor_block + number / in_block, buffer)
            : -EIO;

    if (result == 0) {
        *group = (struct ext2_group *)(*buffer)->data + number % in_block;
        if (!is_sound_group(ext2, number, *group)) {
            buffer_put(*buffer);
            result = ext2_damaged(ext2, "the descriptor of a group", number);
        }
    }
    return result;
}

/* ---- mounting ---- */

static bool is_sound(const struct ext2 *ext2, const struct ext2_super *super)
{
    uint32_t bits = ext2->block_bytes * 8, in_block = ext2->block_bytes / ext2->inode_bytes;

    return super->blocks > 0 && super->inodes > 0 &&
           super->first_block == (super->block_shift == 0) && super->first_block < super->blocks &&
           super->blocks <= ext2->device->sectors >> (ext2->shift - 9) &&
           super->blocks_in_group > 0 && super->blocks_in_group <= bits &&
           super->inodes_in_group > 0 && super->inodes_in_group <= bits &&
           super->inodes_in_group % in_block == 0 && super->inodes % super->inodes_in_group == 0 &&
           (super->blocks - super->first_block - 1) / super->blocks_in_group ==
               (super->inodes - 1) / super->inodes_in_group &&
           ext2->first_inode > EXT2_ROOT && ext2->first_inode <= super->inodes;
}

/* What 12 blocks and three trees of block numbers hold. */
static uint64_t size_limit(uint32_t shift)
{
    uint64_t numbers = 1u << (shift - 2);

    return (EXT2_DIRECT + numbers + numbers * numbers + numbers * numbers * numbers) << shift;
}

/* What the superblock tells; -EINVAL: it is none, or not one of ours. */
static int32_t take_in(struct ext2 *ext2, const struct ext2_super *super)
{
    bool is_old = super->revision == 0;

    ext2->shift = 10 + (super->block_shift & 3);
    ext2->block_bytes = 1u << ext2->shift;
    ext2->inode_bytes = is_old ? LEAST_INODE_BYTES : super->inode_bytes;
    ext2->first_inode = is_old ? OLD_FIRST_INODE : super->first_inode;
    ext2->incompatible = is_old ? 0 : super->incompatible;
    ext2->read_only = is_old ? 0 : super->read_only;
    ext2->descriptor_block = super->first_block + 1;
    ext2->system->link_limit = NAMES_LIMIT;
    ext2->system->size_limit = is_old ? OLD_SIZE_LIMIT : size_limit(ext2->shift);
    if (super->magic != SUPER_MAGIC || super->block_shift > 2 ||
        ext2->inode_bytes < LEAST_INODE_BYTES || ext2->inode_bytes > ext2->block_bytes ||
        (ext2->inode_bytes & (ext2->inode_bytes - 1)) != 0 || !is_sound(ext2, super)) {
        return -EINVAL;
    }
    ext2->groups = super->inodes / super->inodes_in_group;
    if (ext2->incompatible & ~KNOWN_INCOMPATIBLE) {
        print("ext2: %s has features that are not known here (%x)\n", ext2->device->name,
              ext2->incompatible & ~KNOWN_INCOMPATIBLE);
        return -EINVAL;
    }
    return 0;
}

/* The block with the superblock, read with the block size that it tells. */
static int32_t read_super(struct ext2 *ext2)
{
    int32_t result = buffers_set_block(ext2->device, SUPER_OFFSET);

    if (result == 0) {
        result = buffer_read(ext2->device, 1, &ext2->super_buffer);
    }
    if (result == 0) {
        result = take_in(ext2, (struct ext2_super *)ext2->super_buffer->data);
        buffer_put(ext2->super_buffer);
    }
    if (result == 0) {
        result = buffers_set_block(ext2->device, ext2->block_bytes);
    }
    if (result == 0) {
        result = buffer_read(ext2->device, SUPER_OFFSET >> ext2->shift, &ext2->super_buffer);
    }
    return result;
}

/* Note in the superblock on the disk that somebody writes (so that a crash is noticed), or no
 * longer. 0 or -EIO. */
static int32_t set_state(struct ext2 *ext2, bool in_use)
{
    struct ext2_super *super = ext2->super;
    int32_t result = ext2_sync(ext2); /* the disk never claims an order that is not there yet */

    if (in_use) {
        ext2->was_valid = (super->state & (STATE_VALID | STATE_DAMAGED)) == STATE_VALID;
        super->state &= (uint16_t)~STATE_VALID;
        super->mounts++;
        super->mounted_at = seconds_now();
    } else {
        super->state |= ext2->was_valid && !ext2->damaged ? STATE_VALID : 0;
    }
    super->written_at = seconds_now();
    buffer_dirty(ext2->super_buffer);
    return result == 0 ? ext2_sync(ext2) : result;
}

static int32_t may_write(const struct ext2 *ext2)
{
    return ext2->device->read_only || ext2->damaged || (ext2->read_only & ~KNOWN_READ_ONLY) ? -EROFS
                                                                                            : 0;
}

static int32_t open_super(struct ext2 *ext2)
{
    struct file_system *system = ext2->system;
    int32_t result = read_super(ext2);

    if (result != 0) {
        return result;
    }
    ext2->super =
        (struct ext2_super *)(ext2->super_buffer->data + (SUPER_OFFSET & (ext2->block_bytes - 1)));
    if ((ext2->super->state & (STATE_VALID | STATE_DAMAGED)) != STATE_VALID) {
        print("ext2: %s was not left in order; e2fsck is advised\n", ext2->device->name);
    }
    result = ext2_node_get(ext2, EXT2_ROOT, &system->root);
    if (result == 0 && !S_ISDIR(system->root->mode)) {
        node_put(system->root);
        result = ext2_damaged(ext2, "the root is no directory", EXT2_ROOT);
    }
    if (result != 0) {
        buffer_put(ext2->super_buffer);
    } else if (!system->read_only && (may_write(ext2) != 0 || set_state(ext2, true) != 0)) {
        print("ext2: %s can only be read here\n", ext2->device->name);
        system->read_only = true;
    }
    return result;
}

static int32_t mount(struct file_system *system)
{
    struct ext2 *ext2 = pool_take(&pool);
    int32_t result;

    if (ext2 == NULL) {
        return -ENOMEM;
    }
    system->data = ext2;
    ext2->system = system;
    ext2->device = system->device;
    lock_take(&system->lock);
    result = open_super(ext2);
    lock_give(&system->lock);
    if (result != 0) {
        pool_give(&pool, ext2);
    }
    return result;
}

static int32_t remount(struct file_system *system, bool read_only)
{
    struct ext2 *ext2 = system->data;

    if (!read_only) {
        int32_t result = may_write(ext2);

        return result == 0 ? set_state(ext2, true) : result;
    }
    for (struct node *node = ext2->nodes; node != NULL; node = node->ext2.next) {
        if (node->links == 0) { /* could not be freed later */
            return -EBUSY;
        }
    }
    return set_state(ext2, false);
}

static void unmount(struct file_system *system)
{
    struct ext2 *ext2 = system->data;

    ext2_release(system->root);
    if (!system->read_only) {
        set_state(ext2, false);
    }
    buffer_put(ext2->super_buffer);
    pool_give(&pool, ext2);
}

static int32_t sync(struct file_system *system)
{
    int32_t result;

    lock_take(&system->lock); /* nobody frees blocks meanwhile */
    result = ext2_sync(system->data);
    lock_give(&system->lock);
    return result;
}

/* f_blocks counts the tables, too: "minixdf" in mount(8). */
static void statfs(struct file_system *system, struct statfs64 *to)
{
    const struct ext2 *ext2 = system->data;
    const struct ext2_super *super = ext2->super;

    to->f_bsize = ext2->block_bytes;
    to->f_blocks = super->blocks;
    to->f_bfree = super->free_blocks;
    to->f_bavail = super->free_blocks > super->reserved_blocks
                       ? super->free_blocks - super->reserved_blocks
                       : 0;
    to->f_files = super->inodes;
    to->f_ffree = super->free_inodes;
}

const struct file_system_kind ext2_files = {
    .name = "ext2",
    .magic = SUPER_MAGIC,
    .wants_device = true,
    .mount = mount,
    .remount = remount,
    .unmount = unmount,
    .sync = sync,
    .statfs = statfs,
};
