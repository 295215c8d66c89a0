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

/* Read both parts as they are, whatever they mean; how many bytes they have, or -EFAULT. */
int32_t time_read(uint32_t address, enum time_format format, int64_t *seconds, uint32_t *fraction);

/* Read a moment or a span as microseconds, rounded up; 0, -EFAULT, -EINVAL. */
int32_t time_argument(uint64_t *microseconds, uint32_t address, enum time_format format);

/* Store one; -EFAULT. */
int32_t time_store(uint64_t microseconds, uint32_t address, enum time_format format);

/* From now until that moment of a clock, in microseconds; 0 if it is past. */
uint64_t time_until(uint64_t moment, uint32_t clock);

/* Microseconds as ticks, rounded up, at most MOST_TICKS; and back. */
#define MOST_TICKS ((uint32_t)INT32_MAX - 1)
uint32_t time_to_ticks(uint64_t microseconds);
uint64_t time_of_ticks(uint32_t tick_count);

/* Ticks to sleep, so that it is never too short: one more, because the current tick has begun
 * already. 0 only for no time at all. */
uint32_t time_to_sleep(uint64_t microseconds);
