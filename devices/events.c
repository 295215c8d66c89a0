/* The scheduler of devices. A handful of ids makes a scan cheaper than a heap.
 * SPDX-License-Identifier: MIT */
#include "devices/events.h"

/* The order of two pending events: clock, then id, then order of posting. Ids differ, so the
 * sequence only documents in which order the guest's writes armed them. */
static uint32_t first_pending(const struct events_state *events)
{
    uint32_t best = 0;

    for (uint32_t id = 1; id < EVENT_COUNT; id++) {
        if (events->slots[id].clock < events->slots[best].clock) {
            best = id;
        }
    }
    return best;
}

void events_reset(struct events_state *events)
{
    for (uint32_t id = 0; id < EVENT_COUNT; id++) {
        events->slots[id].clock = CLOCK_NEVER;
        events->slots[id].sequence = 0;
    }
    events->next_sequence = 0;
}

void events_post(struct events_state *events, enum event_id id, uint64_t clock)
{
    events->slots[id].clock = clock;
    events->slots[id].sequence = events->next_sequence++;
}

void events_cancel(struct events_state *events, enum event_id id)
{
    events->slots[id].clock = CLOCK_NEVER;
    events->slots[id].sequence = 0;
}

uint64_t events_clock(const struct events_state *events, enum event_id id)
{
    return events->slots[id].clock;
}

uint64_t events_next_clock(const struct events_state *events)
{
    return events->slots[first_pending(events)].clock;
}

uint32_t events_take_due(struct events_state *events, uint64_t now, enum event_id *id,
                         uint64_t *clock)
{
    uint32_t first = first_pending(events);

    if (events->slots[first].clock > now || events->slots[first].clock == CLOCK_NEVER) {
        return 0;
    }
    *id = (enum event_id)first;
    *clock = events->slots[first].clock;
    events_cancel(events, *id);
    return 1;
}

const char *events_check(const struct events_state *events)
{
    for (uint32_t id = 0; id < EVENT_COUNT; id++) {
        const struct event_slot_state *slot = &events->slots[id];

        if (slot->clock == CLOCK_NEVER ? slot->sequence != 0
                                       : slot->sequence >= events->next_sequence) {
            return "event queue: sequence number out of range";
        }
    }
    return 0;
}
