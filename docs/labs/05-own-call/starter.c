/* A system call of one's own: the kernel's side of ancestors(pids, count).
 * SPDX-License-Identifier: MIT */
#include "heart/process.h"
#include "heart/system_call.h"

/* Here: int32_t sys_ancestors(uint32_t pids, uint32_t asked) */
