/* The first mounts, and the last sync. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/* Make the file system that root= names the root. Without that word: the files in memory, if the
 * loader brought a ramdisk, else the first disk with an ext2 file system. The files in memory are
 * there already. An archive on one of the disks appears at /host. Panics when there is no root. */
void root_mount(bool has_ramdisk);

/* All disks are as after an unmount, and stay so: before power-off and restart. */
void root_stop(void);
