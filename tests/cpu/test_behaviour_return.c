/* IRET, RETF, far JMP and CALL that succeed (80386 PRM 17, these pages).
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#define IRET         0xCF
#define RETF         0xCB
#define TARGET       0x11000u /* filled with HLT */
#define FLAGS_BEFORE (EFLAGS_ONE | EFLAGS_IF)
#define USER_ESP     0x8400u

static void frame(struct fixture *f, uint32_t cs, uint32_t eflags)
{
    put32(f, STACK_TOP, TARGET);
    put32(f, STACK_TOP + 4, cs);
    put32(f, STACK_TOP + 8, eflags);
    put32(f, STACK_TOP + 12, USER_ESP);
    put32(f, STACK_TOP + 16, SEL_DATA3);
}
/* One step: the IRET alone. */
static void iret(struct fixture *f, uint32_t cs, uint32_t eflags)
{
    struct cpu_step_info info;
    frame(f, cs, eflags);
    step_once(f, &info);
    assert_int_equal(info.what, STEP_INSTRUCTION);
    assert_int_equal(f->state.eip, TARGET);
}

/* ---- same level ---- */

BEHAVE(iret_same_32, KERNEL, IRET)
{
    iret(f, SEL_CODE0, FLAGS_BEFORE | EFLAGS_CF | EFLAGS_DF);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP + 12);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_CF | EFLAGS_DF);
    assert_int_equal(f->state.clock, 1000 + 20);
}
BEHAVE(iret_same_16, KERNEL, 0x66, IRET)
{
    struct cpu_step_info info;
    put16(f, STACK_TOP, 0x1234);
    put16(f, STACK_TOP + 2, SEL_CODE0);
    put16(f, STACK_TOP + 4, FLAGS_BEFORE | EFLAGS_ZF);
    step_once(f, &info);
    assert_int_equal(f->state.eip, 0x1234);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP + 6);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_ZF);
}
BEHAVE(iret_16_keeps_high, KERNEL, 0x66, IRET)
{
    struct cpu_step_info info;
    put16(f, STACK_TOP + 2, SEL_CODE0);
    put16(f, STACK_TOP + 4, EFLAGS_ONE);
    f->state.eflags |= EFLAGS_AC;
    step_once(f, &info);
    assert_int_equal(f->state.eflags, EFLAGS_ONE | EFLAGS_AC);
}
BEHAVE(iret_accessed, KERNEL, IRET)
{
    put8(f, DESC_AT(SEL_CODE0) + 5, ACC_CODE & 0xFE);
    iret(f, SEL_CODE0, FLAGS_BEFORE);
    assert_int_equal(f->ram[DESC_AT(SEL_CODE0) + 5], ACC_CODE);
    assert_int_equal(f->state.clock, 1000 + 20 + 11);
}
/* A handler that leaves the error code there: it is taken as EIP, the EIP as CS. */
BEHAVE(iret_err_left, KERNEL, 0x8E, 0xD8)
{
    struct cpu_step_info info;
    f->state.gpr[REG_EAX] = SEL_OUTSIDE;
    put8(f, HANDLER(13), IRET);
    step_once(f, &info);
    step_once(f, &info);
    assert_int_equal(info.path, PATH_gp_iret_cs_limit);
    assert_int_equal(FRAME32(f, 0), CODE_AT & 0xFFFC);
    assert_int_equal(FRAME32(f, 1), HANDLER(13));
}

/* ---- outer level ---- */

BEHAVE(iret_outer_32, KERNEL, IRET)
{
    iret(f, SEL_CODE3, FLAGS_BEFORE);
    assert_int_equal(f->state.cpl, 3);
    assert_int_equal(f->state.segments[SEG_CS].selector, SEL_CODE3);
    assert_int_equal(f->state.segments[SEG_SS].selector, SEL_DATA3);
    assert_int_equal(f->state.gpr[REG_ESP], USER_ESP);
    assert_int_equal(f->state.clock, 1000 + 36);
}
/* DS of ring 0 data and ES of ring 0 code are nulled; conforming code and ring 3 data stay. */
BEHAVE(iret_outer_segs, KERNEL, IRET)
{
    put_segment(f, SEG_ES, SEL_CODE0, 0, 0xFFFFFFFF, 0xC000 | ACC_CODE);
    put_segment(f, SEG_FS, SEL_CONFORM, 0, 0xFFFFFFFF, 0xC000 | ACC_CODE | ATTR_CONFORMING);
    put_segment(f, SEG_GS, SEL_DATA3, 0, 0xFFFFFFFF, 0xC000 | ACC_DATA | ACC_DPL(3));
    iret(f, SEL_CODE3, FLAGS_BEFORE);
    assert_int_equal(f->state.segments[SEG_DS].selector, 0);
    assert_int_equal(f->state.segments[SEG_DS].usable, 0);
    assert_int_equal(f->state.segments[SEG_ES].usable, 0);
    assert_int_equal(f->state.segments[SEG_FS].selector, SEL_CONFORM);
    assert_int_equal(f->state.segments[SEG_GS].selector, SEL_DATA3);
}
/* A 16-bit stack takes SP only: the high half of the kernel's ESP shines through. */
BEHAVE(iret_outer_sp16, KERNEL, IRET)
{
    struct cpu_step_info info;
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFFF, ACC_DATA | ACC_DPL(3), FLAGS_16);
    put_segment(f, SEG_SS, SEL_DATA0, 0xFFF00000, 0xFFFFFFFF, 0xC000 | ACC_DATA);
    f->state.gpr[REG_ESP] = 0x100000 + STACK_TOP;
    frame(f, SEL_CODE3, FLAGS_BEFORE);
    put32(f, STACK_TOP + 16, SEL_TEST | 3);
    step_once(f, &info);
    assert_int_equal(f->state.cpl, 3);
    assert_int_equal(f->state.gpr[REG_ESP], 0x100000 + USER_ESP);
}

