/* --trace: what happens, as lines of text, JSON or for a viewer of timelines, into a file or into a
 * bounded ring of the last events. What a line says is told in docs/trace.md.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/err.h"
#include "emu/machine.h"

/* The words of --trace and their bits 1 << TRACE_*: see trace.c. */
enum trace_kind {
    TRACE_INSN,
    TRACE_EXCEPTION,
    TRACE_IRQ,
    TRACE_SWITCH,
    TRACE_PORT,
    TRACE_CR3,
    TRACE_POST,
    TRACE_SYSCALL,
    TRACE_PROCESS,
    TRACE_SIGNAL,
    TRACE_USER,
    TRACE_KINDS
};

enum trace_format { TRACE_TEXT, TRACE_JSON, TRACE_PERFETTO };
#define TRACE_LAST_MAX 1000000u

struct trace_setup {
    uint32_t kinds;   /* bits 1 << TRACE_* */
    uint32_t format;  /* enum trace_format */
    uint32_t last;    /* keep so many events and write them at the end; 0: write all at once */
    const char *path; /* NULL: standard error */
};

struct trace;

/* Kinds from words with commas between them, `length` bytes; 0: one of the words is none. */
uint32_t trace_kinds(const char *text, size_t length);
/* KINDS[:FILE], and text, json or perfetto. NULL, or what is wrong with them. */
const char *trace_setup_kinds(struct trace_setup *setup, const char *value, char *text,
                              size_t bytes);
const char *trace_setup_format(struct trace_setup *setup, const char *value);
/* Trace from now on; `symbols` (may be NULL: no names of places, nothing of processes) must
 * outlive it. NULL with *err filled. */
struct trace *trace_open(struct machine *machine, const struct elf_symbols *symbols,
                         const struct trace_setup *setup, struct err *err);
/* Write what is left, close the file; false with *err filled if something could not be written.
 * NULL: nothing to do. */
bool trace_close(struct trace *trace, struct err *err);
