/* The buffer cache: a table of buffers, those with a block also in a hash table by device and
 * block. When another block needs room, a hand goes round the table as on a clock, and takes the
 * first buffer that nobody has used since it came by last. The thread "flush" writes the changed
 * ones some seconds after they became so. SPDX-License-Identifier: MIT */
#include "files/buffer.h"

#include "common/text.h"
#include "heart/cpu.h"
#include "heart/kernel_thread.h"
#include "heart/memory.h"
#include "heart/scheduler.h"
#include "include/abi.h"
#include "support/log.h"

#define HASH_LISTS    256
#define SHARE         8    /* of all memory: one part in so many */
#define BUFFERS_LEAST 16   /* that the cache always may have */
#define BUFFERS_MOST  2048 /* more helps no program */
#define FRAMES_LEFT   128  /* that a growing cache leaves to processes */
#define DIRTY_SECONDS 3    /* a changed block is written after this time */

static struct buffer buffers[BUFFERS_MOST]; /* the first counts.limit; `data` NULL: not needed */
static uint32_t hand;                       /* index of the one to look at next */
static struct buffer *hash[HASH_LISTS];
static struct buffer_counts counts;

/* ---- the hash table ---- */

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

static void link_in(struct buffer *buffer, struct block_device *device, uint32_t block)
{
    struct buffer **list = list_of(device, block);

    *buffer = (struct buffer){
        .device = device, .block = block, .data = buffer->data, .next_hashed = *list};
    *list = buffer;
}

static void link_out(struct buffer *buffer)
{
    struct buffer **at = list_of(buffer->device, buffer->block);

    while (*at != buffer) {
        at = &(*at)->next_hashed;
    }
    *at = buffer->next_hashed;
    buffer->device = NULL;
}

/* Give up a buffer: clean, not pinned, not busy. */
static void discard(struct buffer *buffer)
{
    link_out(buffer);
    frame_release((uint32_t)buffer->data - KERNEL_BASE);
    buffer->data = NULL;
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

    if (count > device->sectors - first) { /* the last block */
        count = device->sectors - first;
        memset(buffer->data + count * SECTOR_BYTES, 0, device->block_bytes - count * SECTOR_BYTES);
    }
    buffer->busy = true;
    device->unflushed |= write;
    result = device->transfer(device, first, count, buffer->data, write);
    buffer->busy = false;
    wake_all(buffer);
    return result;
}

/* Who changes it meanwhile makes it dirty once more. A block that can not be written is given up:
 * kept, it would fill the memory. */
int32_t buffer_write(struct buffer *buffer)
{
    int32_t result = 0;

    buffer->pins++;
    wait_until_idle(buffer);
    if (buffer->dirty) {
        buffer->dirty = false;
        result = transfer(buffer, true);
    }
    if (result != 0) {
        print("kernel: %s: block %u is lost\n", buffer->device->name, buffer->block);
        buffer->device->lost++;
        counts.lost++;
    }
    buffer->pins--;
    return result;
}

/* ---- room ---- */

/* Give it a page, if the cache may grow and there is one. */
static bool grow(struct buffer *buffer)
{
    uint32_t frame = 0;

    if (counts.all < BUFFERS_LEAST || frames_free() > FRAMES_LEFT) {
        frame = frame_allocate();
    }
    if (frame != 0) {
        buffer->data = physical_to_pointer(frame);
        counts.all++;
    }
    return frame != 0;
}

/* The buffer whose place another block gets next: a clean or a dirty one; NULL: none. */
static struct buffer *choose(bool dirty, bool may_grow)
{
    for (uint32_t steps = 0; steps < 2 * counts.limit; steps++) {
        struct buffer *buffer = &buffers[hand];

        hand = (hand + 1) % counts.limit;
        if (buffer->data == NULL) {
            if (may_grow && grow(buffer)) {
                return buffer;
            }
        } else if (buffer->pins == 0 && buffer->dirty == dirty) {
            if (!buffer->used) {
                return buffer;
            }
            buffer->used = false;
        }
    }
    return NULL;
}

/* The block's buffer, made if there is none; pinned, not busy, perhaps not valid. */
static int32_t get(struct block_device *device, uint32_t block, struct buffer **found)
{
    struct buffer *buffer;

    if (block > (device->sectors - 1) / (device->block_bytes / SECTOR_BYTES)) {
        return -EIO;
    }
    while ((buffer = find(device, block)) == NULL) {
        if ((buffer = choose(false, true)) != NULL) {
            if (buffer->device != NULL) {
                link_out(buffer);
            }
            link_in(buffer, device, block);
        } else if ((buffer = choose(true, false)) != NULL) {
            buffer_write(buffer); /* sleeps: somebody else may have brought the block in */
        } else {
            return -ENOMEM;
        }
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

void buffer_dirty(struct buffer *buffer)
{
    buffer->dirty_tick = buffer->dirty ? buffer->dirty_tick : ticks;
    buffer->dirty = true;
}

void buffer_put(struct buffer *buffer)
{
    if (buffer->pins == 0) {
        panic("block %u of %s released twice", buffer->block, buffer->device->name);
    }
    buffer->pins--;
    buffer->used = true;
}

void buffer_forget(struct block_device *device, uint32_t block)
{
    struct buffer *buffer = find(device, block);

    if (buffer != NULL) {
        buffer->dirty = false;
    }
}

/* ---- all of them ---- */

/* Write what is dirty on a device (NULL: on all) since `age` ticks or longer; and what the drive
 * has taken it puts on the medium. */
static int32_t sync_older(const struct block_device *device, uint32_t age)
{
    struct block_device *at;
    int32_t result = 0;

    for (uint32_t i = 0; i < counts.limit; i++) {
        if (buffers[i].dirty && ticks - buffers[i].dirty_tick >= age &&
            (device == NULL || buffers[i].device == device)) {
            buffer_write(&buffers[i]);
        }
    }
    for (uint32_t i = 0; (at = block_device_at(i)) != NULL; i++) {
        if (at->unflushed && (device == NULL || at == device)) {
            at->unflushed = false;
            result = at->flush(at) != 0 ? -EIO : result;
        }
    }
    return result;
}

int32_t buffers_sync(struct block_device *device)
{
    struct block_device *at;
    int32_t result = sync_older(device, 0);

    for (uint32_t i = 0; (at = block_device_at(i)) != NULL; i++) {
        if (device == NULL || at == device) {
            result = at->lost > 0 ? -EIO : result;
            at->lost = 0;
        }
    }
    return result;
}

int32_t buffers_set_block(struct block_device *device, uint32_t block_bytes)
{
    int32_t result = buffers_sync(device);

    for (uint32_t i = 0; i < counts.limit; i++) {
        if (buffers[i].device == device && buffers[i].pins > 0) {
            return -EBUSY;
        }
        if (buffers[i].device == device) {
            discard(&buffers[i]);
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
           (buffer = choose(false, false)) != NULL) {
        discard(buffer);
        given++;
    }
    return given;
}

struct buffer_counts buffers_count(void)
{
    counts.dirty = counts.pinned = 0;
    for (uint32_t i = 0; i < counts.limit; i++) {
        counts.dirty += buffers[i].dirty;
        counts.pinned += buffers[i].pins > 0;
    }
    return counts;
}

/* The thread "flush": once a second, what has been dirty long enough. */
static void flush(void *argument)
{
    (void)argument;
    for (;;) {
        interrupts_off();
        sleep_on_for(&hand, tick_hz);
        interrupts_on();
        sync_older(NULL, DIRTY_SECONDS * tick_hz);
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
