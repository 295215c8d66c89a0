/* Stopping at events: what the machine is told to watch for, and what is made of what it reports.
 *
 * Places are breakpoints of the machine, which stops before the instruction. Everything else comes
 * from its observer, which notes the event and has the machine stop behind the instruction or
 * delivery; only there is looked whether filters and condition hold. Text on the console is found
 * where the bytes pass, and again, in a replay, by the clocks noted then.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session_priv.h"

#define SYSCALL_VECTOR 0x80u

/* The points that count now: those of the user, and the one that is searched for. */
static struct session_point *point_at(struct session *session, uint32_t index)
{
    struct session_point *point =
        index == SESSION_POINTS_MAX ? &session->wanted : &session->points[index];

    return point->number && !point->disabled ? point : NULL;
}

/* ---- telling the machine ---- */

static uint32_t kind_bits(const struct session_point *point)
{
    static const uint32_t bits[] = {
        [POINT_MEMORY] = 1u << EVENT_MEMORY,
        [POINT_PORT] = 1u << EVENT_PORT,
        [POINT_VECTOR] = 1u << EVENT_DELIVERY,
        [POINT_SYSCALL] = 1u << EVENT_DELIVERY,
        [POINT_MODE] = 1u << EVENT_MODE_SWITCH,
        [POINT_CR3] = 1u << EVENT_CR3,
        [POINT_RETURN] = 1u << EVENT_RETURN,
        [POINT_HALT] = 1u << EVENT_HALT,
        [POINT_CLOCK] = 0,
    };

    return bits[point->kind];
}

static bool event_fits(struct session *session, const struct machine_event *event, uint32_t index)
{
    const struct session_point *point = point_at(session, index);

    if (!point || !(kind_bits(point) & 1u << event->kind)) {
        return false;
    }
    switch (point->kind) {
    case POINT_MEMORY:
        return session->watch_points[event->watch] == index &&
               (!point->changed || event->value != event->old_value) &&
               (!point->has_value || event->value == point->value);
    case POINT_PORT:
        return event->port >= point->first && event->port <= point->last &&
               (event->write ? point->writes : point->reads) &&
               (!point->has_value || event->value == point->value);
    case POINT_VECTOR:
        return event->vector >= point->first && event->vector <= point->last &&
               (point->deliveries & 1u << event->delivery_kind);
    case POINT_SYSCALL:
        return event->vector == SYSCALL_VECTOR && event->delivery_kind == DELIVERY_SOFTWARE;
    case POINT_CR3:
        return point->first == UINT32_MAX || event->value == point->first;
    default:
        return true;
    }
}

static bool observe(void *context, const struct machine_event *event)
{
    struct session *session = context;

    for (uint32_t i = 0; i <= SESSION_POINTS_MAX; i++) {
        if (event_fits(session, event, i)) {
            if (session->noted < EVENTS_NOTED_MAX) {
                session->events[session->noted++] = *event;
            }
            return true;
        }
    }
    return false;
}

static void breakpoint_insert(struct session *session, uint32_t address)
{
    uint32_t *list = session->breakpoints;
    uint32_t at = 0;

    while (at < session->breakpoint_count && list[at] < address) {
        at++;
    }
    if ((at < session->breakpoint_count && list[at] == address) ||
        session->breakpoint_count == 64) {
        return;
    }
    memmove(list + at + 1, list + at, (session->breakpoint_count - at) * sizeof(*list));
    list[at] = address;
    session->breakpoint_count++;
}

void session_arm(struct session *session)
{
    struct machine_observer observer = {.context = session, .event = observe};
    struct machine_watch watches[WATCHES_MAX];
    uint32_t watch_count = 0;
    uint32_t kinds = 0;

    session->breakpoint_count = 0;
    session->noted = 0;
    for (uint32_t i = 0; i <= SESSION_POINTS_MAX; i++) {
        const struct session_point *point = point_at(session, i);

        if (!point) {
            continue;
        }
        kinds |= kind_bits(point);
        for (uint32_t k = 0; k < point->address_count; k++) {
            breakpoint_insert(session, point->addresses[k]);
        }
        if (point->kind == POINT_MEMORY && watch_count < WATCHES_MAX) {
            session->watch_points[watch_count] = i;
            watches[watch_count++] = (struct machine_watch){.first = point->first,
                                                            .last = point->last,
                                                            .reads = point->reads,
                                                            .writes = point->writes,
                                                            .physical = point->physical};
        }
    }
    session_use_breakpoints(session);
    machine_set_watches(session->machine, watches, watch_count);
    machine_observe(session->machine, kinds, kinds ? &observer : NULL);
}

