/* What a delivery leaves on the stack and in the registers when it succeeds (80386 PRM 9.6). The
 * handler is one HLT, so the state after it is that of the handler's first instruction.
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#define INT_40       0xCD, 0x40
#define INT_80       0xCD, 0x80
#define MOV_DS_AX    0x8E, 0xD8
#define FLAGS_BEFORE (EFLAGS_ONE | EFLAGS_IF)
#define NEXT_EIP     (CODE_AT + 2)

/* ---- frames, 32-bit gates ---- */

BEHAVE(fr_32_same, KERNEL, INT_40)
{
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 12);
    assert_int_equal(FRAME32(f, 0), NEXT_EIP);
    assert_int_equal(FRAME32(f, 1), SEL_CODE0);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE);
    assert_int_equal(f->state.clock, 1000 + 44 + 4);
}
BEHAVE(fr_32_same_err, KERNEL, MOV_DS_AX)
{
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 16);
    assert_int_equal(FRAME32(f, 0), 0x1000);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
    assert_int_equal(f->state.clock, 1000 + 44 + 1 + 4);
}
BEHAVE(fr_32_inner, USER, INT_80)
{
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->state.cpl, 0);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 20);
    assert_int_equal(f->state.segments[SEG_SS].selector, SEL_DATA0);
    assert_int_equal(FRAME32(f, 0), NEXT_EIP);
    assert_int_equal(FRAME32(f, 1), SEL_CODE3);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE);
    assert_int_equal(FRAME32(f, 3), STACK_TOP);
    assert_int_equal(FRAME32(f, 4), SEL_DATA3);
    assert_int_equal(f->state.clock, 1000 + 71 + 4);
}
BEHAVE(fr_32_inner_err, USER, 0xF4)
{
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 24);
    assert_int_equal(FRAME32(f, 0), 0);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
    assert_int_equal(FRAME32(f, 5), SEL_DATA3);
}
/* The upper halves of selector slots are written as 0 over whatever was there. */
BEHAVE(fr_pad, USER, INT_80)
{
    memset(f->ram + RING0_TOP - 32, 0xFF, 32);
    run_to_halt(f);
    assert_int_equal(FRAME32(f, 1), SEL_CODE3);
    assert_int_equal(FRAME32(f, 4), SEL_DATA3);
}
/* The pushed ESP is that before the delivery, here of PUSH EAX that faults. */
BEHAVE(fr_esp_nested, USER, 0x50)
{
    put_segment(f, SEG_SS, SEL_DATA3, 0x8000, 0xFFF, 0x4000 | ACC_DATA | ACC_DPL(3));
    f->state.gpr[REG_ESP] = 2;
    run_to_halt(f);
    assert_in_handler(f, 12);
    assert_int_equal(FRAME32(f, 4), 2);
}

/* ---- frames, 16-bit gates ---- */

static void gate16(struct fixture *f, uint32_t vector, uint32_t dpl)
{
    put_gate(f, vector, SEL_CODE16, 0x200, GATE_INT16 | ACC_DPL(dpl));
    put8(f, 0x200, 0xF4);
}
BEHAVE(fr_16_same, KERNEL, INT_40)
{
    gate16(f, 0x40, 0);
    run_to_halt(f);
    assert_halted_at(f, 0x200);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 6);
    assert_int_equal(get16(f, STACK_TOP - 6), NEXT_EIP & 0xFFFF);
    assert_int_equal(get16(f, STACK_TOP - 4), SEL_CODE0);
    assert_int_equal(get16(f, STACK_TOP - 2), FLAGS_BEFORE);
}
BEHAVE(fr_16_same_err, KERNEL, MOV_DS_AX)
{
    gate16(f, 13, 0);
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 8);
    assert_int_equal(get16(f, STACK_TOP - 8), 0x1000);
    assert_int_equal(get16(f, STACK_TOP - 6), CODE_AT & 0xFFFF);
}
BEHAVE(fr_16_inner, USER, INT_80)
{
    gate16(f, 0x80, 3);
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 10);
    assert_int_equal(get16(f, RING0_TOP - 10), NEXT_EIP & 0xFFFF);
    assert_int_equal(get16(f, RING0_TOP - 8), SEL_CODE3);
    assert_int_equal(get16(f, RING0_TOP - 6), FLAGS_BEFORE);
    assert_int_equal(get16(f, RING0_TOP - 4), STACK_TOP & 0xFFFF);
    assert_int_equal(get16(f, RING0_TOP - 2), SEL_DATA3);
}
BEHAVE(fr_16_inner_err, USER, 0xF4)
{
    gate16(f, 13, 0);
    run_to_halt(f);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 12);
    assert_int_equal(get16(f, RING0_TOP - 12), 0);
    assert_int_equal(get16(f, RING0_TOP - 10), CODE_AT & 0xFFFF);
}

