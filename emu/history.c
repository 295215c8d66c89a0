/* Going to and fro in the past of a machine. Storage of checkpoints: checkpoints.c.
 * SPDX-License-Identifier: MIT */
#include "emu/history.h"

#include <stdlib.h>

#include "emu/checkpoints.h"
#include "emu/machine_observe.h"

/* All of history_work(). Between two checkpoints while running, at least and at most: */
#define LIVE_INTERVAL 4000000u
#define LIVE_MAXIMUM  40000000u
/* so much must have been done for each page that is to be copied: some 5 % of the time go there */
#define WORK_PER_PAGE  6000u
#define LIVE_CLOCKS    8000000u /* clocks between two looks whether it is time */
#define DENSE_PARTS    10u      /* replays lay this many checkpoints, twice */
#define DENSE_MINIMUM  20000u   /* clocks */
#define DENSE_PER_PAGE 1500u    /* work for each page to be copied, in a replay: up to a fifth */
#define REACH_CLOCKS   4096u    /* how far before the goal to go on step by step */

struct history {
    struct machine *machine;
    struct checkpoints *checkpoints;
    struct history_place last; /* the furthest place reached */
    uint64_t next_look;        /* clock at which to look whether a live checkpoint is due */
    uint64_t marked;           /* work at the last live checkpoint */
};

int history_compare(struct history_place a, struct history_place b)
{
    if (a.step != b.step) {
        return a.step < b.step ? -1 : 1;
    }
    return a.clock < b.clock ? -1 : a.clock > b.clock;
}

struct history_place history_present(struct history *history)
{
    return (struct history_place){machine_steps(history->machine), machine_clock(history->machine)};
}

/* The present is the end of recorded history; a checkpoint is due some time from now. */
static void end_here(struct history *history)
{
    history->last = history_present(history);
    history->marked = history_work(history->last);
    history->next_look = history->last.clock + LIVE_CLOCKS;
}

struct history *history_create(struct machine *machine, uint64_t budget_bytes)
{
    struct history *history = calloc(1, sizeof(*history));

    if (!history) {
        return NULL;
    }
    history->machine = machine;
    history->checkpoints = checkpoints_create(machine, budget_bytes);
    if (!history->checkpoints) {
        free(history);
        return NULL;
    }
    checkpoints_add(history->checkpoints, history_present(history));
    end_here(history);
    return history;
}

void history_destroy(struct history *history)
{
    if (history) {
        checkpoints_destroy(history->checkpoints);
        free(history);
    }
}

struct history_place history_first(const struct history *history)
{
    return checkpoints_place(history->checkpoints, 0);
}

struct history_place history_last(const struct history *history)
{
    return history->last;
}

bool history_in_past(struct history *history)
{
    return history_compare(history_present(history), history->last) < 0;
}

uint64_t history_bytes(const struct history *history)
{
    return checkpoints_bytes(history->checkpoints);
}

void history_mark(struct history *history)
{
    checkpoints_add(history->checkpoints, history_present(history));
}

/* Is it time for a checkpoint, so much work after the last one? */
static bool mark_is_due(struct history *history, uint64_t work)
{
    return work >= LIVE_MAXIMUM ||
           (work >= LIVE_INTERVAL &&
            work >= (uint64_t)checkpoints_dirty(history->checkpoints) * WORK_PER_PAGE);
}

/* After any move forward: the frontier moves on, and now and then a checkpoint is laid. */
static void note_progress(struct history *history)
{
    struct history_place present = history_present(history);

    if (history_compare(present, history->last) <= 0) {
        return;
    }
    history->last = present;
    if (present.clock >= history->next_look) {
        history->next_look = present.clock + LIVE_CLOCKS;
        if (mark_is_due(history, history_work(present) - history->marked)) {
            history_mark(history);
            history->marked = history_work(present);
        }
    }
}

enum machine_stop history_run(struct history *history, uint64_t until)
{
    enum machine_stop stop;
    uint64_t limit;

