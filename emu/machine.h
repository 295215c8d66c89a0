/* The composition root: one CPU, one PC, RAM, joined by one-line adapters.
 * A machine is a pure function of (configuration, images, input log): no host time here.
 * Not thread safe; several machines may run in one process.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/cpu.h"
#include "emu/disk_file.h"
#include "emu/err.h"
#include "emu/input_log.h"
#include "emu/machine_state.h"
#include "emu/rom.h"

struct machine;
struct moment_origin;

struct machine_config {
    enum cpu_level level;               /* --cpu */
    enum cpu_timing timing;             /* --timing */
    uint64_t ram_bytes;                 /* --mem, multiple of 4096, 1 MiB to 3 GiB */
    uint64_t clock_hz;                  /* --clock, Hz */
    uint64_t rtc_epoch;                 /* --rtc, seconds since 1970 */
    uint32_t block_limit;               /* most instructions in a block, 1..64 (64) */
    uint32_t undecoded;                 /* keep no decoded blocks (for tests) */
    uint32_t reboot_on_reset;           /* --on-reset */
    struct disk_file *disks[PC_DISKS];  /* the caller's, NULL: none; several machines may share
                                           those that are never written */
    const struct rom *firmware;         /* the caller's; NULL: none, something else loads the RAM */
    const struct rom *option_rom;       /* the caller's; NULL: none */
    uint32_t apics;                     /* --apic: 1 = local APIC and I/O APIC */
    uint32_t jitter;                    /* --jitter: 1 = ticks of the timers come a little late */
    uint64_t seed;                      /* --seed: devices/seeded.h; 0 = nothing is random */
    uint32_t own_guest;                 /* 1: what starts is the bundled guest; for views only */
    const struct moment_origin *origin; /* the caller's: what all this came from, for moment.h;
                                           NULL: not known */
    uint32_t stop_on_halt; /* --on-halt: 1 = a HLT that nothing can end stops the machine */
};

/* What is written over the disks at some moment; NULL where there is no disk. */
struct machine_disks {
    struct disk_overlay *disks[PC_DISKS];
};

/* Bytes that leave the machine. Called once for each byte, never again in a replay. */
struct machine_sink {
    void *context;
    void (*byte_out)(void *context, enum byte_channel channel, uint8_t byte, uint64_t clock);
};

/* What loads images into a machine without firmware: called after every reset, also the one at
 * the start. */
struct machine_boot {
    void *context;
    bool (*load)(void *context, struct machine *machine, struct err *err);
};

enum machine_stop {
    MACHINE_STOP_CLOCK,      /* the clock asked for is reached */
    MACHINE_STOP_STEPPED,    /* the one step is done */
    MACHINE_STOP_REQUESTED,  /* machine_request_stop() */
    MACHINE_STOP_BREAKPOINT, /* about to execute at a breakpoint */
    MACHINE_STOP_EXIT,       /* final: port F4h; machine_exit_status() */
    MACHINE_STOP_POWER_OFF,  /* final */
    MACHINE_STOP_PANIC,      /* final: the guest kernel gave up */
    MACHINE_STOP_RESET,      /* final, with --on-reset stop */
    MACHINE_STOP_SHUTDOWN,   /* final: triple fault; the chain is in state.cpu.faults */
    MACHINE_STOP_HALTED,     /* HLT, and no event or input can ever end it */
    MACHINE_STOP_OBSERVER,   /* an observer's event asked for it (machine_observe.h) */
};

void machine_config_defaults(struct machine_config *config);
/* NULL with *err filled when the host has not the memory. */
struct machine *machine_create(const struct machine_config *config, struct err *err);
void machine_destroy(struct machine *machine);
const struct machine_config *machine_get_config(const struct machine *machine);
void machine_set_sink(struct machine *machine, const struct machine_sink *sink);
/* Load the images now and again after each reset of the guest's. */
bool machine_boot(struct machine *machine, const struct machine_boot *boot, struct err *err);

/* Run until the clock reaches `until` (CLOCK_NEVER: no limit) or something stops it. */
enum machine_stop machine_run(struct machine *machine, uint64_t until);
/* One instruction or one delivery, or, when halted, the jump to the next event. */
enum machine_stop machine_step(struct machine *machine, struct cpu_step_info *info);
/* As machine_step(), but of a REP instruction only one iteration: what machine_journal_next()
 * shows. */
enum machine_stop machine_step_iteration(struct machine *machine, struct cpu_step_info *info);
/* From another thread or a signal handler: makes machine_run() return soon. */
void machine_request_stop(struct machine *machine);
/* From a sink, while the machine runs: return after this very instruction. */
void machine_stop_after_instruction(struct machine *machine);
/* Halted, and neither an event nor a recorded input can ever end it. */
bool machine_halted_for_good(struct machine *machine);
/* Exit status of contract.md for a final stop. */
int machine_exit_status(const struct machine *machine);
/* For MACHINE_STOP_SHUTDOWN etc.: one or more lines of explanation, into text. */
void machine_explain_stop(struct machine *machine, enum machine_stop stop, char *text,
                          size_t bytes);

