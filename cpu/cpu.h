/* The processor: set up, run to a clock, step, look at, save and restore.
 * One call at a time; no globals, no allocation: the caller hands over memory.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/cpu_bus.h"
#include "cpu/cpu_state.h"
#include "cpu/journal.h"

struct cpu;

enum cpu_level { CPU_I386, CPU_I486, CPU_I586, CPU_I686 };
enum cpu_timing { TIMING_I486, TIMING_I386, TIMING_UNIT };

struct cpu_config {
    enum cpu_level level;   /* which instructions exist, what CPUID says */
    enum cpu_timing timing; /* which clock table is charged */
    uint32_t block_limit;   /* most instructions in a decoded block, 1..64 */
    uint32_t undecoded;     /* 1: keep no decoded blocks at all (for tests) */
    uint64_t time_stamp;    /* what the time stamp counter is at clock 0 */
};

enum cpu_stop {
    CPU_STOP_DEADLINE,   /* clock >= deadline */
    CPU_STOP_REQUESTED,  /* cpu_request_stop() was called (by a bus callback, say) */
    CPU_STOP_SHUTDOWN,   /* triple fault; state.faults[] has the chain */
    CPU_STOP_BREAKPOINT, /* about to execute at a breakpoint */
    CPU_STOP_STEPPED,    /* cpu_step() has done its one step */
};

/* Why one step ended where it did; bits of struct cpu_step_info.what. */
enum cpu_step_what {
    STEP_INSTRUCTION = 1, /* an instruction completed */
    STEP_DELIVERY = 2,    /* an interrupt or exception was delivered; vector is valid */
    STEP_PARTIAL = 4,     /* a REP instruction did at least one iteration and goes on */
    STEP_IDLE = 8,        /* halted: nothing happened */
};

struct cpu_step_info {
    uint32_t what;   /* STEP_* bits */
    uint32_t vector; /* 0..255, with STEP_DELIVERY */
    uint32_t path;   /* enum trap_path of a fault, 0 for interrupts and INT n */
    uint32_t kind;   /* enum delivery_kind, with STEP_DELIVERY */
};

/* Memory needed for caches and decoded blocks, bytes; it is touched only as it fills. */
size_t cpu_bytes(uint32_t ram_bytes);
/* memory: cpu_bytes() zeroed bytes, 64-byte aligned. bus is copied. State after: power-on reset. */
struct cpu *cpu_init(void *memory, const struct cpu_config *config, const struct cpu_bus *bus);
/* RESET pin: registers as after power-on (80386 PRM 10.1), the clock goes on. */
void cpu_reset(struct cpu *cpu);

/* Run until the clock reaches `deadline` or something else stops it. When halted with nothing
 * pending the clock jumps to the deadline, unless that is UINT64_MAX: then it stays. */
enum cpu_stop cpu_run(struct cpu *cpu, uint64_t deadline);
/* One instruction (with its exception, if it raises one) or one delivery of an interrupt,
 * whichever comes next; a REP instruction as a whole unless `deadline` cuts it. */
enum cpu_stop cpu_step(struct cpu *cpu, uint64_t deadline, struct cpu_step_info *info);

/* From bus callbacks, while an instruction executes, or between runs. */
void cpu_set_deadline(struct cpu *cpu, uint64_t deadline); /* only lowers the current one */
void cpu_set_interrupt_line(struct cpu *cpu, uint32_t level);
void cpu_raise_nmi(struct cpu *cpu);
void cpu_set_ignore_errors(struct cpu *cpu, uint32_t level); /* IGNNE# pin */
void cpu_set_a20(struct cpu *cpu, uint32_t enabled);
void cpu_request_stop(struct cpu *cpu);

/* The canonical state at this boundary; valid until the next call that changes the CPU. */
const struct cpu_state *cpu_save(struct cpu *cpu);
/* Replace the whole state. The caller has checked it by cpu_check(). Decoded code is kept: who
 * replaces RAM too tells with cpu_ram_written() or cpu_drop_caches(). */
void cpu_load(struct cpu *cpu, const struct cpu_state *state);
/* NULL if every field is possible, else what is wrong (static text). */
const char *cpu_check(const struct cpu_state *state);
uint64_t cpu_clock(const struct cpu *cpu);

/* RAM written by anybody but this CPU (device, loader, debugger): drops decoded code there. */
void cpu_ram_written(struct cpu *cpu, uint32_t physical, uint32_t bytes);
/* page_written bytes were cleared: note first writes again. */
void cpu_watch_writes(struct cpu *cpu);
/* Drop every rebuildable cache (never observable). */
void cpu_drop_caches(struct cpu *cpu);

/* Breakpoints: a set of linear addresses kept by the caller (sorted, may be changed between
 * runs; count 0 = none). cpu_run() stops before executing at one, unless it is the first. */
void cpu_set_breakpoints(struct cpu *cpu, const uint32_t *linear, uint32_t count);

/* Linear to physical as the current page tables and the modelled TLB say, changing nothing.
 * Returns false if not mapped. */
bool cpu_peek_linear(const struct cpu *cpu, uint32_t linear, uint32_t *physical);

/* Record what the next cpu_step() does; NULL ends recording. */
void cpu_set_journal(struct cpu *cpu, struct journal *journal);
