/* Exact conversion between CPU clocks and the ticks of a slower (or faster) oscillator.
 * 128-bit products, so nothing is lost over the whole 64-bit range; no state, no drift.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

__extension__ typedef unsigned __int128 clock_product; /* intermediate of the two functions only */

/* How many ticks of an oscillator of `tick_hz` have passed by `clock`: floor(clock*tick/clock). */
static inline uint64_t ticks_from_clock(uint64_t clock, uint64_t tick_hz, uint64_t clock_hz)
{
    return (uint64_t)((clock_product)clock * tick_hz / clock_hz);
}

/* The first clock at which `ticks` ticks have passed; UINT64_MAX if it is not representable. */
static inline uint64_t clock_from_ticks(uint64_t ticks, uint64_t tick_hz, uint64_t clock_hz)
{
    clock_product clock = ((clock_product)ticks * clock_hz + tick_hz - 1) / tick_hz;

    return clock > UINT64_MAX ? UINT64_MAX : (uint64_t)clock;
}
