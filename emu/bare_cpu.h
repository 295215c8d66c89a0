/* A processor alone: flat RAM, no devices, no firmware. For test suites that set up a state,
 * execute one instruction (or until HLT) and compare, a million times a second.
 * Ports read all ones and swallow what is written; memory beyond the RAM does the same.
 *
 *     struct bare_cpu *bare = bare_cpu_create(NULL, &err);
 *     struct cpu_state state;
 *     bare_cpu_protected_state(&state);            // or bare_cpu_real_state()
 *     state.eip = 0x1000;
 *     memcpy(bare_cpu_ram(bare) + 0x1000, code, sizeof code);
 *     bare_cpu_set_state(bare, &state);
 *     bare_cpu_step(bare, NULL);
 *     const struct cpu_state *after = bare_cpu_state(bare);
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cpu/cpu.h"
#include "emu/err.h"

struct bare_cpu;

struct bare_cpu_config {
    enum cpu_level level;   /* CPU_I386 .. CPU_I686 */
    enum cpu_timing timing; /* TIMING_I486, TIMING_I386, TIMING_UNIT */
    uint32_t ram_bytes;     /* multiple of 4096, at most 3 GiB */
};

/* config NULL: i686, i486 clocks, 17 MiB. NULL with *err filled if the host has not the memory. */
struct bare_cpu *bare_cpu_create(const struct bare_cpu_config *config, struct err *err);
void bare_cpu_destroy(struct bare_cpu *bare);

/* Guest RAM, physical 0 first. Written between steps without telling anybody. */
uint8_t *bare_cpu_ram(struct bare_cpu *bare);

/* Starting points: real mode with all bases 0, EIP 0 and limits FFFFh; or 32-bit protected mode,
 * CPL 0, flat segments (selectors 8 and 10h), paging off, interrupts off. */
void bare_cpu_real_state(struct cpu_state *state);
void bare_cpu_protected_state(struct cpu_state *state);

/* Replace registers, descriptor caches, control registers and the modelled TLB. NULL if done,
 * else what is impossible in it (static text; nothing has changed). */
const char *bare_cpu_set_state(struct bare_cpu *bare, const struct cpu_state *state);
/* The canonical state; valid until the next call. */
const struct cpu_state *bare_cpu_state(struct bare_cpu *bare);

/* One instruction with the exception it may raise, or one delivery. info may be NULL. */
enum cpu_stop bare_cpu_step(struct bare_cpu *bare, struct cpu_step_info *info);
/* Until HLT, shutdown, or `clocks` CPU clocks have passed; look at state->activity. */
enum cpu_stop bare_cpu_run(struct bare_cpu *bare, uint64_t clocks);
/* Record the micro-steps of the next steps; NULL ends it. */
void bare_cpu_set_journal(struct bare_cpu *bare, struct journal *journal);
