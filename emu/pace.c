/* Pacing by the host's clock, which host_time.c reads.
 * SPDX-License-Identifier: MIT */
#include "emu/pace.h"

#include "emu/host_time.h"

#define NS_PER_SECOND 1000000000u
#define FORGIVE_NS    250000000u

static uint64_t scale(uint64_t value, uint64_t times, uint64_t by)
{
    return (uint64_t)((unsigned __int128)value * times / by);
}

void pace_start(struct pacer *pacer, bool real, uint64_t clock_hz, uint64_t guest_clock)
{
    pacer->real = real;
    pacer->clock_hz = clock_hz;
    pacer->host_start = host_time_ns();
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
    uint64_t elapsed = host_time_ns() - pacer->host_start;
    uint64_t target = pacer->guest_start + scale(elapsed, pacer->clock_hz, NS_PER_SECOND);
    if (target <= guest_clock) {
        return 0;
    }
    uint64_t most = scale(FORGIVE_NS, pacer->clock_hz, NS_PER_SECOND) + 1; /* slow ones go on */
    if (target - guest_clock > most) {
        pace_start(pacer, pacer->real, pacer->clock_hz, guest_clock);
        return most / 16 + 1;
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
    uint64_t now = host_time_ns();
    return due > now ? due - now : 0;
}
