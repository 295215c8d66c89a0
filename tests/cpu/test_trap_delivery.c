/* Faults met while delivering an interrupt: steps A to D of the INT page (80386 PRM 17), reached
 * by INT n so that EXT is 0 and the fault is delivered at the INT itself. Clocks above the
 * delivery of the fault are those of the steps that had been taken (i486 model).
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

/* i486 clocks until the end of each step. */
#define AFTER_U02 7
#define AFTER_U03 15
#define AFTER_U05 28
#define AFTER_U06 33
#define AFTER_U07 45

#define INT_40 CODE(0xCD, 0x40)
#define INT_80 CODE(0xCD, 0x80)

#define FAR_PAGE 0x200000u /* linear pages that tests map */
#define SPARE    0x50000u  /* RAM for them */

/* FAR_PAGE shows SPARE, the page behind it is not present. */
static void map_half(struct fixture *f)
{
    put32(f, TABLE_AT + (FAR_PAGE >> 12) * 4, SPARE | 0x67);
    put_page(f, FAR_PAGE + 0x1000, 0);
}

TRAP_TEST(gp_idt_limit, 13, .mode = KERNEL, INT_40, .error = 0x202, .clocks = AFTER_U02)
{
    f->state.idtr.limit = 0x40 * 8 + 6;
}
TRAP_TEST(gp_idt_type, 13, .mode = KERNEL, INT_40, .error = 0x202, .clocks = AFTER_U02)
{
    put_gate(f, 0x40, SEL_CODE0, HANDLER(0x40), 0x8C); /* a call gate */
}
TRAP_PLAIN(gp_idt_dpl, 13, .mode = USER, CODE(0xCD, 0x21), .error = 0x10A, .clocks = AFTER_U02)
TRAP_TEST(np_idt, 11, .mode = KERNEL, INT_40, .error = 0x202, .clocks = AFTER_U02)
{
    put_gate(f, 0x40, SEL_CODE0, HANDLER(0x40), 0x0E);
}

/* The gates of the first 32 vectors end a page, those of the others would be in the next one. */
static void split_idt(struct fixture *f)
{
    map_half(f);
    memcpy(f->ram + SPARE + 0xF00, f->ram + IDT_AT, 0x100);
    f->state.idtr.base = FAR_PAGE + 0xF00;
}
TRAP_TEST(pf_idt_read, 14, .mode = KERNEL_PAGED, INT_40, .error = 0, .cr2 = 0x201100,
          .clocks = AFTER_U02)
{
    split_idt(f);
}
TRAP_TEST(pf_implicit_idt_cpl3, 14, .mode = USER_PAGED, INT_80, .error = 0, .cr2 = 0x201300,
          .clocks = AFTER_U02)
{
    split_idt(f);
}

TRAP_TEST(gp_gate_cs_null, 13, .mode = KERNEL, INT_40, .error = 0, .clocks = AFTER_U03)
{
    put_gate(f, 0x40, 3, HANDLER(0x40), GATE_INT32);
}
TRAP_TEST(gp_gate_cs_limit, 13, .mode = KERNEL, INT_40, .error = 0x1000, .clocks = AFTER_U03)
{
    put_gate(f, 0x40, SEL_OUTSIDE, HANDLER(0x40), GATE_INT32);
}
TRAP_TEST(gp_gate_cs_type, 13, .mode = KERNEL, INT_40, .error = 0x10, .clocks = AFTER_U03)
{
    put_gate(f, 0x40, SEL_DATA0, HANDLER(0x40), GATE_INT32);
}
TRAP_TEST(gp_gate_cs_dpl, 13, .mode = KERNEL, INT_40, .error = 0x18, .clocks = AFTER_U03)
{
    put_gate(f, 0x40, SEL_CODE3, HANDLER(0x40), GATE_INT32);
}
TRAP_TEST(np_gate_cs, 11, .mode = KERNEL, INT_40, .error = SEL_TEST, .clocks = AFTER_U03)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFFFF, 0x1B, FLAGS_32);
    put_gate(f, 0x40, SEL_TEST, HANDLER(0x40), GATE_INT32);
}

