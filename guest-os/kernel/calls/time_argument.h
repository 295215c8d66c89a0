/* Times as arguments of system calls: seconds have 32 bits in the old calls, 64 in the new ones.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

struct time_span {
    uint64_t seconds;     /* at most INT64_MAX */
    uint32_t nanoseconds; /* 0..999999999 */
};

/* Read a struct timespec (`wide`: timespec64) of the program; -EFAULT, -EINVAL. */
int32_t time_span_argument(struct time_span *span, uint32_t address, bool wide);

/* Store one; -EFAULT. */
int32_t time_span_store(const struct time_span *span, uint32_t address, bool wide);

/* From now until that moment of a clock; zero if it is past. */
struct time_span time_span_until(const struct time_span *moment, uint32_t clock);

/* Ticks to sleep, so that it is never too short: rounded up, and one more because the current tick
 * has begun already. 0 only for no time at all. */
uint32_t time_span_ticks(const struct time_span *span);

struct time_span time_span_of_ticks(uint32_t tick_count);
