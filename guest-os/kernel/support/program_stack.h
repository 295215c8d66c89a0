/* The stack that a program begins with. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"
#include "support/elf.h"

#define AUXILIARY_BYTES 128 /* 16 pairs */

/* Reserve the stack of image->space and put argv, envp and the auxiliary vector on it; image->stack
 * is set. 0, -E2BIG, -EFAULT, -ENOMEM. */
int32_t program_stack_build(struct program_image *image, const struct exec_vectors *vectors);
