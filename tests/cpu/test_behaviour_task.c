/* Task switches: what is saved, loaded and marked by JMP, CALL, IRET and task gates (80386 PRM 7),
 * and their clocks (i486 PRM tables, 80386 PRM CALL, JMP, IRET and INT pages).
 * SPDX-License-Identifier: MIT */
#include "behave.h"
#include "task_rig.h"
#include "trap_check.h"

#define JMP_TASK  0xEA, 0, 0, 0, 0, SEL_TEST, 0
#define CALL_TASK 0x9A, 0, 0, 0, 0, SEL_TEST, 0
#define HLT_486   4u

static uint32_t type_of(const struct fixture *f, uint32_t selector)
{
    return f->ram[DESC_AT(selector) + 5] & 0x1F;
}

static void assert_saved(const struct fixture *f, uint32_t eip)
{
    assert_int_equal(get32(f, TSS_AT + TASK_EIP), eip);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(get32(f, TSS_AT + TASK_EAX + 4 * i),
                         i == REG_ESP ? STACK_TOP : 0x11111111u * (i + 1));
    }
    assert_int_equal(get16(f, TSS_AT + TASK_CS), SEL_CODE0);
    assert_int_equal(get16(f, TSS_AT + TASK_GS), SEL_DATA0);
}

static void assert_loaded(const struct fixture *f)
{
    assert_halted_at(f, TASK_CODE);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(f->state.gpr[i], i == REG_ESP ? TASK_STACK : 0xA0 + i);
    }
    assert_int_equal(f->state.tr.selector, SEL_TEST);
    assert_int_equal(f->state.tr.base, TASK_TSS);
    assert_int_equal(f->state.cr0 & CR0_TS, CR0_TS);
    assert_int_equal(f->state.ldtr.usable, 0);
}

BEHAVE(tsw_jmp_tss, KERNEL, JMP_TASK)
{
    put_second_task(f);

    run_to_halt(f);

    assert_loaded(f);
    assert_saved(f, CODE_AT + 7);
    assert_int_equal(get32(f, TSS_AT + TASK_EFLAGS), EFLAGS_ONE | EFLAGS_IF);
    assert_int_equal(type_of(f, SEL_TSS), 9); /* free again */
    assert_int_equal(type_of(f, SEL_TEST), 0xB);
    assert_int_equal(get16(f, TASK_TSS + TASK_LINK), 0);
    assert_int_equal(f->state.eflags & EFLAGS_NT, 0);
    assert_int_equal(f->state.clock, 1000 + 42 + 162 + HLT_486);
}

BEHAVE(tsw_call_tss, KERNEL, CALL_TASK)
{
    put_second_task(f);

    run_to_halt(f);

    assert_loaded(f);
    assert_saved(f, CODE_AT + 7);
    assert_int_equal(type_of(f, SEL_TSS), 0xB); /* stays busy */
    assert_int_equal(type_of(f, SEL_TEST), 0xB);
    assert_int_equal(get16(f, TASK_TSS + TASK_LINK), SEL_TSS);
    assert_int_equal(f->state.eflags & EFLAGS_NT, EFLAGS_NT);
    assert_int_equal(f->state.clock, 1000 + 37 + 162 + HLT_486);
}

static void gdt_gate(struct fixture *f)
{
    put_second_task(f);
    put32(f, DESC_AT(SEL_TEST2), SEL_TEST << 16);
    put32(f, DESC_AT(SEL_TEST2) + 4, 0x8500 | (ACC_DPL(3) << 8));
}

/* User code may use a gate of DPL 3 to a TSS of DPL 0. */
BEHAVE(tsw_jmp_tg, USER, 0xEA, 0, 0, 0, 0, SEL_TEST2 | 3, 0)
{
    gdt_gate(f);

    run_to_halt(f);

    assert_loaded(f);
    assert_int_equal(f->state.cpl, 0);
    assert_int_equal(get16(f, TSS_AT + TASK_CS), SEL_CODE3);
    assert_int_equal(f->state.clock, 1000 + 43 + 162 + HLT_486);
}
BEHAVE(tsw_call_tg, KERNEL, 0x9A, 0, 0, 0, 0, SEL_TEST2, 0)
{
    gdt_gate(f);

    run_to_halt(f);

    assert_loaded(f);
    assert_int_equal(get16(f, TASK_TSS + TASK_LINK), SEL_TSS);
    assert_int_equal(f->state.clock, 1000 + 37 + 162 + HLT_486);
}

