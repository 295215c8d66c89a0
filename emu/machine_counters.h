/* How often each row of isa.def was executed and each trap path delivered. Filled by an observer,
 * so it costs what an observer of every instruction does, and nothing when it is not asked for.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/isa.h"
#include "cpu/trap.h"
#include "emu/machine_observe.h"

struct machine_counters {
    uint64_t rows[INSN_COUNT];  /* by enum insn_id: begun; REP once, a faulting one each time */
    uint64_t paths[PATH_COUNT]; /* by enum trap_path: exceptions delivered */
};

/* What machine_counters_event() wants to be told of. */
#define MACHINE_COUNTERS_KINDS (1u << EVENT_INSTRUCTION | 1u << EVENT_DELIVERY)

/* struct machine_observer.event: context is a struct machine_counters. Never stops. */
bool machine_counters_event(void *context, const struct machine_event *event);
/* From now on everything that the machine executes is counted, but for replays, until the machine
 * is destroyed; *counters must be there as long. */
void machine_counters_start(struct machine *machine, struct machine_counters *counters);
