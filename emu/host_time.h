/* The host's clock: the only place below the front ends that reads it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* Nanoseconds since some fixed moment. */
uint64_t host_time_ns(void);
/* Sleep, or return early with bytes to read on `file` (-1: nothing to watch). */
void host_time_wait(uint64_t nanoseconds, int file);
/* Seconds since 1970. */
uint64_t host_time_epoch(void);
