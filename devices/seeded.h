/* Numbers drawn from --seed: what differs from one real machine to the next although nobody typed
 * anything. Each place that wants one has its own, so that none depends on another.
 * See: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (SplitMix64).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

enum seeded_place {
    SEEDED_TIME_STAMP,  /* what the time stamp counter starts at */
    SEEDED_RTC_PHASE,   /* how long before power-on the clock's last second began */
    SEEDED_CMOS,        /* eight bytes of battery-backed memory, CMOS_SEED */
    SEEDED_JITTER,      /* the generator of --jitter */
    SEEDED_BOOT_LOADER, /* what a boot loader hands a kernel for its random pool; 4 words */
};

/* The number of `place`; places from SEEDED_BOOT_LOADER on may be counted up. */
static inline uint64_t seeded_word(uint64_t seed, uint32_t place)
{
    uint64_t word = seed + (place + 1) * 0x9E3779B97F4A7C15u;

    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9u;
    word = (word ^ word >> 27) * 0x94D049BB133111EBu;
    return word ^ word >> 31;
}
