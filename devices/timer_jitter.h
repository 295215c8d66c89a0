/* Jitter of the timers (--jitter): each tick of the 8254's channel 0 and of the local APIC's timer
 * reaches the interrupt controllers 0 to JITTER_CLOCKS - 1 clocks late. The counters themselves are
 * exact, so nothing drifts. How late comes from a generator that is part of the state: the same
 * seed gives the same run, in a replay and from a snapshot too.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define JITTER_CLOCKS 64u /* a power of two */

struct timer_jitter_state {
    uint64_t random;   /* the generator, never 0; 0: no jitter */
    uint32_t level;    /* OUT of channel 0 as the timer drives it, 0 or 1; 0 without jitter */
    uint32_t reserved; /* 0 */
};
_Static_assert(sizeof(struct timer_jitter_state) == 16, "no padding");

/* Begin with a seed, any number. */
void timer_jitter_start(struct timer_jitter_state *state, uint64_t seed);
/* How late the next tick is, clocks; always 0 without jitter. */
uint32_t timer_jitter_next(struct timer_jitter_state *state);
/* NULL if every field is possible, else what is wrong. */
const char *timer_jitter_check(const struct timer_jitter_state *state);