/* DPL of the TSS does not matter to an interrupt; its error code would be pushed there. */
BEHAVE(tsw_int_tg, USER, 0xCD, 0x41)
{
    put_second_task(f);
    put_task_gate(f, 0x41, SEL_TEST, 3);

    run_to_halt(f);

    assert_loaded(f);
    assert_int_equal(get32(f, TSS_AT + TASK_EIP), CODE_AT + 2);
    assert_int_equal(get16(f, TASK_TSS + TASK_LINK), SEL_TSS);
    assert_int_equal(f->state.eflags & EFLAGS_NT, EFLAGS_NT);
    assert_int_equal(f->state.deliveries, 1);
    assert_int_equal(f->state.clock, 1000 + 37 + 162 + HLT_486);
}

/* A fault by a task gate: the saved EIP is the faulting instruction's, RF is set in the image, the
 * error code lies on the new task's stack. */
BEHAVE(tg_err_push, USER, 0x0F, 0x20, 0xC0)
{
    put_second_task(f);
    put_task_gate(f, 13, SEL_TEST, 0);

    run_to_halt(f);

    assert_halted_at(f, TASK_CODE);
    assert_int_equal(f->state.gpr[REG_ESP], TASK_STACK - 4);
    assert_int_equal(FRAME32(f, 0), 0);
    assert_int_equal(get32(f, TSS_AT + TASK_EIP), CODE_AT);
    assert_int_equal(get32(f, TSS_AT + TASK_EFLAGS), EFLAGS_ONE | EFLAGS_IF | EFLAGS_RF);
}

/* IRET from a nested task to the one before it, which goes on where it was. */
BEHAVE(tsw_iret, KERNEL, CALL_TASK, 0x43)
{
    put_second_task(f);
    put_code(f, TASK_CODE, (const uint8_t[]){0xCF}, 1);

    run_to_halt(f);

    assert_halted_at(f, CODE_AT + 8);
    assert_int_equal(f->state.tr.selector, SEL_TSS);
    assert_int_equal(f->state.gpr[REG_EBX], 0x44444445); /* INC EBX */
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP);
    assert_int_equal(type_of(f, SEL_TSS), 0xB);
    assert_int_equal(type_of(f, SEL_TEST), 9);
    assert_int_equal(get32(f, TASK_TSS + TASK_EFLAGS) & EFLAGS_NT, 0);
    assert_int_equal(get32(f, TASK_TSS + TASK_EIP), TASK_CODE + 1);
    assert_int_equal(f->state.clock, 1000 + 37 + 162 + 32 + 162 + 1 + HLT_486);
}

/* The new task is an 8086 program: its segments are not descriptors. */
BEHAVE(tsw_v86, KERNEL, JMP_TASK)
{
    put_second_task(f);
    put32(f, TASK_TSS + TASK_EFLAGS, EFLAGS_ONE | EFLAGS_VM);
    put32(f, TASK_TSS + TASK_EIP, 0x0800);
    put32(f, TASK_TSS + TASK_CS, 0x1000);
    put32(f, TASK_TSS + TASK_SS, 0x0800);
    put32(f, TASK_TSS + TASK_DS, 0x3000);
    put_code(f, 0x10800, (const uint8_t[]){0xA1, 0x04, 0x00, 0xF4}, 4);

    run_to_halt(f);

    assert_in_handler(f, 13);
    assert_int_equal(f->state.gpr[REG_EAX] & 0xFFFF, get16(f, DATA_AT + 4));
    assert_int_equal(FRAME32(f, 1), 0x0803);
    assert_int_equal(FRAME32(f, 7), 0x3000); /* DS */
}

