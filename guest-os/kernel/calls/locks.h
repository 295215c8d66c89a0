/* Locks on ranges of files. SPDX-License-Identifier: MIT */
#pragma once

#include "files/file.h"

/* fcntl's F_GETLK, F_SETLK, F_SETLKW and their forms for 64 bits; `user`: the struct flock. */
int32_t lock_range(struct file *file, uint32_t command, uint32_t user);
