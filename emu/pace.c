/* Pacing by the host's monotonic clock.
 * SPDX-License-Identifier: MIT */
#include "emu/pace.h"

#include <time.h>

#define NS_PER_SECOND 1000000000u
#define FORGIVE_NS    250000000u

uint64_t pace_host_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static uint64_t scale(uint64_t value, uint64_t times, uint64_t by)
{
    return (uint64_t)((unsigned __int128)value * times / by);
}

void pace_start(struct pacer *pacer, bool real, uint64_t clock_hz, uint64_t guest_clock)
{
    pacer->real = real;
    pacer->clock_hz = clock_hz;
    pacer->host_start = pace_host_ns();
    pacer->guest_start = guest_clock;
}

uint64_t pace_allowed(struct pacer *pacer, uint64_t guest_clock)
{
    if (!pacer->real) {
        return UINT64_MAX;
    }
    if (guest_clock < pacer->guest_start) { /* it went back in time */
        pace_start(pacer, pacer->real, pacer->clock_hz, guest_clock);
    }
    uint64_t elapsed = pace_host_ns() - pacer->host_start;
    uint64_t target = pacer->guest_start + scale(elapsed, pacer->clock_hz, NS_PER_SECOND);
    if (target <= guest_clock) {
        return 0;
    }
    uint64_t most = scale(FORGIVE_NS, pacer->clock_hz, NS_PER_SECOND);
    if (target - guest_clock > most) {
        pace_start(pacer, pacer->real, pacer->clock_hz, guest_clock);
        return most / 16;
    }
    return target - guest_clock;
}

uint64_t pace_wait_ns(const struct pacer *pacer, uint64_t guest_clock, uint64_t clocks)
{
    if (!pacer->real) {
        return 0;
    }
    uint64_t due = pacer->host_start +
                   scale(guest_clock + clocks - pacer->guest_start, NS_PER_SECOND, pacer->clock_hz);
    uint64_t now = pace_host_ns();
    return due > now ? due - now : 0;
}

void pace_sleep_ns(uint64_t nanoseconds)
{
    struct timespec time = {(time_t)(nanoseconds / NS_PER_SECOND),
                            (int64_t)(nanoseconds % NS_PER_SECOND)};

    nanosleep(&time, NULL);
}
