/* One of several machines that must agree: a processor, RAM, and devices made of a seed alone,
 * driven in one of many stepping patterns. Nothing but the pattern may differ between machines.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu.h"
#include "cpu/cpu_observe.h"
#include "cpu/isa.h"

#define RAM_BYTES   0x80000u
#define HOLE_FIRST  0x60000u /* this part of RAM is a device */
#define HOLE_END    0x62000u
#define ENTRY_COUNT 32u
#define PORT_RESUME 0x50u /* reads where a fault handler goes on */
#define PORT_RANDOM 0x52u
#define PORT_EOI    0x60u
#define PORT_TIMER  0x61u /* next event so many clocks from now */
#define PORT_A20    0x62u
#define PORT_DMA    0x63u
#define PORT_STOP   0x64u
#define PORT_NMI    0x65u
#define PORT_RAISE  0x66u

/* The library by its functions, so that two builds of it fit into one program. */
struct cpu_api {
    size_t (*bytes)(uint32_t ram_bytes);
    struct cpu *(*init)(void *memory, const struct cpu_config *config, const struct cpu_bus *bus);
    enum cpu_stop (*run)(struct cpu *cpu, uint64_t deadline);
    enum cpu_stop (*step)(struct cpu *cpu, uint64_t deadline, struct cpu_step_info *info);
    const struct cpu_state *(*save)(struct cpu *cpu);
    void (*load)(struct cpu *cpu, const struct cpu_state *state);
    uint64_t (*clock)(const struct cpu *cpu);
    void (*set_deadline)(struct cpu *cpu, uint64_t deadline);
    void (*set_interrupt_line)(struct cpu *cpu, uint32_t level);
    void (*raise_nmi)(struct cpu *cpu);
    void (*set_ignore_errors)(struct cpu *cpu, uint32_t level);
    void (*set_a20)(struct cpu *cpu, uint32_t enabled);
    void (*request_stop)(struct cpu *cpu);
    void (*ram_written)(struct cpu *cpu, uint32_t physical, uint32_t bytes);
    void (*watch_writes)(struct cpu *cpu);
    void (*drop_caches)(struct cpu *cpu);
    void (*set_breakpoints)(struct cpu *cpu, const uint32_t *linear, uint32_t count);
    void (*set_journal)(struct cpu *cpu, struct journal *journal);
    void (*observe)(struct cpu *cpu, uint32_t kinds, const struct machine_observer *observer);
    void (*set_watches)(struct cpu *cpu, const struct machine_watch *watches, uint32_t count);
    void (*set_places)(struct cpu *cpu, const uint32_t *linear, uint32_t count);
};
#define CPU_API                                                                                    \
    {                                                                                              \
        .bytes = cpu_bytes, .init = cpu_init, .run = cpu_run, .step = cpu_step, .save = cpu_save,  \
        .load = cpu_load, .clock = cpu_clock, .set_deadline = cpu_set_deadline,                    \
        .set_interrupt_line = cpu_set_interrupt_line, .raise_nmi = cpu_raise_nmi,                  \
        .set_ignore_errors = cpu_set_ignore_errors, .set_a20 = cpu_set_a20,                        \
        .request_stop = cpu_request_stop, .ram_written = cpu_ram_written,                          \
        .watch_writes = cpu_watch_writes, .drop_caches = cpu_drop_caches,                          \
        .set_breakpoints = cpu_set_breakpoints, .set_journal = cpu_set_journal,                    \
        .observe = cpu_observe, .set_watches = cpu_set_watches, .set_places = cpu_set_places       \
    }
/* The same sources built to dispatch by a plain loop; plain_api.c. */
const struct cpu_api *plain_loop_api(void);

/* What a seed stands for. */
struct program {
    uint64_t seed;
    enum cpu_level level;
    enum cpu_timing timing;
    uint32_t interval;             /* most clocks between two events */
    uint32_t gentle;               /* 1: no DMA, no A20, no NMI */
    uint32_t entries[ENTRY_COUNT]; /* EIPs to go on at */
    uint32_t code_first;           /* physical: where DMA likes to write */
    uint32_t code_bytes;
    struct cpu_state start;
    uint8_t ram[RAM_BYTES];
};

enum stepping {
    STEPPING_RUN,    /* to the next event */
    STEPPING_STEP,   /* cpu_step() one by one */
    STEPPING_RANDOM, /* cpu_run() to random deadlines */
    STEPPING_MIXED,  /* all of it, with caches dropped, another processor, journal, breakpoints */
};

struct pattern {
    const char *name;
    enum stepping stepping;
    uint32_t block_limit; /* 1..64 */
    uint32_t undecoded;   /* 0 or 1 */
    uint32_t plain_loop;  /* 0 or 1 */
    uint32_t observed;    /* 1: an observer sees everything, and stops now and then */
};
#define EVENTS_KEPT 4u

struct journal_check;
struct machine {
    const struct cpu_api *api;
    const struct pattern *pattern;
    const struct program *program;
    struct cpu *cpu;     /* one of cpus[] */
    struct cpu *cpus[2]; /* the second takes over in mixed stepping */
    void *memory[2];     /* of cpus[] */
    uint8_t *ram;        /* RAM_BYTES */
    uint8_t *shadow;     /* RAM as it was when page_written[] was cleared */
    uint8_t page_written[RAM_BYTES / 4096];
    struct journal *journal;
    struct journal_check *check;
    uint32_t breakpoints[4];
    const char *complaint; /* something that is wrong in itself, or NULL */
    uint64_t choice;       /* random, differs between patterns */
    /* devices: functions of the program and of what the processor does */
    uint64_t random;     /* random, the same everywhere */
    uint64_t next_event; /* clock */
    uint64_t digest;     /* of all that went over the bus */
    uint64_t transfers;  /* over the bus */
    uint64_t seen;       /* digest of all events an observer was told of */
    uint64_t seen_count;
    uint64_t rows[INSN_COUNT]; /* instructions an observer was told of, in all programs */
    struct machine_event seen_last[EVENTS_KEPT]; /* ring, by seen_count */
    uint32_t dead;                               /* 1: shut down */
};

uint64_t next_random(uint64_t *state);
/* Reserve memory; a machine lives for many programs. returns 0, or -1 without memory. */
int machine_create(struct machine *machine);
void machine_destroy(struct machine *machine);
void machine_start(struct machine *machine, const struct pattern *pattern,
                   const struct program *program);
/* On to the first boundary at or after `clock`, or to shutdown. */
void machine_run(struct machine *machine, uint64_t clock);
