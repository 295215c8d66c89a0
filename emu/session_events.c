/* The ring of events. What an event itself does not tell is added as it happens: why a process has
 * given the processor away, and how long the timer's interrupt has waited for its handler.
 * SPDX-License-Identifier: MIT */
#include "emu/session_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/clock_ratio.h"
#include "devices/platform_map.h"
#include "emu/session_priv.h"

#define RING_EVENTS   16384u
#define PIT_MODE(pit) ((pit)->control >> 1 & 3u) /* 8254: control word D3..D1; 2 and 6 are one */
#define MODE_RATE     2u
#define MODE_SQUARE   3u

struct session_events {
    struct session *session;
    struct os_events *source;
    uint64_t since;   /* CPU clocks, when it was opened */
    uint64_t dropped; /* events that the ring has lost */
    uint32_t first;   /* index of the oldest */
    uint32_t count;   /* 0..RING_EVENTS */
    uint32_t current; /* address of the process that has the processor, 0: not known */
    uint32_t unused;  /* 0 */
    struct machine_travels travels;
    struct os_event ring[RING_EVENTS];
    uint32_t latencies[RING_EVENTS];
};

static struct os_event *at(struct session_events *events, uint32_t index)
{
    return &events->ring[(events->first + index) % RING_EVENTS];
}

/* ---- the past that has been cut off ---- */

static void recall(struct session_events *events)
{
    struct os_event *past = malloc((events->count + 1u) * sizeof(*past));

    for (uint32_t i = 0; past && i < events->count; i++) {
        past[i] = *at(events, i);
    }
    os_events_recall(events->source, past, past ? events->count : 0);
    free(past);
}

/* What lay behind a cut never happened. */
static bool forget_cut(struct session_events *events)
{
    const struct machine_travels travels = machine_travels(events->session->machine);
    bool cut = travels.cuts != events->travels.cuts;

    while (cut && events->count && at(events, events->count - 1)->step >= travels.cut_step) {
        events->count--;
    }
    events->current = cut ? 0 : events->current;
    events->travels = travels;
    return cut;
}

/* ---- what is added ---- */

/* Why the one that had the processor has given it away. */
static void tell_reason(struct session_events *events, struct os_event *event)
{
    const struct guest_os *os = session_os(events->session);
    struct machine *machine = events->session->machine;
    uint32_t before = events->current;
    struct guest_process process;
    const struct os_call *call;

    events->current = os ? guest_os_current_address(os, machine) : 0;
    if (before == 0 || !guest_os_at(os, machine, before, &process)) {
        return;
    }
    call = process.numbers_known >> GUEST_CALL & 1 ? os_call(process.numbers[GUEST_CALL]) : NULL;
    if (strcmp(process.state, "waiting") != 0) {
        snprintf(event->text, sizeof(event->text), "%s", process.state);
        return;
    }
    snprintf(event->text, sizeof(event->text), "waits: %s%s%s%s",
             process.reason[0] ? process.reason : "something", call ? " (" : "",
             call ? call->name : "", call ? ")" : "");
}

/* Clocks from the last edge of channel 0's output, which asks for the interrupt, to `clock`;
 * UINT32_MAX: it runs in no mode that repeats. See: 8254 data sheet, modes 2 and 3. */
static uint32_t timer_latency(const struct machine_state *state, uint64_t clock, uint64_t clock_hz)
{
    const struct pit_channel_state *pit = &state->pc.pit.channels[0];
    uint64_t first = pit->start_tick;
    uint64_t now = ticks_from_clock(clock, PIT_HZ, clock_hz);
    uint64_t edge;

    if (pit->run != PIT_COUNTING || pit->loaded == 0 || now < first ||
        (PIT_MODE(pit) != MODE_RATE && PIT_MODE(pit) != MODE_SQUARE)) {
        return UINT32_MAX;
    }
    if (PIT_MODE(pit) == MODE_SQUARE && pit->start_low) {
        first += pit->loaded / 2; /* OUT rises in the middle */
    }
    if (now < first) {
        return UINT32_MAX;
    }
    edge = clock_from_ticks(first + (now - first) / pit->loaded * pit->loaded, PIT_HZ, clock_hz);
    return clock >= edge && clock - edge < UINT32_MAX ? (uint32_t)(clock - edge) : UINT32_MAX;
}

static uint32_t latency_of(struct session_events *events, const struct os_event *event)
{
    struct machine *machine = events->session->machine;
    const struct machine_state *state;

    if (event->kind != OS_EVENT_IRQ) {
        return UINT32_MAX;
    }
    state = machine_state(machine);
    if (event->number != (state->pc.pic.master.icw2 & 0xF8u)) {
        return UINT32_MAX;
    }
    return timer_latency(state, event->clock, machine_get_config(machine)->clock_hz);
}

static void hear(void *context, const struct os_event *event)
{
    struct session_events *events = context;
    bool cut = forget_cut(events);
    struct os_event *to;

    if (events->count == RING_EVENTS) {
        events->first = (events->first + 1) % RING_EVENTS;
        events->count--;
        events->dropped++;
    }
    to = at(events, events->count);
    *to = *event;
    events->latencies[(events->first + events->count) % RING_EVENTS] = latency_of(events, event);
    events->count++;
    if (event->kind == OS_EVENT_SWITCHED) {
        tell_reason(events, to);
    }
    if (cut) {
        recall(events);
    }
}

/* ---- for the session ---- */

struct session_events *session_events_open(struct session *session)
{
    struct session_events *events = calloc(1, sizeof(*events));

    if (events) {
        events->session = session;
    }
    return events;
}

void session_events_close(struct session_events *events)
{
    if (events) {
        os_events_close(events->source);
        free(events);
    }
}

bool session_events_listen(struct session_events *events, bool on)
{
    struct session *session = events->session;

    if (on == (events->source != NULL)) {
        return on;
    }
    os_events_close(events->source);
    events->source = NULL;
    events->count = 0;
    if (!on) {
        return false;
    }
    events->since = machine_clock(session->machine);
    events->dropped = 0;
    events->first = 0;
    events->current = 0;
    events->travels = machine_travels(session->machine);
    events->source = os_events_open(session->machine, MACHINE_LISTENER_VIEWS, session_os(session),
                                    session->symbols, OS_EVENTS_ALL, hear, events);
    return events->source != NULL;
}

void session_events_fill(struct session_events *events, struct session_log *log)
{
    session_events_listen(events, true);
    if (forget_cut(events) && events->source) {
        recall(events);
    }
    *log = (struct session_log){.known = 1,
                                .since = events->since,
                                .dropped = events->dropped,
                                .first = events->first,
                                .count = events->count,
                                .capacity = RING_EVENTS,
                                .ring = events->ring,
                                .latencies = events->latencies};
}
