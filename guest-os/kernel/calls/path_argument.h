/* Arguments that many calls have: a descriptor, and a path with the directory it begins at.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"

#define CWD ((uint32_t)AT_FDCWD) /* as a descriptor: paths begin at the current directory */

struct file; /* files/file.h */

/* The open file of a descriptor with one user more, for file_put: another thread may close the
 * descriptor while the call sleeps. NULL: EBADF. */
struct file *file_hold(uint32_t fd);

/* Copy the text at `user` to a page of the kernel's, which path_drop gives back. 0, -EFAULT,
 * -ENAMETOOLONG, -ENOMEM. */
int32_t path_take(uint32_t user, char **path);
void path_drop(char *path);

/* Where `path` begins: *from is NULL (the current directory), or the directory open as `fd`.
 * 0, -EBADF, -ENOTDIR. */
int32_t directory_argument(uint32_t fd, const char *path, struct node **from);

/* What is open as `fd`, with a user. 0, -EBADF. */
int32_t open_node_argument(uint32_t fd, struct node **node);

/* The node at the path at `path_at`, with a user. `flags`: AT_SYMLINK_NOFOLLOW; AT_EMPTY_PATH: no
 * path means what is open as `fd`. Others: -EINVAL. */
int32_t node_argument(uint32_t fd, uint32_t path_at, uint32_t flags, struct node **node);

/* Walk to the directory in which the path at `path_at` names something that is to be made, removed
 * or moved. 0, and path_release(end) is due: `end` has a directory and a name that is neither "."
 * nor ".."; or an error, which is `special` for "." and "/" and `dots` for "..". */
int32_t parent_argument(uint32_t fd, uint32_t path_at, int32_t special, int32_t dots,
                        struct path_end *end);
