/* The list of block devices, and their bytes through the buffer cache. See: sd(4).
 * SPDX-License-Identifier: MIT */
#include "drivers/block.h"

#include "common/text.h"
#include "files/buffer.h"
#include "files/file.h"
#include "heart/memory.h"

static struct block_device *devices[BLOCK_LIMIT];
static uint32_t device_count;

void block_device_add(struct block_device *device)
{
    if (device_count < BLOCK_LIMIT) {
        devices[device_count++] = device;
    }
}

struct block_device *block_device_at(uint32_t index)
{
    return index < device_count ? devices[index] : NULL;
}

struct block_device *block_device_find(uint32_t number)
{
    for (uint32_t i = 0; i < device_count; i++) {
        if (devices[i]->number == number) {
            return devices[i];
        }
    }
    return NULL;
}

struct block_device *block_device_named(const char *name)
{
    if (strncmp(name, "/dev/", 5) == 0) {
        name += 5;
    }
    for (uint32_t i = 0; i < device_count; i++) {
        if (strcmp(devices[i]->name, name) == 0) {
            return devices[i];
        }
    }
    return NULL;
}

/* ---- bytes of a disk ---- */

int32_t block_piece(struct block_device *device, uint64_t offset, struct piece *piece)
{
    uint32_t inside = (uint32_t)offset & (device->block_bytes - 1);
    uint32_t sector = (uint32_t)(offset / SECTOR_BYTES);
    int32_t result =
        buffer_read(device, sector / (device->block_bytes / SECTOR_BYTES), &piece->buffer);

    if (result == 0) {
        piece->data = piece->buffer->data + inside;
        piece->bytes = device->block_bytes - inside;
    }
    return result;
}

/* A file system relies on what it has checked: nobody else writes while it is mounted. */
int32_t block_may_write(const struct block_device *device)
{
    for (const struct file_system *at = file_systems; at != NULL; at = at->next) {
        if (at->device == device) {
            return -EBUSY;
        }
    }
    return device->read_only ? -EROFS : 0;
}

int32_t block_control(struct file *file, uint32_t request, uint32_t argument)
{
    struct block_device *device = block_device_find(file->node->device);
    uint32_t sector_bytes = SECTOR_BYTES, read_only;
    uint64_t bytes = node_size(file->node);

    if (!S_ISBLK(file->node->mode)) {
        return -ENOTTY;
    }
    read_only = device->read_only;
    switch (request) {
    case BLKGETSIZE:
        return copy_to_user(argument, &device->sectors, sizeof(device->sectors));
    case BLKGETSIZE64:
        return copy_to_user(argument, &bytes, sizeof(bytes));
    case BLKSSZGET:
        return copy_to_user(argument, &sector_bytes, sizeof(sector_bytes));
    case BLKROGET:
        return copy_to_user(argument, &read_only, sizeof(read_only));
    case BLKFLSBUF:
        return buffers_sync(device);
    default:
        return -ENOTTY;
    }
}
