/* The first mounts, and the last sync. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* Make the file system that root= names the root. Without that word: files in memory, if the loader
 * brought a ramdisk (`bytes` at the physical address `start`, else 0), or the first disk with an
 * ext2 file system. /dev and /proc are mounted in it, and an archive on one of the disks at /host.
 * Panics when there is no root. */
void root_mount(uint32_t start, uint32_t bytes);

/* All disks are as after an unmount, and stay so: before power-off and restart. */
void root_stop(void);
