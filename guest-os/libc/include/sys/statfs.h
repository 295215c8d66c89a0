/* How full a file system is. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

static inline int statfs(const char *path, struct statfs64 *to)
{
    return statfs_raw(path, sizeof(*to), to);
}
