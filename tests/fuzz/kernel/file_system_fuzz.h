/* The kernel's file systems on the host. SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"

#include <stddef.h>
#include <stdint.h>

/* Mount `data` as a disk of this kind, look at everything there is, change what can be changed, and
 * unmount. Aborts if a buffer stays pinned, a node used or a lock held, or if the kernel panics. */
void file_system_fuzz(const struct file_system_kind *kind, const uint8_t *data, size_t size);
