/* The buffer cache: blocks of disks in memory, each in a page frame of its own. A block is read
 * once and stays until the memory is needed; a changed one is written later, by the thread "flush".
 * Only processes come here, with interrupts on. SPDX-License-Identifier: MIT */
#pragma once

#include "drivers/block.h"

struct buffer {
    struct block_device *device;
    uint32_t block;             /* number on the device, in units of device->block_bytes */
    uint8_t *data;              /* device->block_bytes of it */
    uint32_t pins;              /* users; above 0 it stays */
    uint32_t dirty_tick;        /* with `dirty`: since when */
    bool valid;                 /* `data` is what the block contains, or newer */
    bool dirty;                 /* newer than the disk */
    bool busy;                  /* being read or written; others wait */
    bool used;                  /* since the hand came by, see buffer.c */
    struct buffer *next_hashed; /* same list of the hash table */
};

/* The block's buffer, pinned until buffer_put. 0, -EIO (the medium, or no such block), -ENOMEM (all
 * are pinned). May sleep. The last block may reach beyond the end of the disk: zeros. */
int32_t buffer_read(struct block_device *device, uint32_t block, struct buffer **buffer);

/* The same for a block that is about to be written as a whole: zeros, nothing is read. It counts as
 * changed at once. */
int32_t buffer_zeroed(struct block_device *device, uint32_t block, struct buffer **buffer);

/* `data` was changed; the buffer is pinned. */
void buffer_dirty(struct buffer *buffer);

/* Write it now, if it was changed; the buffer is pinned. 0 or -EIO. */
int32_t buffer_write(struct buffer *buffer);

/* One user fewer. */
void buffer_put(struct buffer *buffer);

/* The block was freed: what was to be written there need not be. It may still be pinned. */
void buffer_forget(struct block_device *device, uint32_t block);

/* Write all that is dirty, then FLUSH CACHE; NULL: of every device. The first error, -EIO. */
int32_t buffers_sync(struct block_device *device);

/* Blocks of this device have `block_bytes` from now on (512, 1024, 2048 or 4096, at most a page).
 * What is cached is written and forgotten. -EBUSY (some are pinned), -EIO. */
int32_t buffers_set_block(struct block_device *device, uint32_t block_bytes);

/* For /proc/buffers: how many there are, may be, are dirty, are pinned (0 if nobody is in a file
 * system call: else somebody forgot one); blocks that could not be written and were given up. */
struct buffer_counts {
    uint32_t all, limit, dirty, pinned, lost; /* buffers */
};
struct buffer_counts buffers_count(void);

/* Give up to `frames` page frames back to the rest of the kernel: clean buffers, oldest first. Does
 * not sleep. How many were given. */
uint32_t buffers_shrink(uint32_t frames);

/* Size the cache for the memory there is, and start "flush". */
void buffers_initialise(void);
