/* Clocks that a row of isa.def cannot express. Rows hold the least figure of a formula (and what
 * differs by real or protected mode, by register or memory, by operand size: the decoder picks);
 * the functions here give what comes on top. Bodies hand it to NEXT_CHARGED() or charge().
 * In the unit model every one of them is 0, but that an exception right after another takes 1 and
 * so does each further iteration of a REP instruction. See: docs/timing.md; 80386 PRM 17.2.2.3 and
 * the instruction pages, i486 PRM table 10.1. SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_priv.h"

/* By enum cpu_timing. */
extern const struct timing_model timing_models[3];

INLINE bool timing_is(const struct cpu *cpu, enum cpu_timing model)
{
    return cpu->timing->model == (uint32_t)model;
}

/* Bits needed for v: 0 for 0 and 1, else log2 rounded up. */
INLINE uint32_t timing_log2(uint32_t v)
{
    return v > 1 ? 32u - (uint32_t)__builtin_clz(v - 1) : 0;
}

/* MUL: the early-out operand (r/m), zero-extended. Formulas MUL386, MUL486. */
INLINE uint32_t timing_mul_extra(const struct cpu *cpu, uint32_t v)
{
    if (timing_is(cpu, TIMING_UNIT)) {
        return 0;
    }
    uint32_t bits = timing_log2(v);
    return bits > 3 ? bits - 3 : 0;
}

/* IMUL, all forms: the early-out operand (r/m, or the immediate of the three-operand forms),
 * sign-extended to 32 bits. On the i486 a negative one takes at least 5 steps. */
INLINE uint32_t timing_imul_extra(const struct cpu *cpu, uint32_t v)
{
    if (timing_is(cpu, TIMING_UNIT)) {
        return 0;
    }
    bool negative = v >> 31;
    uint32_t bits = timing_log2(negative ? 0u - v : v);
    uint32_t least = negative && timing_is(cpu, TIMING_I486) ? 5 : 3;
    return (bits > least ? bits : least) - 3;
}

/* BSF, BSR: the source, zero-extended from its 16 or 32 bits. */
uint32_t timing_bsf_extra(const struct cpu *cpu, uint32_t source);
uint32_t timing_bsr_extra(const struct cpu *cpu, uint32_t bits, uint32_t source);

/* RCL, RCR by CL or immediate: the count after masking to 5 bits. (By 1: 0, so the shared body
 * may ask for every count.) */
INLINE uint32_t timing_rotate_carry_extra(const struct cpu *cpu, uint32_t count)
{
    uint32_t clocks = count + 7;
    if (!timing_is(cpu, TIMING_I486) || clocks <= 8) {
        return 0;
    }
    return (clocks < 30 ? clocks : 30) - 8;
}

/* SETcc: memory 0 or 1, condition 0 or 1. i486: 4 true, 3 false; to memory 3 true, 4 false. */
INLINE uint32_t timing_setcc_extra(const struct cpu *cpu, uint32_t memory, uint32_t condition)
{
    return timing_is(cpu, TIMING_I486) ? memory ^ condition : 0;
}

/* CMPXCHG with memory that was not equal: i486 3 more. */
INLINE uint32_t timing_cmpxchg_extra(const struct cpu *cpu, uint32_t memory, uint32_t equal)
{
    return !timing_is(cpu, TIMING_UNIT) && memory && !equal ? 3 : 0;
}

/* ENTER: level after masking to 5 bits. */
uint32_t timing_enter_extra(const struct cpu *cpu, uint32_t level);

/* Strings with REP. The static figure is the start-up (n = 0); iterations come on top. */
enum timing_rep {
    TIMING_REP_MOVS,
    TIMING_REP_CMPS,
    TIMING_REP_STOS,
    TIMING_REP_LODS,
    TIMING_REP_SCAS,
    TIMING_REP_INS,
    TIMING_REP_OUTS,
    TIMING_REP_COUNT
};
/* Clocks of iterations done + 1 .. done + count of one instruction; count at most 65536. When a
 * REP instruction is resumed (state.rep_resumed) pass at least 2 as `done`. */
uint32_t timing_rep_extra(const struct cpu *cpu, enum timing_rep kind, uint32_t done,
                          uint32_t count);
/* What a resumed REP instruction takes back (cpu->budget += ...): its start-up, already paid.
 * Strings never branch, so that the next slot is a micro-op or the block's end (0 left). */
INLINE uint32_t timing_rep_refund(const struct uop *uop)
{
    return (uint32_t)uop->clocks_left - uop[1].clocks_left;
}

/* Ports: clocks above the row's figure (which is that of real mode, or of protected mode with
 * CPL <= IOPL). bitmap: 1 if the I/O permission map was looked at (V86 mode: always). */
