/* The local APIC's timer: its count is computed from the clock, an event is posted for the next
 * interrupt only. See: Intel SDM volume 3, "APIC Timer". SPDX-License-Identifier: MIT */
#include "devices/local_apic.h"

/* Divisors 2, 4, .. 128, 1 by bits 3, 1, 0. */
static uint32_t divisor(const struct local_apic_state *state)
{
    uint32_t code = (state->timer_divide & 3) | (state->timer_divide >> 1 & 4);

    return 1u << ((code + 1) & 7);
}

uint32_t local_apic_timer_count(const struct local_apic_state *state, uint64_t now)
{
    uint64_t ticks = (now - state->timer_start) / divisor(state);

    if (ticks < state->timer_count) {
        return state->timer_count - (uint32_t)ticks;
    }
    if (!(state->lvt[LVT_TIMER] & LVT_PERIODIC) || !state->timer_initial || !state->timer_count) {
        return 0;
    }
    return state->timer_initial - (uint32_t)((ticks - state->timer_count) % state->timer_initial);
}

uint64_t local_apic_timer_clock(const struct local_apic_state *state, uint64_t now)
{
    uint64_t ticks;
    uint32_t left;

    if (!state->present || state->timer_start > now || (state->lvt[LVT_TIMER] & LVT_MASKED)) {
        return CLOCK_NEVER;
    }
    ticks = (now - state->timer_start) / divisor(state);
    left = local_apic_timer_count(state, now);
    return left ? state->timer_start + (ticks + left) * divisor(state) : CLOCK_NEVER;
}

/* Count on from here, in phase, so that what the present count depends on may change. */
void local_apic_timer_settle(struct local_apic_state *state, uint64_t now)
{
    uint64_t ticks = (now - state->timer_start) / divisor(state);

    state->timer_count = local_apic_timer_count(state, now);
    state->timer_start += ticks * divisor(state);
}

void local_apic_timer_post(struct local_apic *apic, uint64_t now)
{
    uint64_t clock = local_apic_timer_clock(apic->state, now);

    if (clock == CLOCK_NEVER) {
        events_cancel(apic->events, EVENT_LOCAL_APIC);
    } else {
        events_post(apic->events, EVENT_LOCAL_APIC, clock);
    }
}

void local_apic_timer_start(struct local_apic *apic, uint32_t count, uint64_t now)
{
    apic->state->timer_initial = count;
    apic->state->timer_count = count;
    apic->state->timer_start = now;
    local_apic_timer_post(apic, now);
}

void local_apic_timer_divide(struct local_apic *apic, uint32_t value, uint64_t now)
{
    local_apic_timer_settle(apic->state, now);
    apic->state->timer_divide = value & 0xB;
    apic->state->timer_start = now; /* the divider begins anew */
    local_apic_timer_post(apic, now);
}
