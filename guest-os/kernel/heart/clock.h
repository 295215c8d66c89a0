/* The date, and ticks as times. SPDX-License-Identifier: MIT */
#pragma once

#include "include/abi.h"

/* Microseconds since 1970; it can be set. */
uint64_t realtime_microseconds(void);
void realtime_set(uint64_t microseconds);

struct timeval ticks_to_timeval(uint32_t tick_count);
