/* The list of block devices, and their files in /dev: bytes of the disk, through the buffer cache.
 * See: sd(4). SPDX-License-Identifier: MIT */
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

/* ---- /dev/hd? ---- */

static uint32_t bytes_of(const struct block_device *device)
{
    uint32_t most = UINT32_MAX / SECTOR_BYTES; /* offsets have 32 bits */

    return (device->sectors < most ? device->sectors : most) * SECTOR_BYTES;
}

/* Copy what is in one block; 0 or -E... */
static int32_t move_part(struct block_device *device, uint32_t offset, uint32_t user,
                         uint32_t bytes, bool write)
{
    uint32_t inside = offset % device->block_bytes;
    struct buffer *buffer;
    int32_t result = buffer_read(device, offset / device->block_bytes, &buffer);

    if (result != 0) {
        return result;
    }
    if (write) {
        result = copy_from_user(buffer->data + inside, user, bytes);
        buffer_dirty(buffer);
    } else {
        result = copy_to_user(user, buffer->data + inside, bytes);
    }
    buffer_put(buffer);
    return result;
}

/* A file system relies on what it has checked: nobody else writes while it is mounted. */
static bool is_mounted(const struct block_device *device)
{
    for (const struct file_system *at = file_systems; at != NULL; at = at->next) {
        if (at->device == device) {
            return true;
        }
    }
    return false;
}

static int32_t move(struct file *file, uint32_t user, uint32_t bytes, bool write)
{
    struct block_device *device = block_device_find(file->node->device);
    uint32_t size = bytes_of(device), offset = (uint32_t)file->offset;
    uint32_t done = 0;

    if (write && (device->read_only || is_mounted(device))) {
        return device->read_only ? -EROFS : -EBUSY;
    }
    if (file->offset >= size) {
        return write && bytes > 0 ? -ENOSPC : 0;
    }
    bytes = bytes < size - offset ? bytes : size - offset;
    while (done < bytes) {
        uint32_t left = device->block_bytes - (offset + done) % device->block_bytes;
        uint32_t part = bytes - done < left ? bytes - done : left;
        int32_t result = move_part(device, offset + done, user + done, part, write);

        if (result != 0) {
            return done > 0 ? (int32_t)done : result;
        }
        file->offset += part;
        done += part;
    }
    return (int32_t)done;
}

static int32_t block_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    return move(file, to_user, bytes, false);
}

static int32_t block_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    return move(file, from_user, bytes, true);
}

static int32_t block_control(struct file *file, uint32_t request, uint32_t argument)
{
    struct block_device *device = block_device_find(file->node->device);
    uint64_t bytes = (uint64_t)device->sectors * SECTOR_BYTES;
    uint32_t sector_bytes = SECTOR_BYTES, read_only = device->read_only;

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

static const struct file_operations block_file_operations = {
    .read = block_read, .write = block_write, .control = block_control, .has_offset = true};

const struct file_operations *block_operations(uint32_t number)
{
    return block_device_find(number) == NULL ? NULL : &block_file_operations;
}