    if (history_in_past(history)) {
        /* Stop where the record ends, so that the caller sees it. */
        limit = history->last.clock < until ? history->last.clock : until;
        stop = machine_run(history->machine, limit);
        while (stop == MACHINE_STOP_CLOCK && limit == history->last.clock &&
               history_in_past(history)) {
            stop = machine_step(history->machine, NULL);
            stop = stop == MACHINE_STOP_STEPPED ? MACHINE_STOP_CLOCK : stop;
        }
        note_progress(history);
        return stop;
    }
    do {
        limit = until < history->next_look ? until : history->next_look;
        stop = machine_run(history->machine, limit);
        note_progress(history);
    } while (stop == MACHINE_STOP_CLOCK && machine_clock(history->machine) < until);
    return stop;
}

enum machine_stop history_step(struct history *history, struct cpu_step_info *info)
{
    enum machine_stop stop = machine_step(history->machine, info);

    note_progress(history);
    return stop;
}

enum machine_stop history_step_iteration(struct history *history, struct cpu_step_info *info)
{
    enum machine_stop stop = machine_step_iteration(history->machine, info);

    note_progress(history);
    return stop;
}

/* Run forward without noticing breakpoints, to the first boundary at or after `clock`. */
static void replay_to_clock(struct history *history, uint64_t clock)
{
    enum machine_stop stop = MACHINE_STOP_REQUESTED;

    machine_pause_breakpoints(history->machine, true);
    while (stop == MACHINE_STOP_REQUESTED && machine_clock(history->machine) < clock) {
        stop = machine_run(history->machine, clock);
    }
    machine_pause_breakpoints(history->machine, false);
}

static void mark_if_cheap(struct history *history, uint64_t *marked)
{
    uint64_t work = history_work(history_present(history));

    if (work - *marked >= (uint64_t)checkpoints_dirty(history->checkpoints) * DENSE_PER_PAGE) {
        history_mark(history);
        *marked = work;
    }
}

/* Replay from here to `clock`, which is `span` away, with checkpoints on the way: each tenth of
 * the span, and each tenth of the last tenth. */
static void replay_densely(struct history *history, uint64_t clock)
{
    for (uint32_t round = 0; round < 2; round++) {
        uint64_t from = machine_clock(history->machine);
        uint64_t part = clock > from ? (clock - from) / DENSE_PARTS : 0;
        uint64_t marked = history_work(history_present(history));

        for (uint32_t i = 1; part >= DENSE_MINIMUM && i < DENSE_PARTS; i++) {
            replay_to_clock(history, from + part * i);
            mark_if_cheap(history, &marked);
        }
    }
    replay_to_clock(history, clock);
}

bool history_go_before(struct history *history, struct history_place place)
{
    uint32_t index = checkpoints_before(history->checkpoints, place);

    return index != CHECKPOINT_NONE && checkpoints_restore(history->checkpoints, index);
}

/* From a checkpoint at or before `place`, to it. */
static void replay_to_place(struct history *history, struct history_place place)
{
    replay_to_clock(history, place.clock);
    while (history_compare(history_present(history), place) < 0) {
        if (machine_step(history->machine, NULL) != MACHINE_STOP_STEPPED) {
            break;
        }
    }
}

bool history_go_to(struct history *history, struct history_place place)
{
    uint32_t index = checkpoints_at_or_before(history->checkpoints, place);

    if (index == CHECKPOINT_NONE || history_compare(place, history->last) > 0 ||
        !checkpoints_restore(history->checkpoints, index)) {
        return false;
    }
    machine_pause_observer(history->machine, true);
    replay_to_place(history, place);
    machine_pause_observer(history->machine, false);
    return true;
}

bool history_go_to_clock(struct history *history, uint64_t clock)
{
    uint32_t index = checkpoints_clock_at_or_before(history->checkpoints, clock);

    if (index == CHECKPOINT_NONE || clock > history->last.clock ||
        !checkpoints_restore(history->checkpoints, index)) {
        return false;
    }
    machine_pause_observer(history->machine, true);
    replay_densely(history, clock);
    machine_pause_observer(history->machine, false);
    return true;
}

