/* Bytes to one decoded instruction: prefixes, opcode, ModR/M, SIB, displacement, immediates,
 * the 15-byte limit, LOCK legality, forms that do not exist. Knows nothing of memory or state
 * but the mode it is told, so that it can be compared with other decoders over random bytes.
 * See: 80386 PRM chapter 17 and appendix A.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cpu/cpu.h"
#include "cpu/uop.h"

enum decode_result {
    DECODE_OK,   /* *out is complete, also for an instruction that raises (see .raises) */
    DECODE_MORE, /* the given bytes end inside the instruction: fetch more */
};

struct decoded {
    struct uop uop;        /* operands, flags, length, handler_id; run, eip_offset, *_left unset.
                            * Relative branches: imm = displacement from the END of the
                            * instruction; the block builder adds eip_offset + length. */
    uint16_t row;          /* enum insn_id */
    uint16_t clocks;       /* static clocks of this form in the timing model, at least 1 */
    uint16_t clocks_taken; /* branches: extra clocks if taken (goes to uop.src) */
    uint8_t refill;        /* i386: its components m as a jump target, 1..; other models: 0 */
    uint8_t ends_block;    /* 1: nothing may follow in the block */
    uint8_t is_branch;     /* 1: followed by a slot of links */
    uint8_t careful;       /* 1: run the careful variant: there is no fast one, or a branch whose
                            * target no link can hold (LOCK is free) */
    uint8_t narrow;        /* 1: else the narrow one: a 16-bit address in the memory form, or a
                            * 16-bit stack on a row that uses the stack */
    uint8_t prefix_bytes;  /* prefixes before the opcode (0F not counted) */
    uint8_t raises;        /* 1: handler_id is the one that raises; uop.imm = enum trap_path */
};

/* bytes: `available` of them (more than 15 are not looked at), key: BLOCK_KEY_*. */
enum decode_result decode_instruction(const uint8_t *bytes, uint32_t available, uint32_t key,
                                      const struct cpu_config *config, struct decoded *out);