/* ---- conditions and logs ---- */

bool session_event_value(struct session *session, const char *name, struct expression_value *value)
{
    const struct machine_event *event = session->event_now;
    const struct {
        const char *name;
        uint32_t value;
    } values[] = {
        {"vector", event ? event->vector : 0}, {"error", event ? event->error_code : 0},
        {"port", event ? event->port : 0},     {"value", event ? event->value : 0},
        {"old", event ? event->old_value : 0}, {"address", event ? event->address : 0},
        {"writer", event ? event->linear : 0},
    };

    for (uint32_t i = 0; event && i < sizeof(values) / sizeof(values[0]); i++) {
        if (strcmp(values[i].name, name) == 0) {
            *value = expression_integer(values[i].value, 4, false);
            return true;
        }
    }
    return false;
}

/* The vector that the interrupt controllers give a line at present. */
static uint32_t vector_of_line(struct session *session, uint32_t line)
{
    const struct pic_pair_state *pic = &machine_state(session->machine)->pc.pic;

    return (line < 8 ? pic->master.icw2 : pic->slave.icw2) + line % 8u;
}

/* What a point waits for has happened; do filters and condition hold? What can not be evaluated
 * does hold: the user sees why. */
static bool filters_hold(struct session *session, const struct session_point *point)
{
    const struct machine_event *event = session->event_now;
    const struct cpu_state *cpu = &machine_state(session->machine)->cpu;
    struct expression_provider provider = session_provider(session);
    uint32_t cpl = event ? event->cpl : cpu->cpl;
    struct expression_value value;
    struct expression_error error;

    if ((point->only_user && cpl != 3) || (point->only_kernel && cpl == 3) ||
        (point->kind == POINT_SYSCALL && point->first != UINT32_MAX &&
         cpu->gpr[REG_EAX] != point->first) ||
        (point->has_line && event && event->vector != vector_of_line(session, point->line))) {
        return false;
    }
    return !point->has_condition ||
           !expression_evaluate(&point->condition, &provider, &value, &error) || value.number != 0;
}

/* What the event was, in words. */
static void describe(const struct session *session, const struct session_point *point, char *text,
                     size_t bytes)
{
    const struct machine_event *event = session->event_now;

    if (!event) {
        snprintf(text, bytes, "%s", point->text);
        return;
    }
    switch (event->kind) {
    case EVENT_MEMORY:
        if (event->write) {
            snprintf(text, bytes,
                     "%08" PRIX32 " written by %08" PRIX32 ": %0*" PRIX32 " becomes %0*" PRIX32,
                     event->address, event->linear, (int)event->bytes * 2, event->old_value,
                     (int)event->bytes * 2, event->value);
        } else {
            snprintf(text, bytes, "%08" PRIX32 " read by %08" PRIX32 ": %0*" PRIX32, event->address,
                     event->linear, (int)event->bytes * 2, event->value);
        }
        break;
    case EVENT_PORT:
        snprintf(text, bytes, "port %" PRIX32 "h %s by %08" PRIX32 ": %0*" PRIX32, event->port,
                 event->write ? "written" : "read", event->linear, (int)event->bytes * 2,
                 event->value);
        break;
    case EVENT_DELIVERY:
        snprintf(
            text, bytes,
            "vector %02" PRIX32 "h delivered, error code %" PRIX32 ", from %s mode at %08" PRIX32,
            event->vector, event->error_code, event->cpl == 3 ? "user" : "kernel", event->linear);
        break;
    case EVENT_MODE_SWITCH:
        snprintf(text, bytes, "mode switch from CPL %" PRIu32 " to %" PRIu32,
                 event->old_value & EVENT_MODE_CPL, event->value & EVENT_MODE_CPL);
        break;
    case EVENT_CR3:
        snprintf(text, bytes, "CR3 loaded by %08" PRIX32 ": %08" PRIX32 " becomes %08" PRIX32,
                 event->linear, event->old_value, event->value);
        break;
    default:
        snprintf(text, bytes, "%s at %08" PRIX32, event->kind == EVENT_RETURN ? "IRET" : "halted",
                 event->linear);
        break;
    }
}

