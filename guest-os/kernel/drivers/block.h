/* Block devices: disks, as an array of sectors of 512 bytes. Whoever wants their content goes
 * through the buffer cache (files/buffer.h); only that calls `transfer`.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct file;  /* files/file.h */
struct piece; /* files/node.h */

#define SECTOR_BYTES 512u
#define BLOCK_LIMIT  4u /* devices: two channels with two drives each */

enum { /* device numbers: major << 8 | minor, as on Linux */
       DEVICE_HDA = 0x300,
       DEVICE_HDB = 0x340,
       DEVICE_HDC = 0x1600,
       DEVICE_HDD = 0x1640,
};

struct block_device {
    char name[8];         /* hda..hdd */
    uint32_t number;      /* DEVICE_HDA.. */
    uint32_t sectors;     /* 1..2^28-1 */
    uint32_t block_bytes; /* of its buffers: 512, 1024, 2048 or 4096; see buffers_set_block */
    bool read_only;       /* writing is -EROFS */
    uint32_t lost;        /* blocks that could not be written, not reported yet */
    bool unflushed;       /* written to since the last flush */
    void *drive;          /* the driver's own */

    /* Move `count` (1..8) sectors between the medium and `data`, from sector `first` on; 0 or -EIO.
     * Sleeps. Transfers of one device are done in the order in which they were asked for. */
    int32_t (*transfer)(struct block_device *device, uint32_t first, uint32_t count, void *data,
                        bool write);
    int32_t (*flush)(struct block_device *device); /* all that was written is on the medium */
};

/* A driver has found a device; `device` stays where it is. */
void block_device_add(struct block_device *device);

/* The device with this number (DEVICE_...), or the index-th of those there are; NULL: none. */
struct block_device *block_device_find(uint32_t number);
struct block_device *block_device_at(uint32_t index);

/* The device with this name, with or without "/dev/"; NULL: none. */
struct block_device *block_device_named(const char *name);

/* The bytes from `offset` on, to the end of their block, in its buffer; 0, -EIO, -ENOMEM. */
int32_t block_piece(struct block_device *device, uint64_t offset, struct piece *piece);

/* May programs write to it? 0, -EROFS; -EBUSY: it is mounted. */
int32_t block_may_write(const struct block_device *device);

/* ioctl of an open disk; -ENOTTY: it is none. */
int32_t block_control(struct file *file, uint32_t request, uint32_t argument);
