/* Recognition of interrupts: masks, shadows, priorities (80386 PRM 9.2, 9.3).
 * The line is up from the beginning; acknowledging it lowers it.
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#define STI       0xFB
#define CLI       0xFA
#define HLT       0xF4
#define NOP       0x90
#define MOV_SS_AX 0x8E, 0xD0
#define POP_SS    0x17

static void interrupt(struct fixture *f)
{
    f->vector = 0x40;
    f->state.interrupt_line = 1;
}
static void masked_interrupt(struct fixture *f)
{
    interrupt(f);
    f->state.eflags &= ~EFLAGS_IF;
}

BEHAVE(int_if0, KERNEL, NOP)
{
    masked_interrupt(f);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 1);
    assert_int_equal(f->state.deliveries, 0);
}
BEHAVE(int_if1, KERNEL, NOP)
{
    interrupt(f);
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(FRAME32(f, 0), CODE_AT);
    assert_int_equal(f->state.clock, 1000 + 55 + 4);
}

/* ---- STI ---- */

BEHAVE(shd_sti, KERNEL, STI, NOP, NOP)
{
    masked_interrupt(f);
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 2);
}
BEHAVE(shd_sti_cli, KERNEL, STI, CLI, NOP)
{
    masked_interrupt(f);
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 3);
    assert_int_equal(f->state.deliveries, 0);
}
BEHAVE(shd_sti_hlt, KERNEL, STI, HLT, NOP)
{
    masked_interrupt(f);
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 2);
}
BEHAVE(shd_sti_twice, KERNEL, STI, STI, NOP)
{
    masked_interrupt(f);
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 2);
}
/* With IF already 1 STI opens no shadow: one step behind it the line comes up. */
BEHAVE(shd_sti_noext, KERNEL, STI, NOP)
{
    struct cpu_step_info info;
    f->vector = 0x40;
    step_once(f, &info);
    cpu_set_interrupt_line(f->cpu, 1);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_DELIVERY);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
}

/* ---- MOV SS, POP SS ---- */

BEHAVE(shd_movss, KERNEL, MOV_SS_AX, NOP, NOP)
{
    struct cpu_step_info info;
    f->vector = 0x40;
    f->state.gpr[REG_EAX] = SEL_DATA0;
    step_once(f, &info);
    cpu_set_interrupt_line(f->cpu, 1);
    cpu_raise_nmi(f->cpu);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    step_once(f, &info);
    assert_int_equal(info.kind, DELIVERY_NMI);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 3);
}
BEHAVE(shd_popss, KERNEL, POP_SS, NOP, NOP)
{
    struct cpu_step_info info;
    f->vector = 0x40;
    put32(f, STACK_TOP, SEL_DATA0);
    step_once(f, &info);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP + 4);
    cpu_set_interrupt_line(f->cpu, 1);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    step_once(f, &info);
    assert_int_equal(info.kind, DELIVERY_INTR);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 2);
}
/* A row of loads does not hold interrupts off for ever: only the first opens the shadow. */
BEHAVE(shd_movss_twice, KERNEL, MOV_SS_AX, MOV_SS_AX, NOP)
{
    struct cpu_step_info info;
    f->vector = 0x40;
    f->state.gpr[REG_EAX] = SEL_DATA0;
    step_once(f, &info);
    cpu_set_interrupt_line(f->cpu, 1);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    step_once(f, &info);
    assert_int_equal(info.kind, DELIVERY_INTR);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 4);
}
/* LSS ESP, [30000h] needs no shadow: it loads both at once. */
BEHAVE(shd_lss_none, KERNEL, 0x0F, 0xB2, 0x25, 0x00, 0x00, 0x03, 0x00, NOP)
{
    struct cpu_step_info info;
    f->vector = 0x40;
    put32(f, DATA_AT, 0x9000);
    put16(f, DATA_AT + 4, SEL_DATA0);
    step_once(f, &info);
    cpu_set_interrupt_line(f->cpu, 1);
    step_once(f, &info);
    assert_int_equal(info.kind, DELIVERY_INTR);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 7);
}
/* A single step is lost for the instruction that loads SS. */
BEHAVE(shd_movss_tf, KERNEL, MOV_SS_AX, NOP, NOP)
{
    f->state.gpr[REG_EAX] = SEL_DATA0;
    f->state.eflags |= EFLAGS_TF;
    run_to_halt(f);
    assert_in_handler(f, 1);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 3);
}

