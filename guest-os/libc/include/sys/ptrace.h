/* Tracing another process. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

/* As the call; of a peek the word, with errno 0 or, if the result is -1, perhaps the error. */
int ptrace(uint32_t request, int pid, uint32_t address, void *data);