/* ---- flags by level ---- */

BEHAVE(iret_iopl_cpl0, KERNEL, IRET)
{
    iret(f, SEL_CODE0, EFLAGS_ONE | EFLAGS_IOPL);
    assert_int_equal(f->state.eflags, EFLAGS_ONE | EFLAGS_IOPL);
}
BEHAVE(iret_iopl_ignored, USER, IRET)
{
    iret(f, SEL_CODE3, FLAGS_BEFORE | EFLAGS_IOPL);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
}
BEHAVE(iret_if_ignored, USER, IRET)
{
    iret(f, SEL_CODE3, EFLAGS_ONE);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
}
BEHAVE(iret_if_cpl_le_iopl, USER, IRET)
{
    f->state.eflags |= EFLAGS_IOPL;
    iret(f, SEL_CODE3, EFLAGS_ONE);
    assert_int_equal(f->state.eflags, EFLAGS_ONE | EFLAGS_IOPL);
}
/* The rights are those before the return: from ring 0 to ring 3 everything loads. */
BEHAVE(iret_flags_outer, KERNEL, IRET)
{
    iret(f, SEL_CODE3, EFLAGS_ONE | EFLAGS_IOPL);
    assert_int_equal(f->state.eflags, EFLAGS_ONE | EFLAGS_IOPL);
}
BEHAVE(iret_rf, KERNEL, IRET)
{
    iret(f, SEL_CODE0, FLAGS_BEFORE | EFLAGS_RF);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_RF);
}
BEHAVE(iret_nt_loaded, KERNEL, IRET)
{
    iret(f, SEL_CODE0, FLAGS_BEFORE | EFLAGS_NT);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_NT);
}
BEHAVE(iret_ac_486, KERNEL, IRET)
{
    iret(f, SEL_CODE0, FLAGS_BEFORE | EFLAGS_AC);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_AC);
}
BEHAVE(iret_ac_not_386, KERNEL, IRET)
{
    f->config.level = CPU_I386;
    iret(f, SEL_CODE0, FLAGS_BEFORE | EFLAGS_AC);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
}
BEHAVE(iret_reserved, KERNEL, IRET)
{
    iret(f, SEL_CODE0, 0x80008028 | EFLAGS_IF);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
}
BEHAVE(iret_vm_cpl3, USER, IRET)
{
    iret(f, SEL_CODE3, FLAGS_BEFORE | EFLAGS_VM);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
}
BEHAVE(iret_tf_step, KERNEL, IRET)
{
    frame(f, SEL_CODE0, FLAGS_BEFORE | EFLAGS_TF);
    put8(f, TARGET, 0x90);
    run_to_halt(f);
    assert_in_handler(f, 1);
    assert_int_equal(FRAME32(f, 0), TARGET + 1);
}

/* ---- real mode ---- */

BEHAVE(iret_rm16, REAL, IRET)
{
    struct cpu_step_info info;
    put16(f, STACK_TOP, 0x0010);
    put16(f, STACK_TOP + 2, 0x1100);
    put16(f, STACK_TOP + 4, 0x7202 | EFLAGS_TF);
    step_once(f, &info);
    assert_int_equal(f->state.eip, 0x10);
    assert_int_equal(f->state.segments[SEG_CS].base, 0x11000);
    assert_int_equal(f->state.gpr[REG_ESP], 0x806);
    assert_int_equal(f->state.eflags, 0x7202 | EFLAGS_TF);
    assert_int_equal(f->state.clock, 1000 + 15);
}
BEHAVE(iret_rm32, REAL, 0x66, IRET)
{
    struct cpu_step_info info;
    put32(f, STACK_TOP, 0x0010);
    put32(f, STACK_TOP + 4, 0x1100);
    put32(f, STACK_TOP + 8, FLAGS_BEFORE | EFLAGS_RF | EFLAGS_VM);
    step_once(f, &info);
    assert_int_equal(f->state.eip, 0x10);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE | EFLAGS_RF); /* VM needs protection */
}
BEHAVE(rm_iret_nmi, REAL, IRET)
{
    struct cpu_step_info info;
    put16(f, STACK_TOP + 2, 0x1100);
    put16(f, STACK_TOP + 4, EFLAGS_ONE);
    f->state.nmi_blocked = 1;
    step_once(f, &info);
    assert_int_equal(f->state.nmi_blocked, 0);
}

