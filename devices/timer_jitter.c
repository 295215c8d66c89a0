/* The generator behind --jitter. See: Vigna, "An experimental exploration of Marsaglia's xorshift
 * generators, scrambled" (xorshift64*). SPDX-License-Identifier: MIT */
#include "devices/timer_jitter.h"

#include "devices/seeded.h"

void timer_jitter_start(struct timer_jitter_state *state, uint64_t seed)
{
    uint64_t word = seeded_word(seed, SEEDED_JITTER);

    *state = (struct timer_jitter_state){.random = word ? word : 1};
}

uint32_t timer_jitter_next(struct timer_jitter_state *state)
{
    uint64_t word = state->random;

    word ^= word >> 12;
    word ^= word << 25;
    word ^= word >> 27;
    state->random = word;
    return (uint32_t)((word * 0x2545F4914F6CDD1Du) >> 32) % JITTER_CLOCKS;
}

const char *timer_jitter_check(const struct timer_jitter_state *state)
{
    if (state->level > 1 || state->reserved || (!state->random && state->level)) {
        return "timer jitter: level out of range";
    }
    return 0;
}
