/* Single step where it meets other things: instructions that set TF, interrupts, HLT, faults,
 * breakpoints, task switches (80386 PRM 12.2, 12.3).
 * SPDX-License-Identifier: MIT */
#include "behave.h"
#include "task_rig.h"

#define DR6_NONE 0xFFFF0FF0u
#define DR6_BS   0x4000u
#define DR6_BT   0x8000u
#define NOP      0x90

/* IRET in the handler of vector 1 steps on; how many steps there were, by DR6 being sticky, is told
 * by the count of deliveries. */
static void step_on(struct fixture *f)
{
    put8(f, HANDLER(1), 0xCF);
}

/* INT n clears TF: the handler is not stepped, the frame has TF, and stepping goes on behind it. */
BEHAVE(db_tf_int, KERNEL, 0xCD, 0x40, NOP)
{
    struct cpu_step_info info;
    step_on(f);
    put_code(f, HANDLER(0x40), (const uint8_t[]){NOP, 0xCF}, 2);
    f->state.eflags |= EFLAGS_TF;

    step_once(f, &info); /* INT */
    assert_int_equal(info.vector, 0x40);
    assert_int_equal(f->state.eflags & EFLAGS_TF, 0);
    assert_int_equal(FRAME32(f, 2) & EFLAGS_TF, EFLAGS_TF);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->state.eip, HANDLER(0x40) + 1);
    step_once(f, &info); /* IRET */
    assert_int_equal(f->state.eip, CODE_AT + 2);
    step_once(f, &info); /* NOP */
    step_once(f, &info);
    assert_int_equal(info.vector, 1);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 3);
}

/* The trap after HLT comes at once: the processor does not stay halted. */
BEHAVE(db_tf_hlt, KERNEL, 0xF4)
{
    struct cpu_step_info info;
    f->state.eflags |= EFLAGS_TF;

    step_once(f, &info);
    step_once(f, &info);

    assert_int_equal(info.what, STEP_DELIVERY);
    assert_int_equal(info.vector, 1);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
}

/* The instruction breakpoint of the next instruction comes after the single step of this one. */
BEHAVE(pri_ibp_after_tf, KERNEL, NOP, NOP)
{
    struct cpu_step_info info;
    f->state.eflags |= EFLAGS_TF;
    f->state.dr[0] = CODE_AT + 1;
    f->state.dr[7] |= 2;

    step_once(f, &info);
    step_once(f, &info);

    assert_int_equal(info.vector, 1);
    assert_int_equal(f->state.dr[6] & DR6_BS, DR6_BS);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
    put8(f, HANDLER(1), 0xCF);
    f->state.dr[6] = DR6_NONE;
    fixture_load(f);
    step_once(f, &info); /* IRET, TF in its image */
    step_once(f, &info);
    assert_int_equal(info.vector, 1);
    assert_int_equal(f->state.dr[6] & 1, 1); /* the breakpoint, which was not lost */
}

/* A fault is dropped for a trap that comes first, and raised again by its instruction. */
BEHAVE(pri_discard_refire, KERNEL, NOP, 0x0F, 0x0B)
{
    struct cpu_step_info info;
    step_on(f);
    f->state.eflags |= EFLAGS_TF;

    step_once(f, &info);
    step_once(f, &info);
    assert_int_equal(info.vector, 1);
    step_once(f, &info);
    step_once(f, &info);
    assert_int_equal(info.vector, 6);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
    assert_int_equal(FRAME32(f, 2) & EFLAGS_TF, EFLAGS_TF); /* the faulting one got no step */
}

/* What DR6 had stays: nothing but software clears it. */
BEHAVE(db_dr6_sticky, KERNEL, NOP)
{
    struct cpu_step_info info;
    f->state.eflags |= EFLAGS_TF;
    f->state.dr[6] = DR6_NONE | 0x200F;

    step_once(f, &info);
    step_once(f, &info);

    assert_int_equal(f->state.dr[6], DR6_NONE | DR6_BS | 0x200F);
}

