/* How far the guest's clock may run, and how long to sleep.
 * The machine itself never learns of it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pacer {
    bool real;            /* the guest's clock follows the host's; else as fast as it goes */
    uint64_t clock_hz;    /* guest clocks per second */
    uint64_t host_start;  /* ns, when guest_start was the guest's clock */
    uint64_t guest_start; /* CPU clocks */
};

/* Begin, or begin anew after a pause or a jump in the guest's clock. */
void pace_start(struct pacer *pacer, bool real, uint64_t clock_hz, uint64_t guest_clock);
/* How many clocks the guest may run now. A guest that is more than a quarter of a second behind
 * is forgiven the rest. */
uint64_t pace_allowed(struct pacer *pacer, uint64_t guest_clock);
/* Nanoseconds until the guest may run `clocks`; 0: at once. */
uint64_t pace_wait_ns(const struct pacer *pacer, uint64_t guest_clock, uint64_t clocks);
