/* Running to an event, forwards and backwards.
 *
 * The machine runs in pieces. What a piece contains shows in its counters (deliveries, mode), so
 * only a piece that may contain the event is gone through step by step.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/session_priv.h"

#define PIECE_CLOCKS 200000u
#define PIECES_BACK  64u /* pieces of the stretch between two checkpoints */
#define PIECE_LEAST  20000u

#define TRAVEL_CLOCKS  20000000u  /* of one slice: some 0.1 s */
#define TRAVEL_AT_ONCE 200000000u /* before session_travel() returns */

/* ---- what an event looks like ---- */

static bool is_user(struct session *session)
{
    return machine_state(session->machine)->cpu.cpl == 3;
}

static bool is_breakpoint(struct session *session)
{
    uint32_t linear = session_linear_eip(session);

    for (uint32_t i = 0; i < session->breakpoint_count; i++) {
        if (session->breakpoints[i] == linear) {
            return true;
        }
    }
    return false;
}

/* Whether the step just done, from `user` mode, was the event. */
static bool step_is_event(struct session *session, const struct cpu_step_info *info, bool was_user)
{
    bool delivery = (info->what & STEP_DELIVERY) != 0;

    switch (session->event) {
    case SESSION_EVENT_INTERRUPT:
        return delivery && (info->kind == DELIVERY_INTR || info->kind == DELIVERY_NMI);
    case SESSION_EVENT_EXCEPTION:
        return delivery && info->kind == DELIVERY_EXCEPTION;
    case SESSION_EVENT_SYSCALL:
        return delivery && info->kind == DELIVERY_SOFTWARE;
    case SESSION_EVENT_MODE_SWITCH:
        return is_user(session) != was_user;
    default:
        return false;
    }
}

/* Whether we stand where TASK_OVER_BACK wants to be. */
static bool is_call_place(struct session *session)
{
    const struct cpu_state *cpu = &machine_state(session->machine)->cpu;

    return cpu->cpl == session->goal.cpl && cpu->cr3 == session->goal.cr3 &&
           cpu->gpr[REG_ESP] >= session->goal.esp;
}

/* ---- a piece, step by step ---- */

/* From here to `end`: the first (or the last) place before an event. */
static bool piece_find(struct session *session, struct history_place end, bool last,
                       struct history_place *found)
{
    bool any = false;

    for (;;) {
        struct history_place place = history_present(session->history);
        struct cpu_step_info info = {0};
        bool user = is_user(session);
        bool hit = false;

        if (history_compare(place, end) >= 0) {
            return any;
        }
        if (session->task == TASK_OVER_BACK) {
            hit = is_call_place(session);
        } else if (session->event == SESSION_EVENT_BREAKPOINT) {
            hit = is_breakpoint(session);
        }
        enum machine_stop stop = history_step(session->history, &info);
        if (session->task != TASK_OVER_BACK && session->event != SESSION_EVENT_BREAKPOINT) {
            hit = step_is_event(session, &info, user);
        }
        if (hit) {
            *found = place;
            any = true;
            if (!last) {
                return true;
            }
        }
        if (stop != MACHINE_STOP_STEPPED) {
            return any;
        }
    }
}

static void arrive(struct session *session, struct history_place place)
{
    char why[64];

    history_go_to(session->history, place);
    session->stop = MACHINE_STOP_STEPPED;
    snprintf(why, sizeof(why), "%s %s",
             session->task == TASK_OVER_BACK ? "before the call"
                                             : session_event_name(session->event),
             session->task == TASK_OVER_BACK ? "" : "comes next");
    session->task = TASK_NONE;
    session_use_breakpoints(session);
    session_say_place(session, why);
}

/* ---- forwards ---- */

static uint64_t deliveries(struct session *session)
{
    return machine_state(session->machine)->cpu.deliveries;
}

/* A point has stopped the machine; the message is there. */
static void end_at_hit(struct session *session, enum machine_stop stop)
{
    session->task = TASK_NONE;
    session->stop = stop;
    session->wanted.number = 0;
    session_arm(session);
}