/* ---- real mode, stack width ---- */

BEHAVE(fr_rm, REAL, INT_40)
{
    run_to_halt(f);
    assert_int_equal(f->state.segments[SEG_CS].selector, 0x2000);
    assert_int_equal(f->state.eip, 0x401);
    assert_int_equal(f->state.gpr[REG_ESP], 0x7FA);
    assert_int_equal(get16(f, 0x87FA), 0x102);
    assert_int_equal(get16(f, 0x87FC), 0x1000);
    assert_int_equal(get16(f, 0x87FE), FLAGS_BEFORE);
    assert_int_equal(f->state.eflags, EFLAGS_ONE);
    assert_int_equal(f->state.clock, 1000 + 30 + 4);
}
/* B = 0: pushes use SP and wrap at 64 KiB, the high half of ESP stays. */
BEHAVE(fr_stack_width, KERNEL, INT_40)
{
    put_segment(f, SEG_SS, SEL_STACK16, 0, 0xFFFF, ACC_DATA);
    f->state.gpr[REG_ESP] = 0x12340004;
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(f->state.gpr[REG_ESP], 0x1234FFF8);
    assert_int_equal(get32(f, 0x0000), FLAGS_BEFORE);
    assert_int_equal(get32(f, 0xFFFC), SEL_CODE0);
    assert_int_equal(get32(f, 0xFFF8), NEXT_EIP);
}
/* A 286 TSS supplies SP only: the high half of the new ESP is 0. */
BEHAVE(tss286_stack, USER, INT_80)
{
    f->state.tr.base = TSS16_AT;
    f->state.tr.attributes = 0x83;
    f->state.tr.limit = 43;
    f->state.gpr[REG_ESP] = 0x00078800;
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 20);
    assert_int_equal(FRAME32(f, 3), 0x00078800);
}

/* ---- error codes ---- */

BEHAVE(err_swint_none, KERNEL, 0xCD, 0x0D)
{
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 12);
    assert_int_equal(FRAME32(f, 0), NEXT_EIP);
}
BEHAVE(err_rm_none, REAL, 0xA1, 0xFF, 0xFF)
{
    run_to_halt(f);
    assert_int_equal(f->state.eip, 13 * 16 + 1);
    assert_int_equal(f->state.gpr[REG_ESP], 0x7FA);
}
/* The same bad gate by INTR, by an exception, by INT n. */
static void absent_gate(struct fixture *f, uint32_t vector)
{
    put_gate(f, vector, SEL_CODE0, HANDLER(vector), 0x0E);
}
BEHAVE(err_ext_set, KERNEL, 0x90)
{
    absent_gate(f, 0x40);
    f->vector = 0x40;
    f->state.interrupt_line = 1;
    run_to_halt(f);
    assert_in_handler(f, 11);
    assert_int_equal(FRAME32(f, 0), 0x40 * 8 + 2 + 1);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
}
BEHAVE(err_ext_set_exception, KERNEL, 0x0F, 0x0B)
{
    absent_gate(f, 6);
    run_to_halt(f);
    assert_in_handler(f, 11);
    assert_int_equal(FRAME32(f, 0), 6 * 8 + 2 + 1);
}
BEHAVE(err_ext_clear, KERNEL, INT_40)
{
    absent_gate(f, 0x40);
    run_to_halt(f);
    assert_in_handler(f, 11);
    assert_int_equal(FRAME32(f, 0), 0x40 * 8 + 2);
}

