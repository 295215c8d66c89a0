/* Observers of a machine: events, watches, and what an event may ask for. What each kind means and
 * when it comes is told in cpu/cpu_observe.h.
 *
 * One observer at a time, set between runs. While machine_run() goes, an event that returns true
 * makes it end with MACHINE_STOP_OBSERVER after that instruction, delivery or iteration; a
 * machine_step() ends there anyway. Going back (history.h) replays without reporting; a caller that
 * searches the past goes to a place before it and then runs: it meets the same events again.
 * The state, clocks and hash are the same with and without an observer.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_observe.h"
#include "emu/machine.h"

/* kinds: bits 1 << EVENT_*; 0: none, observer may then be NULL. Stays over resets and loads. */
void machine_observe(struct machine *machine, uint32_t kinds,
                     const struct machine_observer *observer);
/* count: 0..WATCHES_MAX. Copied. They count while EVENT_MEMORY is observed. */
void machine_set_watches(struct machine *machine, const struct machine_watch *watches,
                         uint32_t count);
/* Report nothing while something else than the machine's progress is run; pairs nest. */
void machine_pause_observer(struct machine *machine, bool pause);