/* F1 sets no bit of DR6, and its frame has the next instruction. */
BEHAVE(db_icebp, KERNEL, 0xF1)
{
    run_to_halt(f);
    assert_in_handler(f, 1);
    assert_int_equal(f->state.dr[6], DR6_NONE);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
}

static void check_breakpoint(struct fixture *f, uint32_t number)
{
    f->state.dr[number] = CODE_AT + 1;
    f->state.dr[7] |= 1u << (2 * number + number % 2); /* L0, G1, L2, G3 */
    run_to_halt(f);
    assert_in_handler(f, 1);
    assert_int_equal(f->state.dr[6], DR6_NONE | 1u << number);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
}
BEHAVE(db_ibp_0, KERNEL, NOP, NOP)
{
    check_breakpoint(f, 0);
}
BEHAVE(db_ibp_1, KERNEL, NOP, NOP)
{
    check_breakpoint(f, 1);
}
BEHAVE(db_ibp_2, KERNEL, NOP, NOP)
{
    check_breakpoint(f, 2);
}
BEHAVE(db_ibp_3, KERNEL, NOP, NOP)
{
    check_breakpoint(f, 3);
}

/* Virtual-8086 code is stepped like any other; the frame has nine doublewords. */
BEHAVE(v86_tf, VIRTUAL, NOP, NOP)
{
    struct cpu_step_info info;
    f->state.eflags |= EFLAGS_TF;

    step_once(f, &info);
    step_once(f, &info);

    assert_int_equal(info.vector, 1);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 36);
    assert_int_equal(FRAME32(f, 0), (CODE_AT & 0xFFFF) + 1);
    assert_int_equal(FRAME32(f, 2), EFLAGS_ONE | EFLAGS_IF | EFLAGS_TF | EFLAGS_VM);
}

/* TF of the old task is saved with it; the new one has its own. */
BEHAVE(tsw_tf_of_the_old_task, KERNEL, 0xEA, 0, 0, 0, 0, SEL_TEST, 0)
{
    struct cpu_step_info info;
    put_second_task(f);
    f->state.eflags |= EFLAGS_TF;

    step_once(f, &info);

    assert_int_equal(get32(f, TSS_AT + TASK_EFLAGS) & EFLAGS_TF, EFLAGS_TF);
    assert_int_equal(f->state.eflags & EFLAGS_TF, 0);
    assert_int_equal(f->state.debug_pending & ~DR6_BS, 0);
}
/* TF in the new task's image: the trap comes after its first instruction, not before it. */
BEHAVE(tsw_tf_of_the_new_task, KERNEL, 0xEA, 0, 0, 0, 0, SEL_TEST, 0)
{
    struct cpu_step_info info;
    put_second_task(f);
    put32(f, TASK_TSS + TASK_EFLAGS, EFLAGS_ONE | EFLAGS_TF);
    put8(f, TASK_CODE, NOP);

    step_once(f, &info);
    assert_int_equal(f->state.eip, TASK_CODE);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    step_once(f, &info);

    assert_int_equal(info.vector, 1);
    assert_int_equal(FRAME32(f, 0), TASK_CODE + 1);
    assert_int_equal(f->state.dr[6] & (DR6_BS | DR6_BT), DR6_BS);
}
/* The T bit of the new TSS: #DB before its first instruction, BT, on the new stack. */
BEHAVE(tsw_tbit, KERNEL, 0x9A, 0, 0, 0, 0, SEL_TEST, 0)
{
    struct cpu_step_info info;
    put_second_task(f);
    put16(f, TASK_TSS + TASK_TRAP, 1);

    step_once(f, &info);
    assert_int_equal(f->state.eip, TASK_CODE);
    step_once(f, &info);

    assert_int_equal(info.vector, 1);
    assert_int_equal(FRAME32(f, 0), TASK_CODE);
    assert_int_equal(f->state.dr[6] & (DR6_BS | DR6_BT), DR6_BT);
    assert_int_equal(f->state.gpr[REG_ESP], TASK_STACK - 12);
}
