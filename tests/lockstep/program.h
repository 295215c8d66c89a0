/* Random programs: where things lie in memory, and the emitter of instructions.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "tests/lockstep/machine.h"

/* Physical, and linear through the identity part of the page tables. */
#define AT_IVT         0x00000u
#define AT_HANDLER16   0x00800u
#define AT_IDT         0x01000u
#define AT_GDT         0x01800u
#define AT_LDT         0x01A00u
#define AT_TSS         0x01C00u
#define AT_DIRECTORY_0 0x02000u
#define AT_DIRECTORY_1 0x03000u
#define AT_TABLES      0x04000u /* tables of linear 0 to 8 MiB */
#define AT_TABLE_OTHER 0x06000u /* linear 4 to 8 MiB of the second directory */
#define AT_HANDLERS    0x08000u
#define AT_CODE        0x10000u
#define CODE_BYTES     0x04000u
#define AT_DATA        0x20000u
#define DATA_BYTES     0x08000u
#define AT_STACKS      0x30000u
#define STACK_TOP      0x38000u
#define KERNEL_TOP     0x3F000u
#define ALIAS_CONFLICT 0x100000u /* the identity again, a round of the instruction TLB away */
#define ALIAS_HIGH     0x400000u /* pages mapped at random */
#define ALIAS_PAGES    64u
#define SELECTOR_COUNT 40u

struct emitter {
    struct program *program;
    uint64_t *random;
    uint32_t at;     /* physical, next byte */
    uint32_t end;    /* physical */
    uint32_t bits16; /* 1: the default sizes are 16 bits */
};

uint32_t chance(struct emitter *e, uint32_t below);
/* Fill [at, end) with instructions. */
void emit_code(struct emitter *e);
void program_make(struct program *program, uint64_t seed);
