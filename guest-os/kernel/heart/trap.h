/* Traps: every way from a program (or the kernel) into the kernel's entry points.
 * One layout of saved registers serves interrupts, exceptions and system calls.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VECTOR_DIVIDE_ERROR 0
#define VECTOR_DEBUG        1
#define VECTOR_NMI          2
#define VECTOR_BREAKPOINT   3
#define VECTOR_OVERFLOW     4
#define VECTOR_BOUND        5
#define VECTOR_INVALID_CODE 6
#define VECTOR_NO_X87       7
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_STACK_FAULT  12
#define VECTOR_GENERAL      13
#define VECTOR_PAGE_FAULT   14
#define VECTOR_X87_ERROR    16
#define VECTOR_ALIGNMENT    17
#define VECTOR_IRQ0         32 /* vectors 32..47 are the lines of the two 8259 */
#define VECTOR_SYSTEM_CALL  0x80
#define VECTOR_COUNT        256

/* What lies on the kernel stack while a trap is handled, lowest address first. The CPU pushed the
 * last five (only three when the kernel itself was interrupted), trap_entry.S the rest. */
struct trap_frame {
    uint32_t edi, esi, ebp;
    uint32_t esp_of_pusha; /* PUSHA's own copy, ignored by POPA */
    uint32_t ebx, edx, ecx, eax;
    uint32_t gs, fs, es, ds; /* selectors in the low 16 bits */
    uint32_t vector;         /* 0..255, pushed by the stub */
    uint32_t error_code;     /* pushed by the CPU for some vectors, 0 by the stub for the others */
    uint32_t eip;            /* where to go on */
    uint32_t cs;             /* selector; its low two bits: the interrupted mode on a real CPU */
    uint32_t eflags;         /* bit 31: the interrupted mode, where the CPU has EFLAGS.MODE */
    uint32_t esp, ss;        /* only if user mode was interrupted */
};

typedef void interrupt_handler(struct trap_frame *frame);

/* Did this trap come from user mode? Asks EFLAGS.MODE when trap_use_eflags_mode() found it, else
 * CS. */
bool trap_from_user(const struct trap_frame *frame);

/* Find out whether the CPU keeps the mode in EFLAGS and turn that on; mode=strict leaves it off.
 * Interrupts are off and no trap frame exists yet. */
void trap_use_eflags_mode(void);

/* EFLAGS for a program that starts: interrupts on and, where the CPU has it, the mode bit. */
uint32_t trap_user_eflags(void);

/* Fill the IDT and load it. */
void trap_initialise(void);

/* From now on a double fault is a panic on a stack of its own. The kernel's page tables are in
 * use. */
void trap_catch_double_faults(void);

/* Call `handler` with interrupts off whenever line `irq` (0..15) fires; opens the line. */
void trap_on_irq(uint32_t irq, interrupt_handler *handler);

/* How often line `irq` fired. */
uint32_t trap_irq_count(uint32_t irq);

/* The name of an exception vector (0..31) as the manuals have it. */
const char *trap_exception_name(uint32_t vector);

/* From trap_entry.S, on the stack that already holds the frame. */
void trap(struct trap_frame *frame);

/* The second half of trap_entry.S: pop the frame that ESP points to and return from the trap. */
void trap_return(void);

/* The same for a new process that is traced: it stops before its first instruction. */
void trap_begin(void);

/* trap.c: what is due before the return to user mode; turns interrupts off. */
void trap_leave(struct trap_frame *frame);