/* 1: the search goes on. */
static int piece_forward(struct session *session)
{
    struct history_place start;
    struct history_place end;
    struct history_place found;
    enum machine_stop stop;
    uint64_t before = deliveries(session);
    bool user = is_user(session);
    bool live = !history_in_past(session->history);

    history_mark(session->history);
    start = history_present(session->history);
    stop = history_run(session->history, start.clock + PIECE_CLOCKS);
    end = history_present(session->history);
    if (deliveries(session) != before || is_user(session) != user) {
        history_go_to(session->history, start);
        if (piece_find(session, end, false, &found)) {
            arrive(session, found);
            if (live) {
                history_retract(session->history);
            }
            return 0;
        }
    }
    if (stop == MACHINE_STOP_OBSERVER || stop == MACHINE_STOP_BREAKPOINT) {
        if (!session_hit(session, stop, false)) {
            return 1;
        }
        end_at_hit(session, stop);
        return 0;
    }
    if (stop != MACHINE_STOP_CLOCK) {
        session_end_task(session, stop);
        return 0;
    }
    return 1;
}

/* TASK_OVER: is this the instruction behind the call? */
static bool is_goal(struct session *session)
{
    const struct cpu_state *cpu = &machine_state(session->machine)->cpu;

    return session->task == TASK_OVER && session_linear_eip(session) == session->goal.linear &&
           cpu->cpl == session->goal.cpl && cpu->cr3 == session->goal.cr3 &&
           cpu->gpr[REG_ESP] >= session->goal.esp;
}

/* The clock asked for is reached. 1: not all of it. */
static int run_on(struct session *session, bool was_in_past)
{
    if (session->task == TASK_GO && machine_clock(session->machine) >= session->go_clock) {
        session_end_task(session, MACHINE_STOP_STEPPED);
        session_use_breakpoints(session);
        return 0;
    }
    if (was_in_past && !history_in_past(session->history) && session->task == TASK_RUN) {
        session->task = TASK_NONE;
        session_say_place(session, "back in the present, the end of recorded history,");
        return 0;
    }
    return 1;
}

static int run_forward(struct session *session, uint64_t clocks)
{
    bool in_past = history_in_past(session->history);
    uint64_t start = machine_clock(session->machine);
    uint64_t until = session_next_clock(session, start + clocks);
    enum machine_stop stop;

    if (session->task == TASK_GO && until > session->go_clock) {
        until = session->go_clock;
    }
    session->noted = 0;
    stop = history_run(session->history, until);
    if (stop == MACHINE_STOP_BREAKPOINT && is_goal(session)) {
        session_end_task(session, MACHINE_STOP_STEPPED);
        session_use_breakpoints(session);
        return 0;
    }
    if (stop == MACHINE_STOP_BREAKPOINT || stop == MACHINE_STOP_OBSERVER) {
        if (session_hit(session, stop, false)) {
            end_at_hit(session, stop);
            return 0;
        }
        return 1;
    }
    if ((stop == MACHINE_STOP_CLOCK || stop == MACHINE_STOP_REQUESTED) &&
        session_clock_hit(session, start)) {
        end_at_hit(session, MACHINE_STOP_BREAKPOINT);
        return 0;
    }
    if (stop == MACHINE_STOP_CLOCK) {
        return run_on(session, in_past);
    }
    if (stop == MACHINE_STOP_REQUESTED) {
        return session->task != TASK_NONE;
    }
    if (session->noted) { /* events of the machine's last instruction */
        session_hit(session, stop, false);
    }
    session_end_task(session, stop);
    session->wanted.number = 0;
    session_arm(session);
    return 0;
}

/* ---- backwards ---- */

struct piece {
    struct history_place start;
    bool candidate;
};

