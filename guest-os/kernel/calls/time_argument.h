/* Times as arguments of system calls, in the four ways in which programs keep them.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

#define NANOSECONDS  1000000000u /* of a second */
#define MICROSECONDS 1000000u

enum time_format {
    TIME_NANO,    /* struct timespec: 32 bits of seconds, 32 of nanoseconds */
    TIME_NANO_64, /* the same with 64 bits each, in the newer calls */
    TIME_MICRO,   /* struct timeval: 32 bits of seconds, 32 of microseconds */
    TIME_WHOLE    /* 32 bits of seconds, nothing more */
};

struct time_span {
    uint64_t seconds;     /* at most INT64_MAX */
    uint32_t nanoseconds; /* 0..999999999 */
};

/* Read both parts as they are, whatever they mean; how many bytes they have, or -EFAULT. */
int32_t time_read(uint32_t address, enum time_format format, int64_t *seconds, uint32_t *fraction);

/* Read a time or a span; 0, -EFAULT, -EINVAL. */
int32_t time_span_argument(struct time_span *span, uint32_t address, enum time_format format);

/* Store one; -EFAULT. */
int32_t time_span_store(const struct time_span *span, uint32_t address, enum time_format format);

/* From now until that moment of a clock; zero if it is past. */
struct time_span time_span_until(const struct time_span *moment, uint32_t clock);

/* Ticks to sleep, so that it is never too short: rounded up, and one more because the current tick
 * has begun already. 0 only for no time at all. */
uint32_t time_span_ticks(const struct time_span *span);

struct time_span time_span_of_ticks(uint32_t tick_count);