uint64_t machine_clock(const struct machine *machine);
/* Instructions + deliveries since the start. */
uint64_t machine_steps(struct machine *machine);
uint64_t machine_instructions(struct machine *machine);
/* Waiting in a HLT. */
bool machine_is_halted(struct machine *machine);
/* 1 between two iterations of a REP instruction. */
bool machine_in_repetition(struct machine *machine);
/* Canonical state; valid until the machine moves. */
const struct machine_state *machine_state(struct machine *machine);
uint8_t *machine_ram(struct machine *machine);
/* XXH3 of state, RAM and what is written over the disks: equal for equal machines, whatever was
 * stepped how. */
uint64_t machine_hash(struct machine *machine);

/* Whether every field of a state is possible in this machine. */
bool machine_check_state(const struct machine *machine, const struct machine_state *state,
                         struct err *err);
/* Replace the state (RAM has been filled in by the caller with machine_put_page()); false with a
 * message if a field is impossible, the machine is then unchanged. Recorded inputs after the
 * state's place will be applied again as the machine runs. */
bool machine_load_state(struct machine *machine, const struct machine_state *state,
                        struct err *err);
/* Hold on to what is on the disks now, let go of it, put it back: part of every state kept. */
void machine_hold_disks(struct machine *machine, struct machine_disks *moment);
void machine_release_disks(struct machine_disks *moment);
void machine_put_disks(struct machine *machine, const struct machine_disks *moment);
/* At the end: make the disks' files equal to the present, unless it is in the past. false with
 * *err filled if that fails, or did when the guest flushed. */
bool machine_write_disks(struct machine *machine, struct err *err);
/* Replace one page of RAM; bytes NULL = zeros. A state must be loaded after it. */
void machine_put_page(struct machine *machine, uint32_t page, const uint8_t *bytes);
uint32_t machine_pages(const struct machine *machine);
/* One byte per page, 1 = written since machine_watch_pages(). */
const uint8_t *machine_pages_written(const struct machine *machine);
/* Note writes to pages afresh. */
void machine_watch_pages(struct machine *machine);
/* Drop everything that can be rebuilt from state and RAM; never observable. */
void machine_drop_caches(struct machine *machine);
/* One byte per page, 1 = may differ from zero. */
const uint8_t *machine_pages_touched(struct machine *machine);
/* The recorded inputs; those after the present place are still to come. */
const struct input_log *machine_log(const struct machine *machine);
/* Replace the log by one to be replayed. It becomes the machine's. */
void machine_set_log(struct machine *machine, struct input_log *log);
/* Forget what lies ahead: inputs not yet applied, and outputs not yet repeated. */
void machine_cut_future(struct machine *machine);
/* True if the input log holds entries that this machine has not come to yet. */
bool machine_inputs_ahead(const struct machine *machine);
/* The APICs, if there are any, in virtual wire mode, as firmware leaves them to a kernel. */
void machine_hand_over_apics(struct machine *machine);
/* Open the A20 gate, as boot loaders do through port 92h. */
void machine_open_a20(struct machine *machine);
/* Write RAM as a debugger or loader does; out-of-range parts are refused. */
bool machine_write_physical(struct machine *machine, uint32_t physical, const void *bytes,
                            uint32_t size);
/* Read for looking, no side effects: RAM and text memory; false if any byte has no memory. */
bool machine_read_physical(struct machine *machine, uint32_t physical, void *bytes, uint32_t size);
/* By linear address through the present page tables; false at the first unmapped byte. */
bool machine_read_linear(struct machine *machine, uint32_t linear, void *bytes, uint32_t size);

/* Linear to physical through the present page tables, changing nothing; false if unmapped. */
bool machine_translate(struct machine *machine, uint32_t linear, uint32_t *physical);

/* Input, applied at the present clock and noted in the input log (which must have no entries
 * ahead). false: no room now, or recorded inputs lie ahead. */
bool machine_input_key(struct machine *machine, uint8_t scancode);
bool machine_input_serial(struct machine *machine, uint32_t unit, uint8_t byte);
bool machine_input_break(struct machine *machine, uint32_t unit); /* as a terminal's key */
/* The modem inputs of a serial port: MODEM_* bits. */
bool machine_input_line(struct machine *machine, uint32_t unit, uint8_t inputs);
/* What a debugger changes by hand is an input too, so that a replay changes it again: one byte of
 * RAM, a general register, EIP or EFLAGS (INPUT_REGISTER_*). */
bool machine_input_memory(struct machine *machine, uint32_t physical, uint8_t byte);
bool machine_input_register(struct machine *machine, uint32_t number, uint32_t value);
uint32_t machine_serial_room(struct machine *machine, uint32_t unit);

/* What the next step will do, by doing it with the journal on and putting everything back
 * (no output leaves, RAM and state are as before). Of a REP instruction: one iteration.
 * info and after may be NULL. */
void machine_journal_next(struct machine *machine, struct journal *journal,
                          struct cpu_step_info *info, struct machine_state *after);

/* At most 64 linear addresses, ascending. */
void machine_set_breakpoints(struct machine *machine, const uint32_t *linear, uint32_t count);
/* For a replay: run on as if there were none. */
void machine_pause_breakpoints(struct machine *machine, bool pause);