/* Step C: from ring 3 into ring 1, so that the fault still finds a good ring 0 stack. */
static void gate_to_ring1(struct fixture *f, uint32_t stack_selector)
{
    put_gate(f, 0x80, SEL_CODE1, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
    put32(f, TSS_AT + 16, stack_selector);
}
TRAP_TEST(ts_tss_limit, 10, .mode = USER, INT_80, .error = SEL_TSS, .clocks = AFTER_U05)
{
    gate_to_ring1(f, SEL_DATA1);
    f->state.tr.limit = 18; /* SS1 is at 16 to 19 */
}
TRAP_TEST(ts_ss_null, 10, .mode = USER, INT_80, .error = 0, .clocks = AFTER_U06)
{
    gate_to_ring1(f, 1);
}
TRAP_TEST(ts_ss_limit, 10, .mode = USER, INT_80, .error = 0x1000, .clocks = AFTER_U06)
{
    gate_to_ring1(f, SEL_OUTSIDE | 1);
}
TRAP_TEST(ts_ss_rpl, 10, .mode = USER, INT_80, .error = 0x40, .clocks = AFTER_U06)
{
    gate_to_ring1(f, 0x40);
}
TRAP_TEST(ts_ss_dpl, 10, .mode = USER, INT_80, .error = 0x10, .clocks = AFTER_U06)
{
    gate_to_ring1(f, SEL_DATA0 | 1);
}
TRAP_TEST(ts_ss_type, 10, .mode = USER, INT_80, .error = SEL_TEST, .clocks = AFTER_U06)
{
    gate_to_ring1(f, SEL_TEST | 1);
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFFFF, 0x91 | ACC_DPL(1), FLAGS_32);
}
TRAP_TEST(ss_ss_np, 12, .mode = USER, INT_80, .error = SEL_TEST, .clocks = AFTER_U06)
{
    gate_to_ring1(f, SEL_TEST | 1);
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFFFF, 0x13 | ACC_DPL(1), FLAGS_32);
}
TRAP_TEST(ss_newstack_room, 12, .mode = USER, INT_80, .error = 0, .clocks = AFTER_U07)
{
    gate_to_ring1(f, SEL_TEST | 1);
    put_descriptor(f, DESC_AT(SEL_TEST), 0x6000, 0xFFF, ACC_DATA | ACC_DPL(1), 0x40);
    put32(f, TSS_AT + 12, 16); /* four slots, five are needed */
}
TRAP_TEST(pf_tss_read, 14, .mode = USER_PAGED, INT_80, .error = 0, .cr2 = 0x201000,
          .clocks = AFTER_U05)
{
    gate_to_ring1(f, SEL_DATA1);
    map_half(f);
    memcpy(f->ram + SPARE + 0xFF4, f->ram + TSS_AT, 12); /* up to SS0 */
    f->state.tr.base = FAR_PAGE + 0xFF4;
}
TRAP_TEST(pf_implicit_tss_cpl3, 14, .mode = USER_PAGED, INT_80, .error = 0, .cr2 = 0x201000,
          .clocks = AFTER_U05)
{
    gate_to_ring1(f, SEL_DATA1);
    map_half(f);
    memcpy(f->ram + SPARE + 0xFF0, f->ram + TSS_AT, 16); /* up to ESP1, SS1 is missing */
    f->state.tr.base = FAR_PAGE + 0xFF0;
}
TRAP_TEST(pf_newstack, 14, .mode = USER_PAGED, INT_80, .error = 2, .cr2 = 0x201FFC,
          .clocks = AFTER_U07)
{
    gate_to_ring1(f, SEL_DATA1);
    map_half(f);
    put32(f, TSS_AT + 12, FAR_PAGE + 0x2000);
}

/* Step C': a gate to the same level 3; its fault goes to ring 0. */
static void gate_to_ring3(struct fixture *f)
{
    put_gate(f, 0x80, SEL_CODE3, HANDLER(0x80), GATE_INT32 | ACC_DPL(3));
}
TRAP_TEST(ss_samestack_room, 12, .mode = USER, INT_80, .error = 0, .clocks = AFTER_U05)
{
    gate_to_ring3(f);
    put_segment(f, SEG_SS, SEL_DATA3, 0x8000, 0xFFF, 0x4000 | ACC_DATA | ACC_DPL(3));
    f->state.gpr[REG_ESP] = 8;
}
TRAP_TEST(pf_samestack, 14, .mode = USER_PAGED, INT_80, .error = 6, .cr2 = 0x201FFC,
          .clocks = AFTER_U05)
{
    gate_to_ring3(f);
    map_half(f);
    f->state.gpr[REG_ESP] = FAR_PAGE + 0x2000;
}

/* Step D. */
TRAP_TEST(gp_gate_eip_limit, 13, .mode = KERNEL, INT_40, .error = 0, .clocks = AFTER_U05)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFF, ACC_CODE, 0x40);
    put_gate(f, 0x40, SEL_TEST, 0x1000, GATE_INT32);
}

/* Section 4: contributory after contributory. */
static void want_double(struct cpu_state *want)
{
    want->fault_count = 2;
    want->faults[0].path = PATH_gp_load_limit_ds;
    want->faults[0].vector = 13;
    want->faults[0].error_code = 0x1000;
    want->faults[1] = want->faults[0];
    want->faults[1].path = PATH_np_idt;
    want->faults[1].vector = 11;
    want->faults[1].error_code = 13 * 8 + 2 + 1; /* IDT, EXT */
}
TRAP_TEST(df_double_fault, 8, .mode = KERNEL, CODE(0x8E, 0xD8), .error = 0, .clocks = AFTER_U02,
          .adjust = want_double)
{
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    put_gate(f, 13, SEL_CODE0, HANDLER(13), 0x0E);
}
/* Real mode: no code is pushed; 10 clocks: U01 with the 3 that INT n takes more, U02. */
TRAP_TEST(rm_idt_limit, 8, .mode = REAL, INT_40, .clocks = 10)
{
    f->state.idtr.limit = 0x40 * 4 + 2;
}
/* The general protection fault is served by a page fault that its own gate caused: CR2 is that
 * of the second (80386 PRM 9.8.8: contributory, then page fault: one after the other). */
TRAP_TEST(pf_cr2_nested, 14, .mode = KERNEL_PAGED, CODE(0x8E, 0xD8), .error = 0, .cr2 = 0x200FF8,
          .clocks = AFTER_U02)
{
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    f->state.cr2 = 0x12345678;
    put_page(f, FAR_PAGE, 0); /* gate 13 ends the missing page, gate 14 begins the next */
    put32(f, TABLE_AT + ((FAR_PAGE + 0x1000) >> 12) * 4, SPARE | 0x67);
    memcpy(f->ram + SPARE, f->ram + GATE_AT(14), 8);
    f->state.idtr.base = FAR_PAGE + 0x1000 - 14 * 8;
}