/* ---- POPF, IRET: IF counts at the next boundary ---- */

BEHAVE(shd_popf_none, KERNEL, 0x9D, NOP)
{
    masked_interrupt(f);
    put32(f, STACK_TOP, EFLAGS_ONE | EFLAGS_IF);
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
}
BEHAVE(shd_iret_none, KERNEL, 0xCF)
{
    masked_interrupt(f);
    put32(f, STACK_TOP, 0x11000);
    put32(f, STACK_TOP + 4, SEL_CODE0);
    put32(f, STACK_TOP + 8, EFLAGS_ONE | EFLAGS_IF);
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(FRAME32(f, 0), 0x11000);
}

/* ---- priorities ---- */

BEHAVE(pri_nmi_over_intr, KERNEL, NOP)
{
    interrupt(f);
    f->state.nmi_pending = 1;
    put_gate(f, 2, SEL_CODE0, HANDLER(2), GATE_TRAP32); /* IF stays 1 */
    run_to_halt(f);
    assert_in_handler(f, 0x40); /* taken before the first instruction of the NMI handler */
    assert_int_equal(FRAME32(f, 0), HANDLER(2));
    assert_int_equal(FRAME32(f, 3), CODE_AT);
}
BEHAVE(pri_intr_held, KERNEL, 0x0F, 0x0B)
{
    masked_interrupt(f);
    run_to_halt(f);
    assert_in_handler(f, 6);
    assert_int_equal(f->state.interrupt_line, 1);
}
BEHAVE(pri_tf_over_nmi, KERNEL, NOP, NOP)
{
    struct cpu_step_info info;
    f->state.eflags |= EFLAGS_TF;
    step_once(f, &info);
    cpu_raise_nmi(f->cpu);
    step_once(f, &info);
    assert_int_equal(info.vector, 1);
    step_once(f, &info);
    assert_int_equal(info.vector, 2);
    assert_int_equal(FRAME32(f, 0), HANDLER(1));
}
BEHAVE(pri_tf_then_intr, KERNEL, NOP, NOP)
{
    struct cpu_step_info info;
    f->vector = 0x40;
    f->state.eflags |= EFLAGS_TF;
    put_gate(f, 1, SEL_CODE0, HANDLER(1), GATE_TRAP32);
    step_once(f, &info);
    cpu_set_interrupt_line(f->cpu, 1);
    step_once(f, &info);
    assert_int_equal(info.vector, 1);
    step_once(f, &info);
    assert_int_equal(info.vector, 0x40);
    assert_int_equal(FRAME32(f, 0), HANDLER(1));
}
/* A fault is served before the step trap: the instruction did not complete. */
BEHAVE(pri_fault_over_trap, KERNEL, 0x0F, 0x0B)
{
    f->state.eflags |= EFLAGS_TF;
    run_to_halt(f);
    assert_in_handler(f, 6);
    assert_int_equal(FRAME32(f, 2), EFLAGS_ONE | EFLAGS_IF | EFLAGS_TF | EFLAGS_RF);
}

/* ---- NMI ---- */

/* The handler of the fixture halts; another NMI does not wake it. */
BEHAVE(nmi_block, KERNEL, NOP)
{
    struct cpu_step_info info;
    f->state.nmi_pending = 1;
    run_to_halt(f);
    assert_in_handler(f, 2);
    assert_int_equal(f->state.nmi_blocked, 1);
    cpu_raise_nmi(f->cpu);
    cpu_step(f->cpu, UINT64_MAX, &info);
    assert_int_equal(info.what, STEP_IDLE);
}
/* IRET reopens it; one more edge has been kept, not two. */
BEHAVE(nmi_latch_one, KERNEL, NOP)
{
    struct cpu_step_info info;
    put8(f, HANDLER(2), 0xCF);
    f->state.nmi_pending = 1;
    step_once(f, &info);
    assert_int_equal(info.kind, DELIVERY_NMI);
    cpu_raise_nmi(f->cpu);
    cpu_raise_nmi(f->cpu);
    step_once(f, &info); /* IRET */
    assert_int_equal(f->state.nmi_blocked, 0);
    step_once(f, &info);
    assert_int_equal(info.kind, DELIVERY_NMI);
    step_once(f, &info);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->state.eip, CODE_AT + 1);
}
/* So does the IRET of any other handler inside it. */
BEHAVE(nmi_iret_any, KERNEL, NOP)
{
    static const uint8_t handler[] = {0xCD, 0x41};
    put_code(f, HANDLER(2), handler, sizeof handler);
    put8(f, HANDLER(0x41), 0xCF);
    f->state.nmi_pending = 1;
    run_to_halt(f);
    assert_halted_at(f, HANDLER(2) + 2);
    assert_int_equal(f->state.nmi_blocked, 0);
}

