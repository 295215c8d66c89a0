/* Faults of faults: one after the other, double fault, shutdown (80386 PRM 9.8.8, table 9-4).
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#define MOV_DS_AX    0x8E, 0xD8
#define READ_FAR     0xA1, 0x10, 0x00, 0x20, 0x00 /* MOV EAX, [200010h] */
#define FAR_PAGE     0x200000u
#define FLAGS_BEFORE (EFLAGS_ONE | EFLAGS_IF)

static void absent_gate(struct fixture *f, uint32_t vector)
{
    put_gate(f, vector, SEL_CODE0, HANDLER(vector), 0x0E);
}
static void bad_gate(struct fixture *f, uint32_t vector)
{
    put_gate(f, vector, SEL_DATA0, HANDLER(vector), GATE_INT32);
}
static void assert_double_fault(struct fixture *f, uint32_t first, uint32_t second)
{
    assert_in_handler(f, 8);
    assert_int_equal(FRAME32(f, 0), 0);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
    assert_int_equal(f->state.fault_count, 2);
    assert_int_equal(f->state.faults[0].path, first);
    assert_int_equal(f->state.faults[1].path, second);
}

/* ---- double faults: contributory after contributory, anything but benign after a page fault */

BEHAVE(df_gp_then_np, KERNEL, MOV_DS_AX)
{
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    absent_gate(f, 13);
    run_to_halt(f);
    assert_double_fault(f, PATH_gp_load_limit_ds, PATH_np_idt);
}
BEHAVE(df_np_then_gp, KERNEL, MOV_DS_AX)
{
    f->state.gpr[REG_EAX] = SEL_TEST;
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFFFF, 0x13, FLAGS_32);
    bad_gate(f, 11);
    run_to_halt(f);
    assert_double_fault(f, PATH_np_load_ds, PATH_gp_gate_cs_type);
}
/* INT 80h to ring 1 whose TSS slot is out of reach, then #TS to a ring 1 with a bad stack. */
BEHAVE(df_ts_then_ss, USER, 0xCD, 0x80)
{
    put_gate(f, 0x80, SEL_CODE1, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
    put_gate(f, 10, SEL_CODE1, HANDLER(10), GATE_INT32);
    put32(f, TSS_AT + 16, SEL_OUTSIDE | 1);
    run_to_halt(f);
    assert_double_fault(f, PATH_ts_ss_limit, PATH_ts_ss_limit);
}
BEHAVE(df_de_then_gp, KERNEL, 0xF7, 0xF1)
{
    f->state.gpr[REG_ECX] = 0;
    bad_gate(f, 0);
    run_to_halt(f);
    assert_double_fault(f, PATH_de_zero, PATH_gp_gate_cs_type);
}
BEHAVE(df_pf_then_gp, KERNEL_PAGED, READ_FAR)
{
    put_page(f, FAR_PAGE, 0);
    bad_gate(f, 14);
    run_to_halt(f);
    assert_double_fault(f, PATH_pf_not_present_table, PATH_gp_gate_cs_type);
    assert_int_equal(f->state.cr2, FAR_PAGE + 0x10);
}
/* The inner stack of the page fault's handler is missing: CR2 is that of the second. */
BEHAVE(df_pf_then_pf, USER_PAGED, READ_FAR)
{
    put_page(f, FAR_PAGE, 0);
    put_gate(f, 14, SEL_CODE1, HANDLER(14), GATE_INT32);
    put32(f, TSS_AT + 12, FAR_PAGE + 0x1000);
    run_to_halt(f);
    assert_double_fault(f, PATH_pf_not_present_table, PATH_pf_not_present_table);
    assert_int_equal(f->state.faults[0].address, FAR_PAGE + 0x10);
    assert_int_equal(f->state.cr2, FAR_PAGE + 0xFFC);
}
/* The frame: error code 0, the CS:EIP of the first exception, RF set. */
BEHAVE(df_frame, USER, 0xF4)
{
    absent_gate(f, 13);
    run_to_halt(f);
    assert_double_fault(f, PATH_gp_cpl, PATH_np_idt);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 24);
    assert_int_equal(FRAME32(f, 2), SEL_CODE3);
    assert_int_equal(FRAME32(f, 3), FLAGS_BEFORE | EFLAGS_RF);
    assert_int_equal(FRAME32(f, 4), STACK_TOP);
}

/* ---- one after the other ---- */

