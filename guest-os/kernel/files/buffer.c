/* The buffer cache. Every buffer is in one of two rings: the clean ones, by last use, whose oldest
 * is taken when another block needs room; and the dirty ones, which the thread "flush" writes some
 * seconds after they became so. Each also hangs in a hash table by device and block.
 * SPDX-License-Identifier: MIT */
#include "files/buffer.h"

#include "common/text.h"
#include "heart/cpu.h"
#include "heart/kernel_thread.h"
#include "heart/memory.h"
#include "heart/scheduler.h"
#include "include/abi.h"
#include "support/log.h"
#include "support/pool.h"

#define HASH_LISTS    256
#define SHARE         8    /* of all memory: one part in so many */
#define BUFFERS_LEAST 16   /* that the cache always may have */
#define BUFFERS_MOST  2048 /* more helps no program */
#define FRAMES_LEFT   128  /* that a growing cache leaves to processes */
#define DIRTY_SECONDS 3    /* a changed block is written after this time */

static struct buffer clean = {.newer = &clean, .older = &clean}; /* heads of the rings: */
static struct buffer dirty = {.newer = &dirty, .older = &dirty}; /* their newer is the oldest */
static struct buffer *hash[HASH_LISTS];
static struct pool headers = {.name = "buffer", .bytes = sizeof(struct buffer)};
static struct buffer_counts counts;

/* ---- rings and hash lists ---- */

static void leave_ring(struct buffer *buffer)
{
    buffer->older->newer = buffer->newer;
    buffer->newer->older = buffer->older;
}

/* As the newest one. */
static void join_ring(struct buffer *ring, struct buffer *buffer)
{
    buffer->newer = ring;
    buffer->older = ring->older;
    buffer->older->newer = buffer;
    ring->older = buffer;
}

static struct buffer **list_of(const struct block_device *device, uint32_t block)
{
    return &hash[(block + device->number) % HASH_LISTS];
}

static struct buffer *find(const struct block_device *device, uint32_t block)
{
    struct buffer *buffer = *list_of(device, block);

    while (buffer != NULL && (buffer->device != device || buffer->block != block)) {
        buffer = buffer->next_hashed;
    }
    return buffer;
}

static void set_clean(struct buffer *buffer)
{
    if (buffer->dirty) {
        buffer->dirty = false;
        counts.dirty--;
        leave_ring(buffer);
        join_ring(&clean, buffer);
    }
}

void buffer_dirty(struct buffer *buffer)
{
    if (!buffer->dirty) {
        buffer->dirty = true;
        buffer->dirty_tick = ticks;
        counts.dirty++;
        leave_ring(buffer);
        join_ring(&dirty, buffer);
    }
}

/* Give up a buffer: clean, not pinned, not busy. */
static void discard(struct buffer *buffer)
{
    struct buffer **at = list_of(buffer->device, buffer->block);

    while (*at != buffer) {
        at = &(*at)->next_hashed;
    }
    *at = buffer->next_hashed;
    leave_ring(buffer);
    frame_release((uint32_t)buffer->data - KERNEL_BASE);
    pool_give(&headers, buffer);
    counts.all--;
}

/* ---- transfers ---- */

static void wait_until_idle(struct buffer *buffer)
{
    interrupts_off();
    while (buffer->busy) {
        sleep_on(buffer);
    }
    interrupts_on();
}

/* Read or write the block; the buffer is pinned and not busy. */
static int32_t transfer(struct buffer *buffer, bool write)
{
    struct block_device *device = buffer->device;
    uint32_t count = device->block_bytes / SECTOR_BYTES;
    uint32_t first = buffer->block * count;
    int32_t result;

    count = count < device->sectors - first ? count : device->sectors - first;
    buffer->busy = true;
    device->unflushed |= write;
    result = device->transfer(device, first, count, buffer->data, write);
    buffer->busy = false;
    wake_all(buffer);
    return result;
}

/* Write a dirty block. Who changes it meanwhile makes it dirty once more. A block that can not be
 * written is given up: kept, it would fill the memory. */
static void write_out(struct buffer *buffer)
{
    buffer->pins++;
    wait_until_idle(buffer);
    if (buffer->dirty) {
        set_clean(buffer);
        if (transfer(buffer, true) != 0) {
            print("kernel: %s: block %u is lost\n", buffer->device->name, buffer->block);
            buffer->device->lost++;
            counts.lost++;
        }
    }
    buffer->pins--;
}

int32_t buffer_write(struct buffer *buffer)
{
    uint32_t lost = counts.lost;

    write_out(buffer);
    return counts.lost == lost ? 0 : -EIO;
}

/* ---- room ---- */

static struct buffer *oldest_unpinned(struct buffer *ring)
{
    for (struct buffer *buffer = ring->newer; buffer != ring; buffer = buffer->newer) {
        if (buffer->pins == 0) {
            return buffer;
        }
    }
    return NULL;
}

static bool may_grow(void)
{
    return counts.all < BUFFERS_LEAST || (counts.all < counts.limit && frames_free() > FRAMES_LEFT);
}

static struct buffer *create(struct block_device *device, uint32_t block)
{
    struct buffer **list = list_of(device, block);
    struct buffer *buffer = pool_take(&headers);
    uint32_t frame = buffer == NULL ? 0 : frame_allocate();

    if (frame == 0) {
        if (buffer != NULL) {
            pool_give(&headers, buffer);
        }
        return NULL;
    }
    buffer->device = device;
    buffer->block = block;
    buffer->data = physical_to_pointer(frame);
    buffer->next_hashed = *list;
    *list = buffer;
    join_ring(&clean, buffer);
    counts.all++;
    return buffer;
}

