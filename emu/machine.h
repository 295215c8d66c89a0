/* The composition root: one CPU, one PC, RAM, joined by one-line adapters.
 * A machine is a pure function of (configuration, images, input log): no host time here.
 * Not thread safe; several machines may run in one process.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/cpu.h"
#include "emu/err.h"
#include "emu/machine_state.h"

struct machine;

struct machine_config {
    enum cpu_level level;     /* --cpu */
    enum cpu_timing timing;   /* --timing */
    uint64_t ram_bytes;       /* --mem, multiple of 4096, 1 MiB to 3 GiB */
    uint64_t clock_hz;        /* --clock, Hz */
    uint64_t rtc_epoch;       /* --rtc, seconds since 1970 */
    uint32_t block_limit;     /* most instructions in a block, 1..64 (64) */
    uint32_t undecoded;       /* keep no decoded blocks (for tests) */
    uint32_t reboot_on_reset; /* --on-reset */
    uint32_t stop_on_halt;    /* --on-halt: 1 = a HLT that nothing can end stops the machine */
};

/* Bytes that leave the machine. Called once for each byte, never again in a replay. */
struct machine_sink {
    void *context;
    void (*byte_out)(void *context, enum byte_channel channel, uint8_t byte);
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
};

void machine_config_defaults(struct machine_config *config);
/* NULL with *err filled when the host has not the memory. */
struct machine *machine_create(const struct machine_config *config, struct err *err);
void machine_destroy(struct machine *machine);
const struct machine_config *machine_get_config(const struct machine *machine);
void machine_set_sink(struct machine *machine, const struct machine_sink *sink);

/* Run until the clock reaches `until` (CLOCK_NEVER: no limit) or something stops it. */
enum machine_stop machine_run(struct machine *machine, uint64_t until);
/* One instruction or one delivery, or, when halted, the jump to the next event. */
enum machine_stop machine_step(struct machine *machine, struct cpu_step_info *info);
/* From another thread or a signal handler: makes machine_run() return soon. */
void machine_request_stop(struct machine *machine);
/* Exit status of contract.md for a final stop. */
int machine_exit_status(const struct machine *machine);
/* For MACHINE_STOP_SHUTDOWN etc.: one or more lines of explanation, into text. */
void machine_explain_stop(struct machine *machine, enum machine_stop stop, char *text,
                          size_t bytes);

uint64_t machine_clock(const struct machine *machine);
/* Canonical state; valid until the machine moves. */
const struct machine_state *machine_state(struct machine *machine);
uint8_t *machine_ram(struct machine *machine);
/* XXH3 of state and RAM: equal for equal machines, whatever was stepped how. */
uint64_t machine_hash(struct machine *machine);

/* Replace state (RAM has been filled in by the caller through machine_ram()); false with a
 * message if a field is impossible, the machine is then unchanged. */
bool machine_load_state(struct machine *machine, const struct machine_state *state,
                        struct err *err);
/* Write RAM as a debugger or loader does; out-of-range parts are refused. */
bool machine_write_physical(struct machine *machine, uint32_t physical, const void *bytes,
                            uint32_t size);
/* Read for looking, no side effects: RAM and text memory; false if any byte has no memory. */
bool machine_read_physical(struct machine *machine, uint32_t physical, void *bytes, uint32_t size);
/* By linear address through the present page tables; false at the first unmapped byte. */
bool machine_read_linear(struct machine *machine, uint32_t linear, void *bytes, uint32_t size);

/* Input, applied at the present clock and noted in the input log. false: no room now. */
bool machine_input_key(struct machine *machine, uint8_t scancode);
bool machine_input_serial(struct machine *machine, uint32_t unit, uint8_t byte);
uint32_t machine_serial_room(struct machine *machine, uint32_t unit);

/* What the next step will do, by doing it with the journal on and putting everything back
 * (no output leaves, RAM and state are as before). info may be NULL. */
void machine_journal_next(struct machine *machine, struct journal *journal,
                          struct cpu_step_info *info, struct machine_state *after);

void machine_set_breakpoints(struct machine *machine, const uint32_t *linear, uint32_t count);
