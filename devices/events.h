/* The scheduler of devices: at most one pending event per id, ordered by
 * (clock, priority = id, sequence), so that ties are explicit.
 * Time is the 64-bit count of CPU clocks; nothing here knows the host's time.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define CLOCK_NEVER UINT64_MAX

/* X(id): the position is the priority among events of one clock. */
#define EVENT_TABLE(X)                                                                             \
    X(PIT_CHANNEL0)                                                                                \
    X(RTC_PERIODIC)                                                                                \
    X(RTC_UPDATE)                                                                                  \
    X(KEYBOARD)                                                                                    \
    X(COM1_TRANSMIT)                                                                               \
    X(COM1_RECEIVE)                                                                                \
    X(COM2_TRANSMIT)                                                                               \
    X(COM2_RECEIVE)                                                                                \
    X(ATA0)                                                                                        \
    X(ATA1)                                                                                        \
    X(LOCAL_APIC)                                                                                  \
    X(PIT_LATE)                                                                                    \
    X(LOCAL_APIC_LATE)

enum event_id {
#define X(id) EVENT_##id,
    EVENT_TABLE(X)
#undef X
        EVENT_COUNT
};

struct event_slot_state {
    uint64_t clock;    /* CPU clocks; CLOCK_NEVER = not pending */
    uint64_t sequence; /* order of posting */
};

struct events_state {
    struct event_slot_state slots[EVENT_COUNT];
    uint64_t next_sequence; /* of the next event posted */
};
_Static_assert(sizeof(struct events_state) == 16 * EVENT_COUNT + 8, "no padding");

/* Forget all events. */
void events_reset(struct events_state *events);
/* Post `id` at `clock` (absolute, CPU clocks), replacing a pending one. */
void events_post(struct events_state *events, enum event_id id, uint64_t clock);
void events_cancel(struct events_state *events, enum event_id id);
/* The earliest clock pending, or CLOCK_NEVER. */
uint64_t events_next_clock(const struct events_state *events);
/* The clock `id` is posted for, or CLOCK_NEVER. */
uint64_t events_clock(const struct events_state *events, enum event_id id);
/* Take the first event due at or before `now`.
 * out: *id and *clock (the clock it was posted for); returns 0 if none is due. */
uint32_t events_take_due(struct events_state *events, uint64_t now, enum event_id *id,
                         uint64_t *clock);
/* NULL if every field is possible, else what is wrong. */
const char *events_check(const struct events_state *events);
