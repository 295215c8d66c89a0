/* What every view draws from: a copy of the state, a way to look at guest memory, symbols.
 * Views are pure functions from this to cells; they move nothing and keep nothing.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/grid.h"
#include "emu/session.h"

struct view_context {
    const struct session_view *view;
    /* Look at guest memory by linear address, no side effects; false if not mapped. */
    bool (*read)(void *context, uint32_t linear, void *bytes, uint32_t size);
    /* The same by physical address: RAM and text memory. */
    bool (*read_physical)(void *context, uint32_t physical, void *bytes, uint32_t size);
    void *read_context;
    const struct elf_symbols *symbols; /* NULL: none */
    uint32_t program;                  /* elf_symbols_present(); 0: none */
    const char *console;               /* end of what the serial line printed; may be NULL */
    size_t console_bytes;              /* bytes at console */
    uint64_t boundary_clock;           /* CPU clocks, when the step that is looked into begins */
};

/* One of two stacks, found from the state. */
struct view_stack {
    bool known;       /* false: cannot be told from the state */
    bool in_use;      /* SS:ESP of the processor point into it */
    uint32_t ss;      /* selector */
    uint32_t esp;     /* offset of the last cell pushed */
    uint32_t base;    /* linear address of offset 0 of SS */
    uint32_t width;   /* bytes of a cell: 2 or 4 */
    uint32_t top;     /* kernel stack: ESP0 of the TSS, the offset above its first cell; else 0 */
    const char *from; /* where the position comes from, in words */
};

/* What the micro-steps taken so far have replaced; before any, the present values. */
struct view_boundary {
    uint32_t cpl; /* 0..3, at the instruction boundary before */
    uint32_t ss;  /* selector there */
    uint32_t esp; /* there */
};

/* A vector's entry in the table, decoded (80386 PRM 9.4, 14.4). */
struct view_gate {
    bool readable;
    bool present;
    uint32_t handler;  /* offset */
    uint32_t selector; /* of its code segment */
    uint32_t linear;   /* of the handler, by the segment's base as it is now */
    uint32_t type;     /* descriptor type, 0..31 (S included) */
    uint32_t dpl;      /* 0..3 */
};

#define VIEW_STEP_BYTES 192u /* of the text of a micro-step */

bool view_read32(const struct view_context *context, uint32_t linear, uint32_t *value);
bool view_read_physical32(const struct view_context *context, uint32_t physical, uint32_t *value);
struct view_gate view_read_gate(const struct view_context *context, uint32_t vector);
/* "int", "trap", "task", ... */
const char *view_gate_name(const struct view_gate *gate);
/* What a micro-step does, in words; the lecture's number of it too if asked for. */
void view_describe_step(const struct view_context *context, const struct journal_entry *entry,
                        bool name_lecture_step, char text[VIEW_STEP_BYTES]);
/* The micro-step that comes next; NULL: none is known. */
const struct journal_entry *view_step_ahead(const struct view_context *context);
/* What becomes of the request at the processor's INTR pin, in words; NULL: there is none. */
const char *view_request_fate(const struct cpu_state *cpu);
/* The symbol that covers an address and the distance into it; NULL if there is none. */
const char *view_find_symbol(const struct view_context *context, uint32_t linear, uint32_t *offset);
/* "name" or "name+1A" of an address into text; false and an empty text if there is none. */
bool view_symbol(const struct view_context *context, uint32_t linear, char *text, size_t bytes);
bool view_is_user(const struct cpu_state *cpu);
bool view_is_protected(const struct cpu_state *cpu);
/* Base of a segment by selector through GDT or LDT; false if there is no such descriptor. */
bool view_segment_base(const struct view_context *context, uint32_t selector, uint32_t *base);
/* SS0:ESP0 of the current 32-bit TSS; false without one. */
bool view_tss_stack(const struct view_context *context, uint32_t *ss0, uint32_t *esp0);
struct view_boundary view_boundary(const struct view_context *context);
void view_find_stacks(const struct view_context *context, struct view_stack *user,
                      struct view_stack *kernel);
/* Short name of a vector: "#PF page fault", "IRQ 0 timer", "system call", "". */
const char *view_vector_name(const struct view_context *context, uint32_t vector);
/* Name of a journal register: "EAX", "SS", ... */
const char *view_register_name(uint32_t jreg);
/* Decimal with thousands separated by thin gaps: "12 345 678". Returns text. */
const char *view_decimal(uint64_t value, char text[32]);

/* The frame that a kernel of the Linux kind has pushed on a program's stack for the handler of a
 * signal; known by its return address, which leads to MOV EAX, (rt_)sigreturn; INT 80h. */
struct view_signal_frame {
    uint32_t at;       /* linear, of the return address, its lowest word */
    uint32_t end;      /* first address behind the words that have names */
    uint32_t has_info; /* 1: with siginfo and ucontext (SA_SIGINFO) */
    uint32_t signal;   /* its number */
};

/* The innermost one near the stack pointer, also just below it, popped; false: none. */
bool view_find_signal_frame(const struct view_context *context, const struct view_stack *user,
                            struct view_signal_frame *frame);
/* What the word at `linear` is ("saved EIP"); false: none of the frame that has a name. */
bool view_signal_slot(const struct view_signal_frame *frame, uint32_t linear, char *text,
                      size_t bytes);