/* ---- RETF ---- */

BEHAVE(retf_same_32, KERNEL, RETF)
{
    frame(f, SEL_CODE0, 0);
    run_to_halt(f);
    assert_halted_at(f, TARGET);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP + 8);
    assert_int_equal(f->state.eflags, FLAGS_BEFORE);
    assert_int_equal(f->state.clock, 1000 + 17 + 4);
}
/* RETF 10h to ring 3: 10h bytes leave both stacks. */
BEHAVE(retf_imm_both_stacks, KERNEL, 0xCA, 0x10, 0x00)
{
    struct cpu_step_info info;
    put32(f, STACK_TOP, TARGET);
    put32(f, STACK_TOP + 4, SEL_CODE3);
    put32(f, STACK_TOP + 0x18, USER_ESP);
    put32(f, STACK_TOP + 0x1C, SEL_DATA3);
    step_once(f, &info);
    assert_int_equal(f->state.eip, TARGET);
    assert_int_equal(f->state.cpl, 3);
    assert_int_equal(f->state.gpr[REG_ESP], USER_ESP + 0x10);
    assert_int_equal(f->state.clock, 1000 + 36);
}
BEHAVE(retf_outer_segs, KERNEL, RETF)
{
    struct cpu_step_info info;
    put32(f, STACK_TOP, TARGET);
    put32(f, STACK_TOP + 4, SEL_CODE3);
    put32(f, STACK_TOP + 8, USER_ESP);
    put32(f, STACK_TOP + 12, SEL_DATA3);
    step_once(f, &info);
    assert_int_equal(f->state.segments[SEG_DS].usable, 0);
    assert_int_equal(f->state.gpr[REG_ESP], USER_ESP);
    assert_int_equal(f->state.clock, 1000 + 35);
}

/* ---- far JMP, CALL ---- */

BEHAVE(far_jmp, KERNEL, 0xEA, 0x00, 0x10, 0x01, 0x00, SEL_CODE0, 0x00)
{
    run_to_halt(f);
    assert_halted_at(f, TARGET);
    assert_int_equal(f->state.clock, 1000 + 19 + 4);
}
BEHAVE(far_call, KERNEL, 0x9A, 0x00, 0x10, 0x01, 0x00, SEL_CODE0, 0x00)
{
    run_to_halt(f);
    assert_halted_at(f, TARGET);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 8);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 7);
    assert_int_equal(FRAME32(f, 1), SEL_CODE0);
    assert_int_equal(f->state.clock, 1000 + 20 + 4);
}
/* CALL and RETF of 16 bits: CALLW 0008:1234h */
BEHAVE(far_call_16, KERNEL, 0x66, 0x9A, 0x34, 0x12, SEL_CODE0, 0x00)
{
    struct cpu_step_info info;
    step_once(f, &info);
    assert_int_equal(f->state.eip, 0x1234);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 4);
    assert_int_equal(get16(f, STACK_TOP - 4), (CODE_AT + 6) & 0xFFFF);
    assert_int_equal(get16(f, STACK_TOP - 2), SEL_CODE0);
}
BEHAVE(ok_far_conf_keepcpl, USER, 0xEA, 0x00, 0x10, 0x01, 0x00, SEL_CONFORM, 0x00)
{
    struct cpu_step_info info;
    step_once(f, &info);
    assert_int_equal(f->state.eip, TARGET);
    assert_int_equal(f->state.cpl, 3);
    assert_int_equal(f->state.segments[SEG_CS].selector, SEL_CONFORM | 3);
}
BEHAVE(far_jmp_memory_16, KERNEL, 0x66, 0xFF, 0x2D, 0x00, 0x00, 0x03, 0x00)
{
    struct cpu_step_info info;
    put16(f, DATA_AT, 0x4321);
    put16(f, DATA_AT + 2, SEL_CODE16);
    step_once(f, &info);
    assert_int_equal(f->state.eip, 0x4321);
    assert_int_equal(f->state.segments[SEG_CS].limit, 0xFFFF);
    assert_int_equal(f->state.segments[SEG_CS].attributes, ACC_CODE);
}
BEHAVE(far_call_real, REAL, 0x9A, 0x10, 0x00, 0x00, 0x11)
{
    run_to_halt(f);
    assert_int_equal(f->state.eip, 0x11);
    assert_int_equal(f->state.segments[SEG_CS].base, 0x11000);
    assert_int_equal(get16(f, 0x87FC), 0x105);
    assert_int_equal(get16(f, 0x87FE), 0x1000);
    assert_int_equal(f->state.clock, 1000 + 18 + 4);
}
