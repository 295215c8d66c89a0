/* The past of a machine: checkpoints, and going to any place between them by replaying.
 *
 *   checkpoint = state + copies of the pages that changed since the checkpoint before
 *
 * Checkpoints are dense near the present and thinner further back, within a budget; the more pages
 * the guest changes the further apart they are laid, so that they never cost much. Going back
 * takes the nearest one before the goal and runs on from there; on the way it lays dense
 * checkpoints, so that the next step back is short.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/machine.h"

struct history;

/* A boundary between two steps. Two are compared by step, then by clock. */
struct history_place {
    uint64_t step;  /* instructions + deliveries */
    uint64_t clock; /* CPU clocks; differs within a step while halted or inside a REP */
};

/* About how long it takes to get here from the start: instructions mostly, and a little for the
 * clocks that pass in REP instructions and HLT. Gaps between checkpoints are measured in it. */
static inline uint64_t history_work(struct history_place place)
{
    return place.step + place.clock / 32;
}

/* Makes the first checkpoint, of the present. NULL: no memory. */
struct history *history_create(struct machine *machine, uint64_t budget_bytes);
void history_destroy(struct history *history);

struct history_place history_present(struct history *history);
/* Earliest and latest place that can be gone to. */
struct history_place history_first(const struct history *history);
struct history_place history_last(const struct history *history);
/* 1: recorded history lies ahead. */
bool history_in_past(struct history *history);
uint64_t history_bytes(const struct history *history);
int history_compare(struct history_place a, struct history_place b);

/* Run forward like machine_run(), laying checkpoints. In the past: at most to history_last(). */
enum machine_stop history_run(struct history *history, uint64_t until);
/* One step forward. */
enum machine_stop history_step(struct history *history, struct cpu_step_info *info);
/* One iteration forward of what machine_journal_next() shows. */
enum machine_stop history_step_iteration(struct history *history, struct cpu_step_info *info);
/* To the boundary before the present one; false at the beginning. */
bool history_step_back(struct history *history);
/* To a place that was passed before; false if it is no longer kept. */
bool history_go_to(struct history *history, struct history_place place);
/* To the first boundary at or after a clock inside the history. */
bool history_go_to_clock(struct history *history, uint64_t clock);
/* The same in parts, for who wants to say how far it is or to stop on the way: to the checkpoint
 * before `place`, false if it is not inside the history; then again and again up to `clocks`
 * further, resting at some place on the way while it is true. With step 0 the clock alone counts.
 */
bool history_travel_begin(struct history *history, struct history_place place);
bool history_travel(struct history *history, struct history_place place, uint64_t clocks);
/* Lay a checkpoint here, if there is none near. */
void history_mark(struct history *history);
/* To the last checkpoint before `place`; false if there is none. */
bool history_go_before(struct history *history, struct history_place place);
/* Forget everything after the present: checkpoints, inputs, output marks. */
void history_cut(struct history *history);
/* The present becomes the end of recorded history again, after a search that had run ahead of it
 * and come back. Nothing is lost: no input lies ahead (else this does nothing), and what has been
 * put out already is not put out twice. */
void history_retract(struct history *history);