/* ---- gate privilege, level ---- */

BEHAVE(idt_dpl_ignored_hw, USER, 0x90)
{
    f->vector = 0x40; /* DPL 0 */
    f->state.interrupt_line = 1;
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(f->state.clock, 1000 + 82 + 4);
}
BEHAVE(idt_dpl_ignored_icebp, USER, 0xF1)
{
    run_to_halt(f);
    assert_in_handler(f, 1);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
    assert_int_equal(f->state.dr[6], 0xFFFF0FF0);
}
/* Conforming code runs at the level of the interrupted program, on its stack. */
BEHAVE(idt_cs_conforming, USER, INT_80)
{
    struct cpu_step_info info;
    put_gate(f, 0x80, SEL_CONFORM, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
    step_once(f, &info);
    assert_int_equal(f->state.eip, HANDLER(0x80));
    assert_int_equal(f->state.cpl, 3);
    assert_int_equal(f->state.segments[SEG_CS].selector, SEL_CONFORM | 3);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 12);
    assert_int_equal(f->state.clock, 1000 + 44);
}

/* ---- step E ---- */

BEHAVE(dlv_cs_rpl, USER, INT_80)
{
    put_gate(f, 0x80, SEL_CODE0 | 3, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->state.segments[SEG_CS].selector, SEL_CODE0);
}
BEHAVE(dlv_accessed, USER, INT_80)
{
    put8(f, DESC_AT(SEL_CODE0) + 5, ACC_CODE & 0xFE);
    put8(f, DESC_AT(SEL_DATA0) + 5, ACC_DATA & 0xFE);
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->ram[DESC_AT(SEL_CODE0) + 5], ACC_CODE);
    assert_int_equal(f->ram[DESC_AT(SEL_DATA0) + 5], ACC_DATA);
    assert_int_equal(f->state.segments[SEG_CS].attributes & 0xFF, ACC_CODE);
    assert_int_equal(f->state.clock, 1000 + 71 + 2 * 11 + 4);
}
BEHAVE(dlv_if_intgate, KERNEL, INT_40)
{
    run_to_halt(f);
    assert_int_equal(f->state.eflags & EFLAGS_IF, 0);
}
BEHAVE(dlv_if_trapgate, KERNEL, INT_40)
{
    put_gate(f, 0x40, SEL_CODE0, HANDLER(0x40), GATE_TRAP32);
    run_to_halt(f);
    assert_in_handler(f, 0x40);
    assert_int_equal(f->state.eflags & EFLAGS_IF, EFLAGS_IF);
}
BEHAVE(dlv_tf, KERNEL, INT_40)
{
    f->state.eflags |= EFLAGS_TF;
    run_to_halt(f);
    assert_in_handler(f, 0x40); /* not stepped */
    assert_int_equal(f->state.eflags & EFLAGS_TF, 0);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE | EFLAGS_TF);
}
BEHAVE(dlv_nt, KERNEL, INT_40)
{
    f->state.eflags |= EFLAGS_NT;
    run_to_halt(f);
    assert_int_equal(f->state.eflags & EFLAGS_NT, 0);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE | EFLAGS_NT);
}
BEHAVE(dlv_rf, KERNEL, INT_40)
{
    f->state.eflags |= EFLAGS_RF;
    run_to_halt(f);
    assert_int_equal(f->state.eflags & EFLAGS_RF, 0);
}
BEHAVE(dlv_rf_image_fault, KERNEL, 0x0F, 0x0B)
{
    run_to_halt(f);
    assert_in_handler(f, 6);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE | EFLAGS_RF);
}
BEHAVE(dlv_rf_image_trap, KERNEL, 0xCC)
{
    run_to_halt(f);
    assert_in_handler(f, 3);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE);
}
BEHAVE(dlv_segs_pm, USER, INT_80)
{
    run_to_halt(f);
    assert_int_equal(f->state.segments[SEG_DS].selector, SEL_DATA3);
    assert_int_equal(f->state.segments[SEG_GS].usable, 1);
}
BEHAVE(dlv_arithmetic_flags, USER, 0x39, 0xC0, INT_80) /* CMP EAX, EAX: ZF and PF */
{
    run_to_halt(f);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE | EFLAGS_ZF | EFLAGS_PF);
    assert_int_equal(f->state.eflags, EFLAGS_ONE | EFLAGS_ZF | EFLAGS_PF);
}