/* CR3 of the new task takes effect for its very first fetch. */
BEHAVE(tsw_cr3, KERNEL_PAGED, JMP_TASK)
{
    put_second_task(f);
    memcpy(f->ram + 0x70000, f->ram + DIRECTORY_AT, 4096);
    put32(f, 0x70000, 0x71000 | 0x67);
    memcpy(f->ram + 0x71000, f->ram + TABLE_AT, 4096);
    put32(f, 0x71000 + 4 * (TASK_CODE >> 12), 0x50000 | 0x67);
    put32(f, TASK_TSS + TASK_CR3, 0x70000);
    put_code(f, 0x50000 + (TASK_CODE & 0xFFF), (const uint8_t[]){0x90, 0x90, 0xF4}, 3);

    run_to_halt(f);

    assert_halted_at(f, TASK_CODE + 2);
    assert_int_equal(f->state.cr3, 0x70000);
}

/* A 286 TSS: words, and CR3 stays. */
BEHAVE(tsw_286, KERNEL, JMP_TASK)
{
    const uint32_t at = 0x44000;
    put_descriptor(f, DESC_AT(SEL_TEST), at, 43, 0x81, 0);
    put16(f, at + 0x0E, 0x0C00); /* IP in the 16-bit code segment */
    put16(f, at + 0x10, EFLAGS_ONE);
    for (uint32_t i = 0; i < 8; i++) {
        put16(f, at + 0x12 + 2 * i, 0x9000 + i);
    }
    put16(f, at + 0x22, SEL_DATA0);
    put16(f, at + 0x24, SEL_CODE16);
    put16(f, at + 0x26, SEL_STACK16);
    put16(f, at + 0x28, SEL_DATA0);
    put8(f, 0x0C00, 0xF4);

    run_to_halt(f);

    assert_halted_at(f, 0x0C00);
    assert_int_equal(f->state.gpr[REG_EDI], 0x9007);
    assert_int_equal(f->state.segments[SEG_FS].selector, 0);
    assert_int_equal(f->state.segments[SEG_FS].usable, 0);
    assert_int_equal(f->state.cr3, DIRECTORY_AT);
    assert_int_equal(type_of(f, SEL_TEST), 3);
    assert_int_equal(f->state.clock, 1000 + 42 + 143 + HLT_486);
}

/* The double fault by a task gate works with a stack that is gone. */
BEHAVE(df_taskgate, KERNEL, 0x0F, 0x0B)
{
    put_second_task(f);
    put_task_gate(f, 8, SEL_TEST, 0);
    put_gate(f, 6, SEL_CODE0, HANDLER(6), 0x0E); /* not present: #NP, whose frame has no room */
    put_segment(f, SEG_SS, SEL_DATA0, 0, 3, 0x4000 | ACC_DATA);

    run_to_halt(f);

    assert_halted_at(f, TASK_CODE);
    assert_int_equal(f->state.tr.selector, SEL_TEST);
    assert_int_equal(get32(f, TSS_AT + TASK_EIP), CODE_AT);
    assert_int_equal(FRAME32(f, 0), 0);
}

/* L0-L3 and LE are the old task's, G0 stays. */
BEHAVE(db_l_task, KERNEL, JMP_TASK)
{
    put_second_task(f);
    f->state.dr[0] = 0x7FFF0;
    f->state.dr[7] = 0x00030703; /* L0, G0, LE, GE; writes of four bytes... */

    run_to_halt(f);

    assert_int_equal(f->state.dr[7], 0x00030602);
}

/* The T bit: a trap before the new task's first instruction. */
void test_trap_db_task(void **unused)
{
    static const uint8_t jump[] = {JMP_TASK};
    struct fixture f;
    (void)unused;
    fixture_start(&f, KERNEL, CPU_I486);
    put_code(&f, CODE_AT, jump, sizeof jump);
    put_second_task(&f);
    put16(&f, TASK_TSS + TASK_TRAP, 1);

    run_to_halt(&f);

    assert_in_handler(&f, 1);
    assert_int_equal(f.state.faults[0].path, PATH_db_task);
    assert_int_equal(f.state.dr[6], 0xFFFF0FF0 | 0x8000);
    assert_int_equal(FRAME32(&f, 0), TASK_CODE);
    fixture_end(&f);
}
