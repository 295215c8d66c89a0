/* Traps as values: enum trap_path travels back to the run loop, which delivers it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/cpu.h"

enum trap_path {
    PATH_NONE,
#define TRAP_PATH(id, vector, error, message) PATH_##id,
#include "cpu/trap_paths.def"
#undef TRAP_PATH
    PATH_COUNT
};

enum trap_error { ERROR_NONE, ERROR_ZERO, ERROR_SELECTOR, ERROR_IDT, ERROR_PAGE };

struct trap_info {
    const char *id;      /* as in trap_paths.def */
    const char *message; /* one clause */
    uint8_t vector;      /* 0..31 */
    uint8_t error;       /* enum trap_error */
};

/* path: 1..PATH_COUNT-1; PATH_NONE gives an entry that says "none". */
const struct trap_info *trap_info(uint32_t path);

/* What was raised last; valid from the raise to the delivery. */
struct fault {
    uint32_t path;       /* enum trap_path */
    uint32_t error_code; /* for the paths that have one */
    uint32_t address;    /* #PF: linear address */
};

/* What is to be delivered. */
struct delivery {
    uint32_t kind;       /* enum delivery_kind */
    uint32_t vector;     /* 0..255 */
    uint32_t path;       /* enum trap_path of an exception, else 0 */
    uint32_t has_error;  /* 0 or 1: push error_code (never in real mode) */
    uint32_t error_code; /* as pushed, EXT not yet set */
    uint32_t eip;        /* to be saved */
    uint32_t sets_rf;    /* 1: fault: RF is 1 in the pushed image */
    uint32_t dpl_check;  /* 1: INT n, INT3, INTO: gate DPL >= CPL */
    uint32_t by_number;  /* 1: INT n, not INT3 or INTO (clocks) */
};

/* The delivery of the fault raised last by the instruction at `eip`. trap.c */
struct delivery trap_delivery(const struct cpu *cpu, uint32_t eip);
/* One attempt, all or nothing. returns PATH_NONE and the state is in the handler, or the path
 * of the fault met (cpu->fault filled) with registers and old stack unchanged. deliver.c */
uint32_t deliver_attempt(struct cpu *cpu, const struct delivery *delivery);
/* Deliver with the rules for double and triple faults; the fault chain is left in
 * state.faults[]. Ends in a handler or with state.activity == ACTIVITY_SHUTDOWN. trap.c */
void deliver_event(struct cpu *cpu, const struct delivery *delivery);