/* A log text with {EXPR} and {/x EXPR} replaced by values. */
static void log_line(struct session *session, const struct session_point *point)
{
    struct expression_provider provider = session_provider(session);
    const char *at = point->log;
    char text[512];

    session_print(session, "%s[%" PRIu64 "] ", session->answered ? "\n" : "",
                  machine_clock(session->machine));
    if (!*at) {
        describe(session, point, text, sizeof(text));
        session_print(session, "%s", text);
        return;
    }
    while (*at) {
        size_t plain = strcspn(at, "{");
        size_t length = at[plain] ? strcspn(at + plain, "}") : 0;
        char format = 0;
        struct expression_value value;
        const char *start = at + plain + 1;

        session_print(session, "%.*s", (int)plain, at);
        if (!at[plain]) {
            return;
        }
        if (start[0] == '/' && start[1] && start[2] == ' ') {
            format = start[1];
            start += 3;
        }
        snprintf(text, sizeof(text), "%.*s", (int)(at + plain + length - start), start);
        if (session_evaluate(session, text, &value)) {
            expression_print(&value, &provider, format, text, sizeof(text));
        } else {
            snprintf(text, sizeof(text), "?");
        }
        session_print(session, "%s", text);
        at += plain + length + (at[plain + length] == '}');
    }
}

/* ---- what has happened ---- */

/* The point's event is here, with filters: does it stop? */
static bool point_met(struct session *session, struct session_point *point, bool searching)
{
    if (searching && session->wanted.number && point != &session->wanted) {
        return false;
    }
    if (!filters_hold(session, point)) {
        return false;
    }
    if (searching) {
        return true;
    }
    point->hits++;
    if (point->hits <= point->ignore) {
        return false;
    }
    if (point->is_trace) {
        log_line(session, point);
        session_tell_log(session);
        return false;
    }
    session_say_hit(session, point);
    if (point->once) {
        point->disabled = 1;
    }
    return true;
}

static bool is_at(const struct session_point *point, uint32_t linear)
{
    for (uint32_t i = 0; i < point->address_count; i++) {
        if (point->addresses[i] == linear) {
            return true;
        }
    }
    return false;
}

struct session_point *session_hit(struct session *session, enum machine_stop stop, bool searching)
{
    struct session_point *met = NULL;
    uint32_t linear = session_linear_eip(session);

    if (stop == MACHINE_STOP_BREAKPOINT) {
        for (uint32_t i = 0; i <= SESSION_POINTS_MAX; i++) {
            struct session_point *point = point_at(session, i);

            if (point && is_at(point, linear) && point_met(session, point, searching) && !met) {
                met = point;
            }
        }
    }
    for (uint32_t k = 0; k < session->noted; k++) {
        session->event_now = &session->events[k];
        for (uint32_t i = 0; i <= SESSION_POINTS_MAX; i++) {
            struct session_point *point =
                event_fits(session, &session->events[k], i) ? point_at(session, i) : NULL;

            if (point && point_met(session, point, searching) && !met) {
                met = point;
            }
        }
    }
    session->event_now = NULL;
    session->noted = 0;
    return met;
}

void session_say_hit(struct session *session, const struct session_point *point)
{
    char text[200];
    char why[300];

    describe(session, point, text, sizeof(text));
    if (point->kind == POINT_PLACE && point->number != UINT32_MAX) {
        session_say_place(session, "breakpoint");
        return;
    }
    snprintf(why, sizeof(why), "%s; stopped", text);
    session_say_place(session, why);
}

