/* Files out of an ext2 file system as it lies on a disk, for looking: nothing is written, and
 * nothing in it is believed. Not read: what an operating system still holds in its buffers.
 * See: the ext2 layout as documented for Linux (superblock, group descriptors, inodes).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"

struct ext2_image {
    void *context;
    /* Bytes of the disk; false: there are none. */
    bool (*read)(void *context, uint64_t offset, void *bytes, uint32_t size);
};

/* The content of the regular file at an absolute path, through symbolic links, to be freed by the
 * caller. false with *err filled: one line with the path. */
bool ext2_image_file(const struct ext2_image *image, const char *path, uint64_t limit,
                     uint8_t **bytes, size_t *size, struct err *err);
