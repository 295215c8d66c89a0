/* One random instruction in 16-bit code and the registers it meets; what a run of it leaves.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/cpu_state.h"
#include "cpu/uop.h"

/* All that 16-bit segments reach, and what an access at the very end touches. */
#define RAM_BYTES   0x00111000u
#define CODE_BYTES  32u
#define NO_VECTOR   0x100u /* nothing was raised */
#define SHUT_DOWN   0x101u /* the delivery of what was raised failed three times */
#define LIMIT       0xFFFFu
#define MOST_WRITES 256u /* for an instruction and a frame */

struct registers {
    uint32_t gpr[8];
    uint32_t eip;
    uint32_t eflags;
    uint16_t selectors[SEG_COUNT];
    struct table_state gdtr, idtr;
};

struct piece {
    uint64_t seed;
    uint8_t code[CODE_BYTES];
    uint32_t length;    /* of the instruction, by our decoder */
    struct uop uop;     /* the same, decoded */
    uint32_t row;       /* enum insn_id */
    uint32_t raises;    /* enum trap_path that decoding alone raises, or 0 */
    uint32_t segment;   /* of the operand in memory that ModR/M or SI names */
    uint32_t string;    /* 1: writes to ES:DI */
    uint32_t beyond;    /* segment whose limit a 32-bit address exceeds, or SEG_COUNT */
    uint32_t segments;  /* bit n: segment n may be accessed */
    uint32_t address16; /* 0 or 1 */
    uint32_t size16;    /* operands: 0 or 1 */
    uint32_t repeats;   /* 0 or 1 */
    uint32_t undefined; /* EFLAGS bits that may differ afterwards */
    struct registers before;
};

struct written {
    uint32_t address; /* physical = linear */
    uint32_t bytes;   /* 1..8 */
};

struct outcome {
    struct registers after;
    uint32_t vector; /* NO_VECTOR, SHUT_DOWN */
    uint32_t writes; /* valid ones in written[], at most MOST_WRITES */
    uint32_t first;  /* those before it have not happened: the instruction faulted */
    struct written written[MOST_WRITES];
};

uint32_t piece_random(struct piece *piece);
/* The next instruction. */
void piece_make(struct piece *piece);
/* Linear address of the code. */
uint32_t piece_linear(const struct piece *piece);
