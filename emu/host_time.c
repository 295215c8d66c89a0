/* The host's clock.
 * SPDX-License-Identifier: MIT */
#include "emu/host_time.h"

#include <poll.h>
#include <stddef.h>
#include <time.h>

uint64_t host_time_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void host_time_wait(uint64_t nanoseconds, int file)
{
    struct pollfd watched = {.fd = file, .events = POLLIN};
    int milliseconds = nanoseconds > 1000000000u ? 1000 : (int)((nanoseconds + 999999) / 1000000);

    poll(&watched, file >= 0 ? 1 : 0, milliseconds);
}

uint64_t host_time_epoch(void)
{
    return (uint64_t)time(NULL);
}