/* The block's buffer, made if there is none; pinned, not busy, perhaps not valid. */
static int32_t get(struct block_device *device, uint32_t block, struct buffer **found)
{
    struct buffer *buffer, *old;

    if (block > (device->sectors - 1) / (device->block_bytes / SECTOR_BYTES)) {
        return -EIO;
    }
    while ((buffer = find(device, block)) == NULL) {
        if (may_grow() && (buffer = create(device, block)) != NULL) {
            break;
        }
        if ((old = oldest_unpinned(&clean)) != NULL) {
            discard(old);
            buffer = create(device, block);
            break;
        }
        if ((old = oldest_unpinned(&dirty)) == NULL) {
            return -ENOMEM;
        }
        write_out(old); /* sleeps: somebody else may have brought the block in */
    }
    if (buffer == NULL) {
        return -ENOMEM;
    }
    buffer->pins++;
    wait_until_idle(buffer);
    *found = buffer;
    return 0;
}

/* ---- for file systems ---- */

int32_t buffer_read(struct block_device *device, uint32_t block, struct buffer **found)
{
    struct buffer *buffer;
    int32_t result = get(device, block, &buffer);

    if (result != 0) {
        return result;
    }
    while (result == 0 && !buffer->valid) {
        result = transfer(buffer, false);
        buffer->valid = result == 0;
    }
    if (result != 0) {
        buffer_put(buffer);
        return result;
    }
    *found = buffer;
    return 0;
}

int32_t buffer_zeroed(struct block_device *device, uint32_t block, struct buffer **found)
{
    int32_t result = get(device, block, found);

    if (result == 0) {
        memset((*found)->data, 0, device->block_bytes);
        (*found)->valid = true;
        buffer_dirty(*found);
    }
    return result;
}

void buffer_put(struct buffer *buffer)
{
    if (buffer->pins == 0) {
        panic("block %u of %s released twice", buffer->block, buffer->device->name);
    }
    buffer->pins--;
    if (!buffer->dirty) {
        leave_ring(buffer);
        join_ring(&clean, buffer);
    }
}

void buffer_forget(struct block_device *device, uint32_t block)
{
    struct buffer *buffer = find(device, block);

    if (buffer != NULL) {
        set_clean(buffer);
    }
}

/* ---- writing back ---- */

static struct buffer *oldest_dirty(const struct block_device *device)
{
    for (struct buffer *buffer = dirty.newer; buffer != &dirty; buffer = buffer->newer) {
        if (device == NULL || buffer->device == device) {
            return buffer;
        }
    }
    return NULL;
}

/* What the drive has taken it puts on the medium. */
static int32_t flush_device(struct block_device *device)
{
    if (!device->unflushed) {
        return 0;
    }
    device->unflushed = false;
    return device->flush(device);
}

static int32_t sync_device(struct block_device *device)
{
    struct buffer *buffer;
    int32_t result;

    /* not for ever, if others go on changing */
    for (uint32_t left = counts.dirty; left > 0 && (buffer = oldest_dirty(device)) != NULL;
         left--) {
        write_out(buffer);
    }
    result = flush_device(device);
    if (device->lost > 0) {
        device->lost = 0;
        result = -EIO;
    }
    return result;
}

int32_t buffers_sync(struct block_device *device)
{
    int32_t result = 0;

    if (device != NULL) {
        return sync_device(device);
    }
    for (uint32_t i = 0; (device = block_device_at(i)) != NULL; i++) {
        int32_t one = sync_device(device);

        result = result == 0 ? one : result;
    }
    return result;
}

int32_t buffers_set_block(struct block_device *device, uint32_t block_bytes)
{
    int32_t result = buffers_sync(device);

    if (block_bytes < SECTOR_BYTES || block_bytes > PAGE_SIZE ||
        (block_bytes & (block_bytes - 1)) != 0) {
        return -EINVAL;
    }
    for (struct buffer *next, *buffer = clean.newer; buffer != &clean; buffer = next) {
        next = buffer->newer;
        if (buffer->device == device && buffer->pins > 0) {
            return -EBUSY;
        }
        if (buffer->device == device) {
            discard(buffer);
        }
    }
    device->block_bytes = block_bytes;
    return result;
}

uint32_t buffers_shrink(uint32_t frames)
{
    struct buffer *buffer;
    uint32_t given = 0;

    while (given < frames && counts.all > BUFFERS_LEAST &&
           (buffer = oldest_unpinned(&clean)) != NULL) {
        discard(buffer);
        given++;
    }
    return given;
}

struct buffer_counts buffers_count(void)
{
    struct buffer *rings[] = {&clean, &dirty};

    counts.pinned = 0;
    for (uint32_t i = 0; i < 2; i++) {
        for (struct buffer *buffer = rings[i]->newer; buffer != rings[i]; buffer = buffer->newer) {
            counts.pinned += buffer->pins > 0;
        }
    }
    return counts;
}

/* The thread "flush": once a second, what has been dirty long enough. */
static void flush(void *argument)
{
    struct block_device *device;
    struct buffer *buffer;

    (void)argument;
    for (;;) {
        interrupts_off();
        sleep_on_for(&dirty, tick_hz);
        interrupts_on();
        while ((buffer = oldest_dirty(NULL)) != NULL &&
               ticks - buffer->dirty_tick >= DIRTY_SECONDS * tick_hz) {
            write_out(buffer);
        }
        for (uint32_t i = 0; (device = block_device_at(i)) != NULL; i++) {
            flush_device(device);
        }
    }
}

void buffers_initialise(void)
{
    uint32_t share = frames_total() / SHARE;

    counts.limit = share < BUFFERS_MOST ? share : BUFFERS_MOST;
    if (kernel_thread_start("flush", flush, NULL) != 0) {
        panic("no memory for the thread that writes buffers");
    }
}