/* ---- HLT ---- */

BEHAVE(hlt_wake_intr, KERNEL, HLT)
{
    struct cpu_step_info info;
    f->vector = 0x40;
    step_once(f, &info);
    cpu_set_interrupt_line(f->cpu, 1);
    step_once(f, &info);
    assert_int_equal(info.kind, DELIVERY_INTR);
    assert_int_equal(f->state.activity, ACTIVITY_RUNNING);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
}
BEHAVE(hlt_wake_nmi, KERNEL, HLT)
{
    struct cpu_step_info info;
    f->state.eflags &= ~EFLAGS_IF;
    step_once(f, &info);
    cpu_raise_nmi(f->cpu);
    step_once(f, &info);
    assert_int_equal(info.kind, DELIVERY_NMI);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
}
BEHAVE(hlt_if0_stuck, KERNEL, HLT)
{
    struct cpu_step_info info;
    masked_interrupt(f);
    step_once(f, &info);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_IDLE);
    assert_int_equal(f->state.activity, ACTIVITY_HALTED);
}

/* ---- REP: interrupted between iterations, with all its prefixes ---- */

/* CS: REP MOVSB, eight times, stepped by a deadline inside it. */
BEHAVE(rep_intr, KERNEL, 0x2E, 0xF3, 0xA4)
{
    f->vector = 0x40;
    f->state.gpr[REG_ECX] = 100;
    f->state.gpr[REG_ESI] = DATA_AT;
    f->state.gpr[REG_EDI] = DATA_AT + 0x1000;
    fixture_load(f);
    cpu_run(f->cpu, 1000 + 60);
    f->state = *cpu_save(f->cpu);
    const uint32_t left = f->state.gpr[REG_ECX];
    assert_in_range(left, 1, 99);
    assert_int_equal(f->state.eip, CODE_AT);
    cpu_set_interrupt_line(f->cpu, 1);
    cpu_run(f->cpu, UINT64_MAX);
    f->state = *cpu_save(f->cpu);
    assert_in_handler(f, 0x40);
    assert_int_equal(FRAME32(f, 0), CODE_AT);
    assert_int_equal(f->state.gpr[REG_ECX], left);
    assert_int_equal(f->state.gpr[REG_ESI], DATA_AT + 100 - left);
    assert_memory_equal(f->ram + DATA_AT, f->ram + DATA_AT + 0x1000, 100 - left);
}
/* TF traps after each iteration. */
BEHAVE(rep_tf, KERNEL, 0xF3, 0xA4)
{
    f->state.gpr[REG_ECX] = 3;
    f->state.gpr[REG_ESI] = DATA_AT;
    f->state.gpr[REG_EDI] = DATA_AT + 0x1000;
    f->state.eflags |= EFLAGS_TF;
    run_to_halt(f);
    assert_in_handler(f, 1);
    assert_int_equal(FRAME32(f, 0), CODE_AT);
    assert_int_equal(f->state.gpr[REG_ECX], 2);
}
/* A fault in the third element: two are done, the third has not begun. */
BEHAVE(rst_rep_movs, KERNEL, 0xF3, 0xA4)
{
    put_segment(f, SEG_ES, SEL_DATA0, DATA_AT, 0xFFF, 0x4000 | ACC_DATA);
    f->state.gpr[REG_ECX] = 5;
    f->state.gpr[REG_ESI] = DATA_AT;
    f->state.gpr[REG_EDI] = 0xFFE;
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
    assert_int_equal(f->state.gpr[REG_ECX], 3);
    assert_int_equal(f->state.gpr[REG_ESI], DATA_AT + 2);
    assert_int_equal(f->state.gpr[REG_EDI], 0x1000);
}
