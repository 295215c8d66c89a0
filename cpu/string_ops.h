/* What all string instructions share: the index registers and how REP iterates.
 *
 * A REP body is a loop of: load, store, step the index registers, REP_GO_ON. Every iteration
 * commits; between two of them the instruction may be left for good (deadline, event, trap
 * flag), handed from one variant to the other, or fault, and all that is remembered is
 * state.rep_resumed. That flag means: the start-up clocks have been charged, and the static
 * clocks are in the budget once too often (rep_begin() gives them back). At the top of each
 * iteration flag and budget are as at the entry of the instruction, so that nothing depends on
 * where it was cut.
 * See: 80386 PRM 3.6, chapter 17 REP; 9.3 (interrupts between iterations).
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/alu.h"
#include "cpu/timing.h"

/* ---- SI, DI, CX or ESI, EDI, ECX ---- */
#if defined(EXEC_CAREFUL) || defined(EXEC_NARROW)
INLINE uint32_t string_mask(const struct uop *uop)
{
    return uop->flags & UOP_ADDRESS16 ? 0xFFFF : 0xFFFFFFFFu;
}
#else
INLINE uint32_t string_mask(const struct uop *uop)
{
    (void)uop;
    return 0xFFFFFFFFu; /* 16-bit addresses use the other variants */
}
#endif

INLINE void string_put(struct cpu *cpu, const struct uop *uop, enum gpr reg, uint32_t value)
{
    uint32_t mask = string_mask(uop);
    cpu->state.gpr[reg] = (cpu->state.gpr[reg] & ~mask) | (value & mask);
}
/* Offset in the source segment (uop->segment). */
INLINE uint32_t string_source(const struct cpu *cpu, const struct uop *uop)
{
    return cpu->state.gpr[REG_ESI] & string_mask(uop);
}
/* Offset in ES. */
INLINE uint32_t string_target(const struct cpu *cpu, const struct uop *uop)
{
    return cpu->state.gpr[REG_EDI] & string_mask(uop);
}
INLINE bool string_backward(const struct cpu *cpu)
{
    return cpu->state.eflags & EFLAGS_DF;
}
/* Step an index register over `bytes`, in the direction that DF says. */
INLINE void string_step(struct cpu *cpu, const struct uop *uop, enum gpr reg, uint32_t bytes)
{
    uint32_t distance = string_backward(cpu) ? 0u - bytes : bytes;
    string_put(cpu, uop, reg, cpu->state.gpr[reg] + distance);
}
INLINE uint32_t rep_count(const struct cpu *cpu, const struct uop *uop)
{
    return cpu->state.gpr[REG_ECX] & string_mask(uop);
}

/* ---- clocks ---- */
INLINE uint32_t rep_each(const struct cpu *cpu, enum timing_rep kind)
{
    return timing_rep_extra(cpu, kind, 2, 1);
}
/* The first iteration, with what the start-up costs more than the row's figure. Some formulas
 * tell one iteration from several; which it is to be is decided by the count at the start. */
INLINE uint32_t rep_first(const struct cpu *cpu, enum timing_rep kind, uint32_t each,
                          uint32_t count)
{
    return count > 1 ? timing_rep_extra(cpu, kind, 0, 2) - each : timing_rep_extra(cpu, kind, 0, 1);
}

/* ---- the end of `done` iterations ---- */
enum rep_outcome { REP_ENDS, REP_LEAVES, REP_CONTINUES };

/* Charge and count them. more: 1 unless a comparison has ended the repetition. */
INLINE enum rep_outcome rep_commit(struct cpu *cpu, const struct uop *uop, enum timing_rep kind,
                                   uint32_t each, uint32_t done, bool more)
{
    uint32_t count = rep_count(cpu, uop), first = each;
    if (UNLIKELY(!rep_begin(cpu, uop))) {
        first = rep_first(cpu, kind, each, count);
    }
    cpu->budget -= (int64_t)first + (int64_t)(done - 1) * each;
    string_put(cpu, uop, REG_ECX, count - done);
    if (count == done || !more) {
        return REP_ENDS;
    }
    if (UNLIKELY(rep_must_leave(cpu, uop))) {
        return REP_LEAVES;
    }
    cpu->state.rep_resumed = 1;
    cpu->budget -= timing_rep_refund(uop);
    return REP_CONTINUES;
}

/* True if the loop goes on in this variant. The careful one does so when stepping only;
 * otherwise, the obstacle being out of the way, the fast one takes over again. */
INLINE bool rep_stays(const struct cpu *cpu)
{
#ifdef EXEC_CAREFUL
    return cpu->leave & LEAVE_STEP;
#else
    (void)cpu;
    return true;
#endif
}

#ifdef RINGSIDE_PLAIN_LOOP
#define REP_AGAIN return uop
#else
#define REP_AGAIN TAIL return uop->run(cpu, uop)
#endif

/* Stands alone at the end of an iteration; falls through if the loop goes on. */
#define REP_GO_ON(done, more)                                                                      \
    do {                                                                                           \
        const enum rep_outcome outcome = rep_commit(cpu, uop, kind, each, done, more);             \
        if (outcome == REP_ENDS) {                                                                 \
            NEXT_CHARGED(0);                                                                       \
        }                                                                                          \
        if (outcome == REP_LEAVES) {                                                               \
            TAIL return leave_within(cpu, uop);                                                    \
        }                                                                                          \
        if (!rep_stays(cpu)) {                                                                     \
            REP_AGAIN;                                                                             \
        }                                                                                          \
    } while (0)
/* First in every REP body. A count of 0: nothing but the clocks of the row. */
#define REP_BEGIN(of_kind)                                                                         \
    const enum timing_rep kind = of_kind;                                                          \
    const uint32_t each = rep_each(cpu, kind);                                                     \
    if (rep_count(cpu, uop) == 0) {                                                                \
        cpu->state.rep_resumed = 0;                                                                \
        NEXT;                                                                                      \
    }
