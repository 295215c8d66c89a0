/* Observers of a machine: events, watches, and what an event may ask for. What each kind means and
 * when it comes is told in cpu/cpu_observe.h.
 *
 * A few observers, each set between runs: the debugger's points, which may stop the machine, and
 * those that only listen (os_events.h), for views and for --trace. While machine_run() goes, an
 * event that returns true makes it end with MACHINE_STOP_OBSERVER after that instruction, delivery
 * or iteration; a machine_step() ends there anyway. Going back (history.h) replays without
 * reporting; a caller that searches the past goes to a place before it and then runs: it meets the
 * same events again. The state, clocks and hash are the same with and without an observer.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_observe.h"
#include "emu/machine.h"

enum machine_listener {
    MACHINE_LISTENER_VIEWS,
    MACHINE_LISTENER_TRACE,
    MACHINE_LISTENER_COUNTERS,
    MACHINE_LISTENERS
};

/* kinds: bits 1 << EVENT_*; 0: none, observer may then be NULL. Stays over resets and loads.
 * machine_observe() is for the points, who hear of an event last; nobody else hears of
 * EVENT_MEMORY, and they not of EVENT_PLACE. */
void machine_observe(struct machine *machine, uint32_t kinds,
                     const struct machine_observer *observer);
/* places: linear addresses, count 0..PLACES_MAX of all listeners together; copied. A listener hears
 * of the others' places too. What it returns is ignored. */
void machine_listen(struct machine *machine, enum machine_listener which, uint32_t kinds,
                    const struct machine_observer *observer, const uint32_t *places,
                    uint32_t place_count);
/* What an event may look at, as it is at that event. */
struct machine_observed machine_observed(const struct machine *machine);
/* count: 0..WATCHES_MAX. Copied. They count while EVENT_MEMORY is observed. */
void machine_set_watches(struct machine *machine, const struct machine_watch *watches,
                         uint32_t count);
/* How often the machine was taken elsewhere in its history, and its recorded future cut off. */
struct machine_travels {
    uint64_t loads;    /* states loaded */
    uint64_t cuts;     /* futures cut off */
    uint64_t cut_step; /* machine_steps() where it was cut last */
};
struct machine_travels machine_travels(const struct machine *machine);
/* Report nothing while something else than the machine's progress is run; pairs nest. */
void machine_pause_observer(struct machine *machine, bool pause);