enum timing_io {
    TIMING_IN_IMM,
    TIMING_IN_DX,
    TIMING_OUT_IMM,
    TIMING_OUT_DX,
    TIMING_INS,
    TIMING_OUTS,
    TIMING_REP_INS_IO,  /* start of REP INS; its iterations: timing_rep_extra() */
    TIMING_REP_OUTS_IO, /* start of REP OUTS */
    TIMING_IO_COUNT
};
uint32_t timing_io_extra(const struct cpu *cpu, enum timing_io kind, uint32_t bitmap);

/* MOV to and from control and debug registers; reg: their number. */
uint32_t timing_mov_to_cr_extra(const struct cpu *cpu, uint32_t reg);
uint32_t timing_mov_from_dr_extra(const struct cpu *cpu, uint32_t reg);
uint32_t timing_mov_to_dr_extra(const struct cpu *cpu, uint32_t reg);

/* LSL of a page-granular segment: 5 more on the i386. */
uint32_t timing_lsl_extra(const struct cpu *cpu, uint32_t page_granular);
/* INVLPG: 1 more if the page was in the TLB (i486). */
uint32_t timing_invlpg_extra(const struct cpu *cpu, uint32_t hit);
/* CPUID by EAX. */
uint32_t timing_cpuid_extra(const struct cpu *cpu, uint32_t leaf);

/* Far transfers: clocks above the row's figure, which is that of real and V86 mode, or of a
 * transfer at the same level in protected mode. */
enum timing_far {
    TIMING_CALLF_AP,
    TIMING_CALLF_MP,
    TIMING_JMPF_AP,
    TIMING_JMPF_MP,
    TIMING_RETF, /* with and without immediate */
    TIMING_IRET,
    TIMING_FAR_COUNT
};
enum timing_far_way {
    TIMING_FAR_SAME,       /* same level, no gate: 0 */
    TIMING_FAR_GATE_SAME,  /* call gate to the same level */
    TIMING_FAR_GATE_INNER, /* call gate to an inner level, `params` copied */
    TIMING_FAR_OUTER,      /* RETF, IRET to an outer level */
    TIMING_FAR_TO_V86,     /* IRETD from CPL 0 to V86 mode */
    TIMING_FAR_TSS,        /* a TSS selector, or IRET by the back link; params: the term ts */
    TIMING_FAR_TASK_GATE,  /* a task gate; params: the term ts */
    TIMING_FAR_WAYS
};
uint32_t timing_far_extra(const struct cpu *cpu, enum timing_far transfer, enum timing_far_way way,
                          uint32_t params);

/* The term `ts`: TSS kinds 0 = 286, 1 = 386, 2 = 386 with VM = 1 in its EFLAGS. */
enum timing_task_cause { TIMING_TASK_CALL, TIMING_TASK_JMP, TIMING_TASK_IRET, TIMING_TASK_INT };
uint32_t timing_task_switch(const struct cpu *cpu, enum timing_task_cause cause, uint32_t old_kind,
                            uint32_t new_kind, uint32_t via_gate);

/* Delivery of interrupts and exceptions. */
enum timing_path {
    TIMING_PATH_REAL,
    TIMING_PATH_SAME,
    TIMING_PATH_INNER,
    TIMING_PATH_V86,
    TIMING_PATH_TASK, /* the clocks before `ts` */
    TIMING_PATH_COUNT
};
#define DELIVERY_STEPS 14u /* steps are numbered 1..13 = U01..U13 */
/* Clocks of each step on the path; [0] unused, 0 where the path has no such step. Their sum is
 * the base figure. All 0 in the unit model; TIMING_PATH_TASK has none. */
const uint8_t *timing_delivery_steps(const struct cpu *cpu, enum timing_path path);
/* Whole figure: base, plus what this event takes more (INTR, NMI, #PF, #BR, V86 monitor traps),
 * plus the push of an error code (never in real mode), minus the static clocks that INT n (1), INT3
 * (1) and INTO (3) have been charged already. The surplus over the steps belongs to U01
 * (accept-event), that of the error code to U10. */
uint32_t timing_delivery(const struct cpu *cpu, const struct delivery *delivery,
                         enum timing_path path);
/* The same on the way through a task gate, to which `ts` is added: less than 0 on the i386, whose
 * figure is ts alone while the static clocks of INT n have been charged. */
int32_t timing_task_delivery(const struct cpu *cpu, const struct delivery *delivery);
/* What a virtual-8086 monitor's trap takes more than the others of its kind: INT n and PUSHF; port
 * instructions with a variable port or REP. Charged before it is raised. */
uint32_t timing_monitor_extra(const struct cpu *cpu);
uint32_t timing_port_trap_extra(const struct cpu *cpu, enum timing_io kind);
