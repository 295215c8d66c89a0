/* A new process or thread that shares what one chooses. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

/* Run function(argument) in a new process with its own stack, which grows down from `stack`; its
 * result is its exit status. flags: CLONE_... and the signal for the parent. See: clone(2). */
int clone(int (*function)(void *argument), void *stack, uint32_t flags, void *argument);
