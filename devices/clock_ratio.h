/* Exact conversion between CPU clocks and the ticks of a slower (or faster) oscillator, over
 * the whole 64-bit range: whole seconds first, then the rest, so that no product overflows as long
 * as clock_hz * tick_hz is below 2^64 (a CPU of 650 GHz beside the VGA's dot clock).
 * No state, no drift.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* How many ticks of an oscillator of `tick_hz` have passed by `clock`, rounded down. */
static inline uint64_t ticks_from_clock(uint64_t clock, uint64_t tick_hz, uint64_t clock_hz)
{
    return clock / clock_hz * tick_hz + clock % clock_hz * tick_hz / clock_hz;
}

/* The first clock at which `ticks` ticks have passed; UINT64_MAX if it is not representable. */
static inline uint64_t clock_from_ticks(uint64_t ticks, uint64_t tick_hz, uint64_t clock_hz)
{
    uint64_t rest = (ticks % tick_hz * clock_hz + tick_hz - 1) / tick_hz;
    uint64_t clock;

    if (__builtin_mul_overflow(ticks / tick_hz, clock_hz, &clock) ||
        __builtin_add_overflow(clock, rest, &clock)) {
        return UINT64_MAX;
    }
    return clock;
}