/* From here to `end` in pieces, with a checkpoint at the start of each; returns their number. */
static uint32_t pieces_run(struct session *session, struct history_place end, struct piece *pieces)
{
    uint64_t span = end.clock - machine_clock(session->machine);
    uint64_t size = span / (PIECES_BACK - 2) + 1;
    uint32_t count = 0;
    bool always = session->task == TASK_OVER_BACK || session->event == SESSION_EVENT_BREAKPOINT;

    size = size < PIECE_LEAST ? PIECE_LEAST : size;
    machine_pause_breakpoints(session->machine, true);
    machine_pause_observer(session->machine, true);
    while (count < PIECES_BACK && history_compare(history_present(session->history), end) < 0) {
        uint64_t before = deliveries(session);
        bool user = is_user(session);
        uint64_t until = machine_clock(session->machine) + size;

        history_mark(session->history);
        pieces[count].start = history_present(session->history);
        history_run(session->history, until < end.clock ? until : end.clock);
        if (until >= end.clock) {
            history_go_to(session->history, end);
        }
        pieces[count].candidate =
            always || deliveries(session) != before || is_user(session) != user;
        count++;
    }
    machine_pause_observer(session->machine, false);
    machine_pause_breakpoints(session->machine, false);
    return count;
}

/* One stretch between checkpoints. 1: the search goes on before it. */
static int stretch_back(struct session *session)
{
    struct piece pieces[PIECES_BACK];
    struct history_place end = session->search_end;
    struct history_place found;
    struct history_place stretch;
    uint32_t count;

    if (!history_go_before(session->history, end)) {
        history_go_to(session->history, history_first(session->history));
        session->task = TASK_NONE;
        session->stop = MACHINE_STOP_STEPPED;
        session_say_place(session, "nothing of the kind before; the beginning of recorded history");
        return 0;
    }
    stretch = history_present(session->history);
    count = pieces_run(session, end, pieces);
    while (count-- > 0) {
        if (pieces[count].candidate) {
            history_go_to(session->history, pieces[count].start);
            if (piece_find(session, end, true, &found)) {
                arrive(session, found);
                return 0;
            }
        }
        end = pieces[count].start;
    }
    session->search_end = stretch;
    return 1;
}

/* ---- points, backwards ---- */

static void points_back_end(struct session *session, const char *why)
{
    session->task = TASK_NONE;
    session->stop = MACHINE_STOP_STEPPED;
    session->wanted.number = 0;
    session_arm(session);
    session_say_place(session, why);
}

/* From here to `end`, the last place where a point stops: before the instruction at a breakpoint,
 * behind it (*behind) at anything else. */
static bool last_hit(struct session *session, struct history_place end, struct history_place *found,
                     bool *behind)
{
    bool any = false;

    session->noted = 0;
    if (is_breakpoint(session) && session_hit(session, MACHINE_STOP_BREAKPOINT, true)) {
        *found = history_present(session->history);
        *behind = false;
        any = history_compare(*found, end) < 0;
    }
    for (;;) {
        enum machine_stop stop = history_run(session->history, end.clock);
        struct history_place place = history_present(session->history);
        bool observed = stop == MACHINE_STOP_OBSERVER;

        if ((stop != MACHINE_STOP_BREAKPOINT && !observed && stop != MACHINE_STOP_REQUESTED) ||
            history_compare(place, end) > (observed ? 0 : -1)) {
            return any;
        }
        if (stop != MACHINE_STOP_REQUESTED && session_hit(session, stop, true)) {
            *found = place;
            *behind = observed;
            any = true;
        }
    }
}

