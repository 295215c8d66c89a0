/* The initial ramdisk: files in memory, from a cpio archive ("newc") that the boot loader brought.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ramdisk_file {
    const uint8_t *data; /* in the kernel's memory, read-only */
    uint32_t bytes;      /* length */
};

/* Use the archive at `archive`, `bytes` long. Says how many files it has; 0: no archive. */
uint32_t ramdisk_initialise(const uint8_t *archive, uint32_t bytes);

/* Call `visit` for each regular file and directory; the path has no leading "/". */
void ramdisk_for_each(void (*visit)(const char *path, const struct ramdisk_file *file,
                                    uint32_t mode));
