/* Watching a processor run: exact events, at any grain, that change nothing.
 *
 * With no observer nothing is asked anywhere on the fast paths: instructions are seen by a micro-op
 * that is decoded before each of them, memory by keeping the watched pages out of the mirrors (as
 * the debug registers' breakpoints do), the rest at the boundary.
 *
 * The same machine gives the same events however it is stepped, decoded, cut or replayed.
 *   INSTRUCTION  about to be executed, also if it then faults; not again where a REP instruction
 *                goes on after a cut, but again when it begins anew after an interrupt. Not for
 *                what can not be fetched.
 *   PLACE        the same, only at the linear addresses of cpu_set_places(); after INSTRUCTION.
 *   DELIVERY     an interrupt or exception has been delivered, the handler is next.
 *   RETURN       an IRET has been executed.
 *   MODE_SWITCH  CPL, PE or VM have changed; after the DELIVERY or RETURN that did it.
 *   CR3          loaded by MOV or a task switch, also with the same value.
 *   HALT         HLT, or a shutdown after a triple fault.
 *   PORT         one access to a port, also each of INS and OUTS.
 *   MEMORY       one access that a watch meets, one event for each watch it meets: by programs
 *                (each iteration of REP; both halves of a read-modify-write) and, marked
 *                `implicit`, by the processor itself: descriptors, TSS, frames pushed by a
 *                delivery, page walks. Not: instruction fetches, and writes from outside (loader,
 *                debugger, devices). An access of more than 4 bytes is several. What is read
 *                before a fault in the same instruction is read again, and reported again, when
 *                that is repeated.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum machine_event_kind {
    EVENT_INSTRUCTION,
    EVENT_DELIVERY,
    EVENT_RETURN,
    EVENT_MODE_SWITCH,
    EVENT_PORT,
    EVENT_MEMORY,
    EVENT_CR3,
    EVENT_HALT,
    EVENT_PLACE,
    EVENT_KINDS
};
#define EVENTS_ALL ((1u << EVENT_KINDS) - 1)

/* MODE_SWITCH: bits of value and old_value. */
#define EVENT_MODE_CPL       3u
#define EVENT_MODE_PROTECTED 4u
#define EVENT_MODE_VIRTUAL   8u

/* Fields that a kind does not have are 0. */
struct machine_event {
    uint64_t clock;  /* CPU clocks: INSTRUCTION at its start, PORT and MEMORY in it, others after */
    uint64_t step;   /* machine_steps() before the instruction or delivery */
    uint32_t kind;   /* enum machine_event_kind */
    uint32_t linear; /* of the instruction; delivery: of the one interrupted, faulting or INT */
    uint32_t cpl;    /* 0..3, before it */
    uint32_t vector; /* DELIVERY: 0..255 */
    uint32_t path;   /* DELIVERY: enum trap_path of an exception, else 0 */
    uint32_t delivery_kind; /* DELIVERY: enum delivery_kind */
    uint32_t error_code;    /* DELIVERY: as pushed; 0 if the vector has none */
    uint32_t port;          /* PORT: 0..FFFFh */
    uint32_t write;         /* PORT, MEMORY: 0 read, 1 written */
    uint32_t bytes;         /* PORT, MEMORY: 1..4; INSTRUCTION: its length, 1..15 */
    uint32_t value;         /* PORT, MEMORY, CR3: (new) value; MODE_SWITCH: EVENT_MODE_* after;
                             * HALT: enum cpu_activity */
    uint32_t old_value;     /* MEMORY write, CR3: what was there; MODE_SWITCH: before */
    uint32_t address;       /* MEMORY: linear; page walk: physical */
    uint32_t physical;      /* MEMORY: of its first byte */
    uint32_t watch;         /* MEMORY: index of the watch */
    uint32_t row;           /* INSTRUCTION: enum insn_id (isa.h); 0: no such instruction */
    uint32_t unused;        /* 0, so that there is no padding */
    uint32_t implicit;      /* MEMORY: 1 by the processor itself, 0 by the program */
};

#define WATCHES_MAX 64u
#define PLACES_MAX  32u

struct machine_watch {
    uint32_t first;    /* address of the first byte */
    uint32_t last;     /* of the last byte, inclusive */
    uint32_t reads;    /* 0 or 1: report reads */
    uint32_t writes;   /* 0 or 1: report writes */
    uint32_t physical; /* 0: linear addresses (page walks then never meet it), 1: physical ones */
};

/* event() may look at the machine but not change or move it. At an INSTRUCTION or PLACE the general
 * registers and EIP are those before it; after a DELIVERY, RETURN or MODE_SWITCH those now; in the
 * other kinds registers may be half done. It returns true to stop after this instruction or
 * delivery (of a REP instruction: after this iteration). */
struct machine_observer {
    void *context;
    bool (*event)(void *context, const struct machine_event *event);
};

struct cpu;

/* kinds: bits 1 << EVENT_*; 0: nobody watches, observer may then be NULL. The struct is copied. */
void cpu_observe(struct cpu *cpu, uint32_t kinds, const struct machine_observer *observer);
/* At most WATCHES_MAX; they count while EVENT_MEMORY is observed. Copied. */
void cpu_set_watches(struct cpu *cpu, const struct machine_watch *watches, uint32_t count);
/* At most PLACES_MAX linear addresses; they count while EVENT_PLACE is observed. Copied. */
void cpu_set_places(struct cpu *cpu, const uint32_t *linear, uint32_t count);

/* What an event may look at, as it is at that event. */
struct machine_observed {
    const uint32_t *gpr; /* 8 general registers, enum gpr */
    uint32_t linear;     /* CS base + EIP: the instruction that is next */
    uint32_t data_base;  /* of DS, linear */
    uint32_t unused;     /* 0 */
};
struct machine_observed cpu_observed(const struct cpu *cpu);
/* Report nothing for a while: what runs now is not the machine's own progress.
 * Pairs nest. */
void cpu_mute_observer(struct cpu *cpu, bool mute);
/* Has an event asked to stop since the last call? */
bool cpu_observer_stopped(struct cpu *cpu);