/* One stretch between checkpoints. 1: the search goes on before it. */
static int points_back(struct session *session)
{
    struct history_place end = session->search_end;
    struct history_place stretch;
    struct history_place found;
    bool behind = false;

    if (session->wanted.kind == POINT_CLOCK || session->wanted.kind == POINT_CONSOLE) {
        uint64_t clock = session_last_clock(session);

        if (clock && history_go_to_clock(session->history, clock)) {
            points_back_end(session, "back");
            return 0;
        }
        points_back_end(session, "nothing of the kind in recorded history;");
        return 0;
    }
    if (!history_go_before(session->history, end)) {
        history_go_to(session->history, history_first(session->history));
        points_back_end(session, "nothing of the kind before; the beginning of recorded history");
        return 0;
    }
    stretch = history_present(session->history);
    if (!last_hit(session, end, &found, &behind)) {
        session->search_end = stretch;
        return 1;
    }
    history_go_to(session->history, found);
    if (behind) {
        history_step_back(session->history);
    }
    points_back_end(session, behind ? "the next step does it:" : "back at the breakpoint");
    return 0;
}

void session_start_point(struct session *session, const struct session_point *point,
                         enum session_direction direction)
{
    session_begin_move(session);
    session->wanted = *point;
    session->wanted.number = UINT32_MAX;
    session->direction = direction;
    session->search_end = history_present(session->history);
    session->task = direction == SESSION_FORWARD ? TASK_RUN : TASK_POINTS_BACK;
    session_arm(session);
    session_say(session, "looking for %.300s", point->text);
}

/* ---- to a place known ---- */

/* Replays some of the way. 1: not there yet. */
static int travel_on(struct session *session)
{
    uint64_t whole = session->travel.clock - session->travel_from;

    if (!history_travel(session->history, session->travel, TRAVEL_CLOCKS)) {
        session->task = TASK_NONE;
        session->stop = MACHINE_STOP_STEPPED;
        session_say_place(session, "here");
        return 0;
    }
    uint64_t done = machine_clock(session->machine) - session->travel_from;
    session_say(session, "on the way to clock %" PRIu64 ", %u %% of it; pause stops there",
                session->travel.clock, (uint32_t)(done / (whole / 100 + 1)));
    return 1;
}

bool session_travel(struct session *session, struct history_place place)
{
    session_begin_move(session);
    if (!history_travel_begin(session->history, place)) {
        return false;
    }
    session->task = TASK_TRAVEL;
    session->travel = place;
    session->travel_from = machine_clock(session->machine);
    while (travel_on(session) &&
           machine_clock(session->machine) - session->travel_from < TRAVEL_AT_ONCE) {}
    return true;
}

int session_search(struct session *session, uint64_t clocks)
{
    uint64_t start = machine_clock(session->machine);

    if (session->task == TASK_TRAVEL) {
        return travel_on(session);
    }
    if (session->task == TASK_POINTS_BACK) {
        return points_back(session);
    }

    if (session->task == TASK_RUN || session->task == TASK_GO || session->task == TASK_OVER) {
        return run_forward(session, clocks);
    }
    if (session->task == TASK_OVER_BACK || session->direction == SESSION_BACK) {
        return stretch_back(session);
    }
    if (session->event == SESSION_EVENT_BREAKPOINT) {
        return run_forward(session, clocks);
    }
    while (machine_clock(session->machine) - start < clocks) {
        if (!piece_forward(session)) {
            return 0;
        }
    }
    return 1;
}

void session_start_until(struct session *session, enum session_event event,
                         enum session_direction direction)
{
    if ((uint32_t)event >= SESSION_EVENT_COUNT) {
        session_say(session, "no such event");
        return;
    }
    if (event == SESSION_EVENT_BREAKPOINT && session->breakpoint_count == 0) {
        session_say(session, "there is no breakpoint yet: break ADDRESS or NAME sets one");
        return;
    }
    session_begin_move(session);
    session->event = event;
    session->direction = direction;
    if (direction == SESSION_FORWARD) {
        /* The event that comes next already is not the next one. */
        enum machine_stop stop = history_step(session->history, NULL);

        if (stop != MACHINE_STOP_STEPPED) {
            session_end_task(session, stop);
            return;
        }
    }
    session->task = TASK_UNTIL;
    session->search_end = history_present(session->history);
    session_say(session, "looking for the %s %s", direction == SESSION_FORWARD ? "next" : "last",
                session_event_name(event));
}
