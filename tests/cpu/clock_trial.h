/* One execution of one instruction form, and what it was charged. Segments have the same places
 * in every surrounding: code 10000h, data 30000h, stack 8000h; all code is NOP.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "clock_table.h"
#include "cpu_fixture.h"

/* Where a form is executed. */
enum surrounding { IN_CODE32, IN_CODE16, IN_USER, IN_REAL, IN_VIRTUAL, SURROUNDINGS };

#define TRIAL_CODE    0x100u /* offset of the instruction */
#define TRIAL_TARGET  0x200u /* offset of a branch target */
#define TRIAL_OPERAND 0x104u /* offset of the memory operand: [BX], [EDI] */
#define TRIAL_PORT    0x10u
#define OPERAND_AT    (DATA_AT + TRIAL_OPERAND)
#define TRIAL_STACK   0x8600u /* linear address of SS:ESP */

struct trial {
    struct fixture f;
    enum surrounding where;
    enum cpu_timing timing; /* TIMING_I486 or TIMING_I386, with the processor of that name */
    bool memory;            /* the form with a memory operand */
    uint32_t bits;          /* operand size of the form: 16 or 32 */
    uint8_t code[24];       /* the instruction, prefixes included */
    uint32_t prefixes;      /* operand and address size prefixes that were put before it */
    uint32_t bytes;         /* of code */
};

/* A machine for machine code given in hexadecimal ("8B 0F"); size prefixes are added where the
 * surrounding has another size than `bits`. */
void trial_start(struct trial *t, enum surrounding where, enum cpu_timing timing, uint32_t bits,
                 const char *code);
void trial_end(struct trial *t);
/* Whether the surrounding is protected (and not virtual-8086) mode. */
bool trial_protected(const struct trial *t);
/* Execute; the clocks charged. The instruction must complete. */
uint32_t trial_run(struct trial *t);
/* The instruction after that: a NOP where it went. */
uint32_t trial_next(struct trial *t);
/* The same, when a delivery must follow. */
uint32_t trial_run_trap(struct trial *t);
/* Clocks that the prefixes put before it cost: i486 PRM table 10.1, one each; i386 none. */
uint32_t trial_prefix_clocks(const struct trial *t);
