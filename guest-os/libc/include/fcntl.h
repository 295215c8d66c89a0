/* Opening files. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

/* The third argument, with O_CREAT: permissions of a new file. */
int open(const char *path, uint32_t flags, ...);