BEHAVE(ser_ud_then_gp, KERNEL, 0x0F, 0x0B)
{
    bad_gate(f, 6);
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 0), SEL_DATA0 | 1); /* EXT */
    assert_int_equal(FRAME32(f, 1), CODE_AT);
    assert_int_equal(f->state.fault_count, 1);
}
/* The interrupt is lost; the fault is the program's, before its next instruction. */
BEHAVE(ser_intr_then_gp, KERNEL, 0x90)
{
    bad_gate(f, 0x40);
    f->vector = 0x40;
    f->state.interrupt_line = 1;
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 0), SEL_DATA0 | 1);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
    assert_int_equal(f->state.interrupt_line, 0);
}
BEHAVE(ser_intn_then_np, KERNEL, 0xCD, 0x40)
{
    absent_gate(f, 0x40);
    run_to_halt(f);
    assert_in_handler(f, 11);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
}
/* An INT 13 executed by a program is benign, whatever its vector. */
BEHAVE(ser_int13_then_np, KERNEL, 0xCD, 0x0D)
{
    absent_gate(f, 13);
    run_to_halt(f);
    assert_in_handler(f, 11);
}
/* Contributory, then page fault: only the page fault is delivered, the first one refires. */
BEHAVE(ser_gp_then_pf, KERNEL_PAGED, MOV_DS_AX)
{
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    put_page(f, FAR_PAGE, 0);
    put32(f, TABLE_AT + (FAR_PAGE + 0x1000) / 4096 * 4, 0x50000 | 0x67);
    memcpy(f->ram + 0x50000, f->ram + GATE_AT(14), 8);
    f->state.idtr.base = FAR_PAGE + 0x1000 - 14 * 8;
    run_to_halt(f);
    assert_in_handler(f, 14);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
    assert_int_equal(f->state.fault_count, 1);
}

/* ---- shutdown ---- */

static void assert_shutdown(struct fixture *f, uint32_t first, uint32_t second, uint32_t third)
{
    assert_int_equal(f->state.activity, ACTIVITY_SHUTDOWN);
    assert_int_equal(f->state.fault_count, 3);
    assert_int_equal(f->state.faults[0].path, first);
    assert_int_equal(f->state.faults[1].path, second);
    assert_int_equal(f->state.faults[2].path, third);
}
BEHAVE(tf_shutdown, KERNEL, MOV_DS_AX)
{
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    absent_gate(f, 13);
    absent_gate(f, 8);
    run_to_halt(f);
    assert_shutdown(f, PATH_gp_load_limit_ds, PATH_np_idt, PATH_np_idt);
    assert_int_equal(f->state.eip, CODE_AT);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP);
    assert_int_equal(f->state.deliveries, 0);
}
BEHAVE(tf_shutdown_no_idt, USER, 0xF4)
{
    f->state.idtr.limit = 0;
    run_to_halt(f);
    assert_shutdown(f, PATH_gp_cpl, PATH_gp_idt_limit, PATH_gp_idt_limit);
    assert_int_equal(f->state.faults[2].error_code, 8 * 8 + 2 + 1);
    assert_int_equal(f->state.cpl, 3);
}
/* A same-level stack fault has nowhere to go. */
BEHAVE(tf_shutdown_stack, KERNEL, 0x50)
{
    put_segment(f, SEG_SS, SEL_DATA0, 0x8000, 0xFFF, 0x4000 | ACC_DATA);
    f->state.gpr[REG_ESP] = 2;
    run_to_halt(f);
    assert_shutdown(f, PATH_ss_limit, PATH_ss_samestack_room, PATH_ss_samestack_room);
}
BEHAVE(tf_exit_nmi, KERNEL, 0x90)
{
    f->state.activity = ACTIVITY_SHUTDOWN;
    f->state.nmi_pending = 1;
    run_to_halt(f);
    assert_in_handler(f, 2);
}
BEHAVE(tf_no_intr, KERNEL, 0x90)
{
    f->state.activity = ACTIVITY_SHUTDOWN;
    f->state.interrupt_line = 1;
    f->vector = 0x40;
    run_to_halt(f);
    assert_int_equal(f->state.activity, ACTIVITY_SHUTDOWN);
    assert_int_equal(f->state.eip, CODE_AT);
}
BEHAVE(tf_exit_reset, KERNEL, MOV_DS_AX)
{
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    f->state.idtr.limit = 0;
    run_to_halt(f);
    cpu_reset(f->cpu);
    f->state = *cpu_save(f->cpu);
    assert_int_equal(f->state.activity, ACTIVITY_RUNNING);
    assert_int_equal(f->state.eip, 0xFFF0);
    assert_int_equal(f->state.segments[SEG_CS].base, 0xFFFF0000);
    assert_int_equal(f->state.cr0 & (CR0_PE | CR0_PG), 0);
}

/* ---- real mode: a stack of odd pointer that wraps has no room for any frame (14.1) ---- */

#define SHUT_TEST(id, sp, ...)                                                                     \
    BEHAVE(id, REAL, __VA_ARGS__)                                                                  \
    {                                                                                              \
        f->state.gpr[REG_ESP] = (sp);                                                              \
        run_to_halt(f);                                                                            \
        assert_int_equal(f->state.activity, ACTIVITY_SHUTDOWN);                                    \
        assert_int_equal(f->state.gpr[REG_ESP], (sp));                                             \
    }
SHUT_TEST(shut_rm_push_sp1, 1, 0x50)
SHUT_TEST(shut_rm_call_sp1, 1, 0xE8, 0x00, 0x00)
SHUT_TEST(shut_rm_int_sp1, 1, 0xCD, 0x40)
SHUT_TEST(shut_rm_int_sp3, 3, 0xCD, 0x40)
SHUT_TEST(shut_rm_int_sp5, 5, 0xCD, 0x40)
SHUT_TEST(shut_rm_pusha_sp1, 1, 0x60)
SHUT_TEST(shut_rm_pusha_sp3, 3, 0x60)
SHUT_TEST(shut_rm_pusha_sp5, 5, 0x60)
