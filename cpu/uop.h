/* Micro-operations: what an instruction becomes when its bytes are decoded, once.
 * A block is a head, the micro-ops of up to 64 instructions of one page, and an end.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct cpu;
union uop_slot;
struct uop;

/* Executes one micro-op and goes on: by a tail call in the fast build, by returning the next
 * micro-op to a plain loop otherwise. NULL: back to the run loop, cpu->state.eip is set. */
typedef const struct uop *handler(struct cpu *cpu, const struct uop *uop);

/* uop.flags */
#define UOP_ADDRESS16 0x0001u /* 16-bit effective address */
#define UOP_SIZE16    0x0002u /* 16-bit operand size */
#define UOP_REP       0x0004u /* F3 */
#define UOP_REPNE     0x0008u /* F2 */
#define UOP_LOCK      0x0010u
#define UOP_MEMORY    0x0020u /* base, index, scale, segment, disp are an effective address */
#define UOP_CODE32    0x0040u /* decoded in a 32-bit code segment */
#define UOP_REPEATS   0x0080u /* a string instruction with F3 or F2 */

/* 32 bytes. Operand fields, by convention (the decoder fills them, bodies read them):
 *   first operand a register -> dst, second operand a register -> src;
 *   8-bit registers as byte offset into gpr[] ((n & 3) * 4 + (n >> 2)), others as number;
 *   segment, control and debug registers as number;
 *   r/m as memory: base, index (REG_NONE = none), scale (shift 0..3), segment, disp;
 *   immediate -> imm, sign-extended to 32 bits where the manual says so;
 *   a second immediate (ENTER) or a far selector -> disp;
 *   relative target -> imm = distance from the block's entry EIP to the target;
 *   x87 -> imm = opcode in bits 10-0, FPU_CONCURRENT, FPU_RANGE.
 * A branch is followed by a slot of struct uop_links. */
struct uop {
    handler *run;         /* fast handler, or the careful one where there is no fast one */
    uint32_t imm;         /* immediate, or distance of a branch */
    uint32_t disp;        /* displacement of the effective address; or second immediate */
    uint8_t dst;          /* register of the first operand */
    uint8_t src;          /* register of the second operand; branch: extra clocks if taken */
    uint8_t base;         /* 0..8, REG_NONE = none */
    uint8_t index;        /* 0..8, REG_NONE = none */
    uint8_t scale;        /* 0..3 */
    uint8_t segment;      /* enum segment */
    uint8_t length;       /* bytes of the instruction, 1..15; 0: block end */
    uint8_t insns_left;   /* instructions from this one to the block's end, this included */
    uint16_t handler_id;  /* enum handler_id */
    uint16_t eip_offset;  /* from the block's entry EIP to this instruction, bytes */
    uint16_t clocks_left; /* static clocks from this one to the block's end, this included */
    uint16_t flags;       /* UOP_* */
};

/* Clocks of an x87 instruction that its body needs: those in which integer instructions go on
 * beside it (0..127), and how far the most is above the least (0..16383). */
#define FPU_CONCURRENT_SHIFT 11u
#define FPU_CONCURRENT(uop)  ((uop)->imm >> FPU_CONCURRENT_SHIFT & 0x7Fu)
#define FPU_CONCURRENT_MOST  70u /* of any instruction */
#define FPU_RANGE_SHIFT      18u
#define FPU_RANGE(uop)       ((uop)->imm >> FPU_RANGE_SHIFT)

/* The slot behind a branch: where its two ways lead, heads of blocks in the same page. An
 * unknown way points to a head whose clocks no budget can pay, so one test serves both. */
struct uop_links {
    const union uop_slot *taken;
    const union uop_slot *next;
    uint64_t unused[2];
};

/* The slot before the first micro-op of a block. */
struct uop_head {
    uint32_t clocks;       /* static clocks of the whole block */
    uint32_t clocks_taken; /* the same plus the i386's refill term m of its first instruction */
    uint32_t insns;        /* instructions, 1..64 */
    uint32_t physical;     /* of its first byte */
    uint32_t key;          /* BLOCK_KEY_* it was decoded for */
    uint16_t bytes;        /* length of its code, 1..4096 (or a straddler's 2..15) */
    uint16_t slots;        /* uop slots after the head */
    uint32_t next_in_page; /* arena index of the next block of the same page; 0: none */
    uint32_t row;          /* enum insn_id of its first instruction */
};

union uop_slot {
    struct uop uop;
    struct uop_links links;
    struct uop_head head;
};

_Static_assert(sizeof(struct uop) == 32, "a micro-op is half a cache line");
_Static_assert(sizeof(union uop_slot) == 32, "all slots are one size");

/* Everything decoding or checking depends on besides the bytes. */
#define BLOCK_KEY_CODE32  0x0001u /* CS.D */
#define BLOCK_KEY_STACK32 0x0002u /* SS.B */
#define BLOCK_KEY_PE      0x0004u
#define BLOCK_KEY_VM      0x0008u
#define BLOCK_KEY_CPL     0x0030u /* CPL << 4 */
#define BLOCK_KEY_ODD     0x0040u /* 16-bit code with a limit beyond 64 KiB: not kept */
#define BLOCK_KEY_SINGLE  0x0080u /* block of one instruction, for stepping */
#define BLOCK_KEY_FLAT    0x0100u /* ES, SS, DS: base 0, 4 GiB, writable; CS: base 0, 4 GiB */