bool history_travel_begin(struct history *history, struct history_place place)
{
    uint32_t index = place.step ? checkpoints_at_or_before(history->checkpoints, place)
                                : checkpoints_clock_at_or_before(history->checkpoints, place.clock);

    return index != CHECKPOINT_NONE &&
           (place.step ? history_compare(place, history->last) <= 0
                       : place.clock <= history->last.clock) &&
           checkpoints_restore(history->checkpoints, index);
}

bool history_travel(struct history *history, struct history_place place, uint64_t clocks)
{
    uint64_t now = machine_clock(history->machine);
    uint64_t marked = history_work(history_present(history));
    bool last = place.clock <= now || place.clock - now <= clocks;

    machine_pause_observer(history->machine, true);
    if (last) {
        replay_densely(history, place.clock);
    } else {
        replay_to_clock(history, now + clocks);
        mark_if_cheap(history, &marked);
    }
    if (last && place.step) {
        replay_to_place(history, place);
    }
    machine_pause_observer(history->machine, false);
    return !last && machine_clock(history->machine) > now;
}

/* Whether steps begin and end here. A run may rest inside a REP instruction or a HLT too. */
static bool is_step_boundary(struct history *history)
{
    return !machine_in_repetition(history->machine) &&
           (!machine_is_halted(history->machine) ||
            history_compare(history_present(history), history_first(history)) == 0);
}

/* Rest before the goal, `reach` clocks away or on a checkpoint that is nearer. */
static void rest_before(struct history *history, struct history_place goal, uint64_t reach)
{
    uint64_t clock = goal.clock > reach ? goal.clock - reach : 0;
    uint32_t index = checkpoints_clock_at_or_before(history->checkpoints, clock);

    if (reach == REACH_CLOCKS) {
        index = checkpoints_before(history->checkpoints, goal);
    }
    checkpoints_restore(history->checkpoints, index == CHECKPOINT_NONE ? 0 : index);
    if (machine_clock(history->machine) < clock) {
        replay_densely(history, clock);
        history_mark(history);
    }
}

/* Step from here to the goal; the last boundary before it. false: there was none. */
static bool last_boundary(struct history *history, struct history_place goal,
                          struct history_place *last)
{
    bool found = is_step_boundary(history);

    *last = history_present(history);
    while (history_compare(history_present(history), goal) < 0) {
        enum machine_stop stop = machine_step(history->machine, NULL);

        if (stop != MACHINE_STOP_STEPPED || history_compare(history_present(history), goal) >= 0) {
            break;
        }
        *last = history_present(history);
        found = true;
    }
    return found && history_compare(*last, goal) < 0;
}

/* The place one step before the goal. */
static struct history_place place_before(struct history *history, struct history_place goal)
{
    struct history_place before;
    uint64_t reach = REACH_CLOCKS;

    rest_before(history, goal, reach);
    while (!last_boundary(history, goal, &before)) {
        /* Inside a long REP instruction or HLT: look further back. */
        if (reach > goal.clock) {
            before = history_first(history);
            break;
        }
        reach *= 16;
        rest_before(history, goal, reach);
    }
    return before;
}

bool history_step_back(struct history *history)
{
    struct history_place goal = history_present(history);

    if (history_compare(goal, history_first(history)) <= 0) {
        return false;
    }
    machine_pause_observer(history->machine, true);
    goal = place_before(history, goal);
    machine_pause_observer(history->machine, false);
    return history_go_to(history, goal);
}

void history_cut(struct history *history)
{
    struct history_place present = history_present(history);

    checkpoints_drop_after(history->checkpoints, present);
    machine_cut_future(history->machine);
    end_here(history);
}

void history_retract(struct history *history)
{
    struct history_place present = history_present(history);

    if (machine_inputs_ahead(history->machine)) {
        return;
    }
    checkpoints_drop_after(history->checkpoints, present);
    end_here(history);
}
