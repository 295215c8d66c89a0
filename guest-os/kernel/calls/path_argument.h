/* Arguments that many calls have: a path, and the directory it begins at.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"

/* Copy the text at `user` to `path` (PATH_LIMIT bytes). 0, -EFAULT, -ENAMETOOLONG. */
int32_t path_argument(char *path, uint32_t user);

/* Where `path` begins: *from is NULL (the current directory), or the directory open as `fd`.
 * 0, -EBADF, -ENOTDIR. */
int32_t directory_argument(int32_t fd, const char *path, struct node **from);
