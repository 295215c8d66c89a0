/* Interrupts by instruction, IRET, the flags register and what governs recognition: INT n, INT3,
 * INTO, ICEBP, IRET, PUSHF, POPF, CLI, STI, HLT; and the micro-op that only raises.
 * See: 80386 PRM 17 (these pages), 9.2 (masking), 9.6.
 * SPDX-License-Identifier: MIT */
#include "cpu/exec.h"

#ifdef EXEC_CAREFUL

#include "cpu/eflags.h"
#include "cpu/everyday.h"
#include "cpu/far_return.h"
#include "cpu/timing.h"

/* state.eip is set; unlike after a jump the first instruction pays no refill term. */
#define LEAVE_ENTERED TAIL return enter_transferred(cpu, uop)

/* CPL above IOPL; virtual-8086 mode runs at CPL 3 and obeys the same comparison. */
INLINE bool above_iopl(const struct cpu *cpu)
{
    return cpu->state.cpl > (cpu->state.eflags & EFLAGS_IOPL) >> 12;
}
/* PUSHF, POPF, INT n, IRET: sensitive in virtual-8086 mode only. */
INLINE bool virtual_above_iopl(const struct cpu *cpu)
{
    return (cpu->state.eflags & EFLAGS_VM) && above_iopl(cpu);
}

#define CHECK_VIRTUAL_IOPL                                                                         \
    if (virtual_above_iopl(cpu)) {                                                                 \
        FAULT(trap_raise(cpu, PATH_gp_iopl, 0));                                                   \
    }

/* INT n and PUSHF that a monitor catches take a clock more than the others. */
#define CHECK_VIRTUAL_IOPL_LONGER                                                                  \
    if (virtual_above_iopl(cpu)) {                                                                 \
        charge(cpu, timing_monitor_extra(cpu));                                                    \
        FAULT(trap_raise(cpu, PATH_gp_iopl, 0));                                                   \
    }

OP(raise)
{
    FAULT(trap_raise(cpu, uop->imm, 0));
}

/* One try; if it fails, that fault is the instruction's own and is delivered @self. */
static uint32_t interrupt(struct cpu *cpu, const struct uop *uop, uint32_t vector,
                          uint32_t by_number)
{
    const struct delivery delivery = {
        .kind = DELIVERY_SOFTWARE,
        .vector = vector,
        .eip = next_eip(cpu, uop),
        .dpl_check = 1,
        .by_number = by_number,
    };
    return LIKELY(deliver_everyday(cpu, &delivery)) ? (uint32_t)PATH_NONE
                                                    : deliver_attempt(cpu, &delivery);
}

/* F1: as an interrupt from outside, no look at the gate's DPL. */
static COLD uint32_t debug_trap(struct cpu *cpu, const struct uop *uop)
{
    const struct delivery delivery = {
        .kind = DELIVERY_EXCEPTION, .vector = 1, .eip = next_eip(cpu, uop)};
    return deliver_attempt(cpu, &delivery);
}

#define INTERRUPT(vector, by_number)                                                               \
    const uint32_t path = interrupt(cpu, uop, vector, by_number);                                  \
    if (path) {                                                                                    \
        FAULT(path);                                                                               \
    }                                                                                              \
    LEAVE_ENTERED

OP(int3)
{
    INTERRUPT(3, 0);
}
OP(int_ib)
{
    CHECK_VIRTUAL_IOPL_LONGER
    INTERRUPT(uop->imm & 0xFF, 1);
}
OP(into)
{
    if (!flag_of(&cpu->flags)) {
        NEXT;
    }
    INTERRUPT(4, 0);
}
OP(icebp)
{
    const uint32_t path = debug_trap(cpu, uop);
    if (path) {
        FAULT(path);
    }
    LEAVE_ENTERED;
}

static COLD uint32_t interrupt_return(struct cpu *cpu, uint32_t width, uint32_t next)
{
    struct far_return how = {.width = width, .next_eip = next, .has_flags = 1};
    const uint32_t path = far_return(cpu, &how);
    if (!path && (how.outer | how.to_virtual | how.to_task)) {
        const enum timing_far_way way = how.to_task      ? TIMING_FAR_TSS
                                        : how.to_virtual ? TIMING_FAR_TO_V86
                                                         : TIMING_FAR_OUTER;
        charge(cpu, timing_far_extra(cpu, TIMING_IRET, way, how.to_task ? how.task_clocks : 0));
    }
    return path;
}

OP(iret_16)
{
    CHECK_VIRTUAL_IOPL
    const uint32_t path = interrupt_return(cpu, 2, next_eip(cpu, uop));
    if (path) {
        FAULT(path);
    }
    LEAVE_ENTERED;
}
OP(iret_32)
{
    if (LIKELY(return_everyday(cpu))) {
        LEAVE_ENTERED;
    }
    CHECK_VIRTUAL_IOPL
    const uint32_t path = interrupt_return(cpu, 4, next_eip(cpu, uop));
    if (path) {
        FAULT(path);
    }
    LEAVE_ENTERED;
}

/* ---- flags ---- */

OP(pushf_16)
{
    CHECK_VIRTUAL_IOPL_LONGER
    PUSH(16, eflags_read(cpu) & 0xFFFF);
    NEXT;
}
OP(pushf_32)
{
    CHECK_VIRTUAL_IOPL_LONGER
    PUSH(32, eflags_read(cpu) & ~(EFLAGS_VM | EFLAGS_RF));
    NEXT;
}
OP(popf_16)
{
    CHECK_VIRTUAL_IOPL
    LOAD_TOP(16, flags);
    stack_drop(cpu, 2);
    eflags_write(cpu, flags, eflags_changeable(cpu) & 0xFFFF);
    LEAVE;
}
/* RF ends up 0, VM is not touched. */
OP(popf_32)
{
    CHECK_VIRTUAL_IOPL
    LOAD_TOP(32, flags);
    stack_drop(cpu, 4);
    eflags_write(cpu, flags & ~EFLAGS_RF, eflags_changeable(cpu) | EFLAGS_RF);
    LEAVE;
}

OP(cli)
{
    if (above_iopl(cpu)) {
        FAULT(trap_raise(cpu, PATH_gp_iopl, 0));
    }
    cpu->state.eflags &= ~EFLAGS_IF;
    NEXT;
}
/* The shadow opens only when IF was 0, so a row of STIs does not hold interrupts off. */
OP(sti)
{
    if (above_iopl(cpu)) {
        FAULT(trap_raise(cpu, PATH_gp_iopl, 0));
    }
    if (!(cpu->state.eflags & EFLAGS_IF)) {
        cpu->state.eflags |= EFLAGS_IF;
        cpu->state.shadow = SHADOW_STI;
    }
    LEAVE;
}

OP(hlt)
{
    cpu->state.activity = ACTIVITY_HALTED;
    journal_step(cpu, JOURNAL_HALT, ACTIVITY_HALTED, 0);
    LEAVE;
}

#endif