/* ---- clocks and the console ---- */

/* Whether the stream's bytes before number `end` end with the point's text. */
static bool printed_before(const struct session_stream *stream, uint64_t end,
                           const struct session_point *point)
{
    size_t length = strlen(point->console);

    if (end < length || stream->count - (end - length) > SESSION_STREAM_BYTES) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (stream->bytes[(end - length + i) % SESSION_STREAM_BYTES] != point->console[i]) {
            return false;
        }
    }
    return true;
}

void session_console_byte(struct session *session)
{
    const struct session_stream *stream = &session->streams[CHANNEL_COM1];

    for (uint32_t i = 0; i <= SESSION_POINTS_MAX; i++) {
        const struct session_point *point = point_at(session, i);

        if (point && point->kind == POINT_CONSOLE && printed_before(stream, stream->count, point)) {
            session->console_seen = 1;
            machine_stop_after_instruction(session->machine);
            return;
        }
    }
}

/* When the text has been printed next after `count` bytes, as far as is known; UINT64_MAX. A byte
 * leaves within an instruction: one clock later is behind it. */
static uint64_t printed_next(struct session *session, const struct session_point *point,
                             uint64_t count)
{
    const struct session_stream *stream = &session->streams[CHANNEL_COM1];

    for (uint64_t end = count + 1; end <= stream->count; end++) {
        if (printed_before(stream, end, point)) {
            return stream->clocks[(end - 1) % SESSION_STREAM_BYTES] + 1;
        }
    }
    return UINT64_MAX;
}

uint64_t session_next_clock(struct session *session, uint64_t until)
{
    uint64_t now = machine_clock(session->machine);
    uint64_t count = machine_state(session->machine)->progress.bytes_out[CHANNEL_COM1];

    for (uint32_t i = 0; i <= SESSION_POINTS_MAX; i++) {
        const struct session_point *point = point_at(session, i);
        uint64_t clock = UINT64_MAX;

        if (point && point->kind == POINT_CLOCK) {
            clock = point->clock;
        } else if (point && point->kind == POINT_CONSOLE && history_in_past(session->history)) {
            clock = printed_next(session, point, count);
        }
        until = clock > now && clock < until ? clock : until;
    }
    return until;
}

uint64_t session_last_clock(struct session *session)
{
    const struct session_point *point = &session->wanted;
    const struct session_stream *stream = &session->streams[CHANNEL_COM1];
    uint64_t now = machine_clock(session->machine);
    uint64_t end = machine_state(session->machine)->progress.bytes_out[CHANNEL_COM1];

    if (point->kind == POINT_CLOCK) {
        return point->clock < now ? point->clock : 0;
    }
    for (; end > 0 && stream->count - end < SESSION_STREAM_BYTES; end--) {
        uint64_t clock = stream->clocks[(end - 1) % SESSION_STREAM_BYTES] + 1;

        if (clock < now && printed_before(stream, end, point)) {
            return clock;
        }
    }
    return 0;
}

struct session_point *session_clock_hit(struct session *session, uint64_t before)
{
    uint64_t now = machine_clock(session->machine);
    const struct machine_state *state = machine_state(session->machine);
    uint64_t count = state->progress.bytes_out[CHANNEL_COM1];
    const struct session_stream *stream = &session->streams[CHANNEL_COM1];
    struct session_point *met = NULL;

    for (uint32_t i = 0; i <= SESSION_POINTS_MAX && !met; i++) {
        struct session_point *point = point_at(session, i);
        bool here = false;

        if (point && point->kind == POINT_CLOCK) {
            here = before < point->clock && point->clock <= now;
        } else if (point && point->kind == POINT_CONSOLE) {
            here = printed_before(stream, count, point) && count > 0 &&
                   stream->clocks[(count - 1) % SESSION_STREAM_BYTES] >= before;
        }
        if (here && point_met(session, point, false)) {
            met = point;
        }
    }
    session->console_seen = 0;
    return met;
}