/* ---- INT3, INTO ---- */

BEHAVE(bp_int3, KERNEL, 0xCC)
{
    run_to_halt(f);
    assert_in_handler(f, 3);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
    assert_int_equal(f->state.clock, 1000 + 44 + 4);
}
BEHAVE(bp_int3_dpl, USER, 0xCC)
{
    run_to_halt(f);
    assert_in_handler(f, 13);
    assert_int_equal(FRAME32(f, 0), 3 * 8 + 2);
    assert_int_equal(FRAME32(f, 1), CODE_AT);
}
BEHAVE(of_into_taken, KERNEL, 0xCE)
{
    f->state.eflags |= EFLAGS_OF;
    run_to_halt(f);
    assert_in_handler(f, 4);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 1);
    assert_int_equal(f->state.clock, 1000 + 46 + 4);
}
BEHAVE(of_into_not, KERNEL, 0xCE)
{
    run_to_halt(f);
    assert_halted_at(f, CODE_AT + 1);
    assert_int_equal(f->state.clock, 1000 + 3 + 4);
}

/* ---- EFLAGS.MODE: bit 31 of what is pushed, never stored ---- */

static void turn_mode_on(struct fixture *f)
{
    f->config.level = CPU_I686;
    f->state.mode_in_eflags = 1;
}
BEHAVE(mode_in_image_user, USER, INT_80)
{
    turn_mode_on(f);
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE | EFLAGS_MODE);
    assert_int_equal(f->state.eflags, EFLAGS_ONE);
}
BEHAVE(mode_in_image_kernel, KERNEL, INT_40)
{
    turn_mode_on(f);
    run_to_halt(f);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE);
}
BEHAVE(mode_off, USER, INT_80)
{
    f->config.level = CPU_I686;
    run_to_halt(f);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE);
}
/* PUSHFD; POP EAX; then POPFD of the complement: ignored. */
BEHAVE(mode_pushf_popf, USER, 0x9C, 0x58, 0x6A, 0x02, 0x9D, 0x9C, 0x5B, INT_80)
{
    turn_mode_on(f);
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(f->state.gpr[REG_EAX], FLAGS_BEFORE | EFLAGS_MODE);
    assert_int_equal(f->state.gpr[REG_EBX], FLAGS_BEFORE | EFLAGS_MODE);
}
/* IRETD to user mode with the bit, then back in. */
BEHAVE(mode_iret_user, KERNEL, 0xCF)
{
    static const uint8_t user_code[] = {INT_80};
    turn_mode_on(f);
    put_code(f, 0x11000, user_code, sizeof user_code);
    put32(f, STACK_TOP, 0x11000);
    put32(f, STACK_TOP + 4, SEL_CODE3);
    put32(f, STACK_TOP + 8, FLAGS_BEFORE | EFLAGS_MODE);
    put32(f, STACK_TOP + 12, 0x9000);
    put32(f, STACK_TOP + 16, SEL_DATA3);
    run_to_halt(f);
    assert_in_handler(f, 0x80);
    assert_int_equal(FRAME32(f, 2), FLAGS_BEFORE | EFLAGS_MODE);
}
/* WRMSR 40000000h, RDMSR */
BEHAVE(mode_msr, KERNEL, 0x0F, 0x30, 0xB8, 0x99, 0, 0, 0, 0x0F, 0x32)
{
    f->config.level = CPU_I686;
    f->state.gpr[REG_ECX] = 0x40000000;
    f->state.gpr[REG_EDX] = 0;
    f->state.gpr[REG_EAX] = 1;
    run_to_halt(f);
    assert_int_equal(f->state.mode_in_eflags, 1);
    assert_int_equal(f->state.gpr[REG_EAX], 1);
}
