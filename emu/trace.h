/* --trace: the machine's events as lines of text. What a line says is told in docs/trace.md.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "emu/elf_image.h"
#include "emu/machine_observe.h"

#define TRACE_INSN      1u
#define TRACE_EXCEPTION 2u
#define TRACE_IRQ       4u
#define TRACE_SWITCH    8u
#define TRACE_PORT      16u
#define TRACE_CR3       32u
#define TRACE_POST      64u
#define TRACE_ALL       127u

struct trace {
    struct machine *machine;
    const struct elf_symbols *symbols; /* NULL: no names of places */
    FILE *file;                        /* the caller's */
    uint32_t kinds;                    /* TRACE_* */
    uint32_t unused;                   /* 0 */
};

/* Kinds from words with commas between them, `length` bytes; 0: one of the words is none. */
uint32_t trace_kinds(const char *text, size_t length);
/* Write the events of `trace`, which must stay, from now on. POST codes are the caller's. */
void trace_start(struct trace *trace);
