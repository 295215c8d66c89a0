/* Everything that ever came into a machine, each with the place where it was applied.
 * The place is a clock and a step number (instructions + deliveries), so that it is exact even
 * if two boundaries share a clock. Together with configuration and images the log is the whole
 * history of a machine.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"

enum input_kind {
    INPUT_KEY,      /* value: one set-1 scancode byte */
    INPUT_SERIAL,   /* unit 0 or 1, value: the byte, or UART_BREAK */
    INPUT_LINE,     /* unit 0 or 1, value: the modem inputs, bits 7..4 as in the 16550's MSR */
    INPUT_MEMORY,   /* by a debugger: unit is a physical address, value the byte written there */
    INPUT_REGISTER, /* by a debugger: unit is an INPUT_REGISTER_* or enum gpr, value: new content */
    INPUT_KIND_COUNT
};

#define INPUT_REGISTER_EIP    8u /* 0..7: enum gpr */
#define INPUT_REGISTER_EFLAGS 9u

struct input_entry {
    uint64_t clock;    /* CPU clocks */
    uint64_t step;     /* instructions + deliveries */
    uint32_t kind;     /* enum input_kind */
    uint32_t unit;     /* 0..1; by a debugger: see above */
    uint32_t value;    /* 0..255; INPUT_SERIAL: 0..256; INPUT_REGISTER: any */
    uint32_t reserved; /* 0 */
};

struct input_log {
    struct input_entry *entries; /* in the order applied */
    uint64_t first;              /* number of entries[0]: those before are not kept */
    uint64_t count;              /* entries kept */
    uint64_t capacity;           /* entries there is room for */
};

void input_log_init(struct input_log *log);
void input_log_free(struct input_log *log);
/* Forget all entries; the next one appended gets the number `first`. */
void input_log_restart(struct input_log *log, uint64_t first);
/* false: no memory. */
bool input_log_append(struct input_log *log, const struct input_entry *entry);
/* The entry with this number, or NULL if there is none (yet). */
const struct input_entry *input_log_entry(const struct input_log *log, uint64_t number);
/* Number after the last entry. */
uint64_t input_log_end(const struct input_log *log);
/* Drop the entry `number` and all after it. */
void input_log_cut(struct input_log *log, uint64_t number);
/* Entry `number` as a line of the file of --record, without its end; false if there is none. */
bool input_log_line(const struct input_log *log, uint64_t number, char *text, size_t bytes);
/* Append what such a line says; false if it is none, or can not follow. */
bool input_log_take_line(struct input_log *log, const char *line);

/* The file of --record: text, one entry a line, see docs/snapshot.md. */
bool input_log_save(const struct input_log *log, const char *path, struct err *err);
/* Replaces the content of `log`, or leaves it as it is and fills `err`. */
bool input_log_load(struct input_log *log, const char *path, struct err *err);
