/* Call gates that lead somewhere: level, stack, parameters, clocks (80386 PRM 6.3.4, CALL page).
 * SPDX-License-Identifier: MIT */
#include "behave.h"

#define TARGET      0x10800u /* HLT */
#define GATE_CALL32 0x8Cu
#define GATE_CALL16 0x84u

/* SEL_TEST: a gate to TARGET in `selector`. */
static void gate(struct fixture *f, uint32_t selector, uint32_t access, uint32_t count)
{
    put32(f, DESC_AT(SEL_TEST), (selector << 16) | (TARGET & 0xFFFF));
    put32(f, DESC_AT(SEL_TEST) + 4, (TARGET & 0xFFFF0000) | (access << 8) | count);
}

/* User code calls level 0, whose code there is one RETF or HLT. */
#define CALL_GATE 0x9A, 0xEF, 0xBE, 0xAD, 0xDE, SEL_TEST, 0x00

BEHAVE(cg_params_0, USER, CALL_GATE)
{
    gate(f, SEL_CODE0, GATE_CALL32 | ACC_DPL(3), 0);
    put_code(f, TARGET, (const uint8_t[]){0x0F, 0xFF}, 2); /* #UD: HLT needs none of this */
    put8(f, TARGET, 0xF4);

    run_to_halt(f);

    assert_halted_at(f, TARGET);
    assert_int_equal(f->state.cpl, 0);
    assert_int_equal(f->state.segments[SEG_CS].selector, SEL_CODE0);
    assert_int_equal(f->state.segments[SEG_SS].selector, SEL_DATA0);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 16);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 7);
    assert_int_equal(FRAME32(f, 1), SEL_CODE3);
    assert_int_equal(FRAME32(f, 2), STACK_TOP);
    assert_int_equal(FRAME32(f, 3), SEL_DATA3);
    assert_int_equal(f->state.clock, 1000 + 69 + 4); /* i486 PRM CALL page; HLT */
}

BEHAVE(cg_params_1, USER, CALL_GATE)
{
    gate(f, SEL_CODE0, GATE_CALL32 | ACC_DPL(3), 1);
    put32(f, STACK_TOP, 0xCAFE0001);

    run_to_halt(f);

    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 20);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 7);
    assert_int_equal(FRAME32(f, 2), 0xCAFE0001);
    assert_int_equal(FRAME32(f, 3), STACK_TOP);
    assert_int_equal(f->state.clock, 1000 + 77 + 4 + 4);
}

BEHAVE(cg_params_31, USER, CALL_GATE)
{
    gate(f, SEL_CODE0, GATE_CALL32 | ACC_DPL(3), 31);
    for (uint32_t i = 0; i < 31; i++) {
        put32(f, STACK_TOP + 4 * i, 0x1000 + i);
    }

    run_to_halt(f);

    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 16 - 31 * 4);
    for (uint32_t i = 0; i < 31; i++) {
        assert_int_equal(FRAME32(f, 2 + i), 0x1000 + i);
    }
    assert_int_equal(FRAME32(f, 33), STACK_TOP);
    assert_int_equal(f->state.clock, 1000 + 77 + 4 * 31 + 4);
}

/* A 286 gate pushes and copies words. */
BEHAVE(cg_286_in_32, USER, CALL_GATE)
{
    put32(f, DESC_AT(SEL_TEST), (SEL_CODE0 << 16) | 0x0800);
    put32(f, DESC_AT(SEL_TEST) + 4, ((GATE_CALL16 | ACC_DPL(3)) << 8) | 2);
    put8(f, 0x0800, 0xF4);
    put32(f, STACK_TOP, 0x22221111);

    run_to_halt(f);

    assert_halted_at(f, 0x0800);
    assert_int_equal(f->state.gpr[REG_ESP], RING0_TOP - 12);
    assert_int_equal(get16(f, RING0_TOP - 12), (CODE_AT + 7) & 0xFFFF);
    assert_int_equal(get16(f, RING0_TOP - 10), SEL_CODE3);
    assert_int_equal(get16(f, RING0_TOP - 8), 0x1111);
    assert_int_equal(get16(f, RING0_TOP - 6), 0x2222);
    assert_int_equal(get16(f, RING0_TOP - 4), STACK_TOP & 0xFFFF);
    assert_int_equal(get16(f, RING0_TOP - 2), SEL_DATA3);
}

BEHAVE(cg_same, KERNEL, CALL_GATE)
{
    gate(f, SEL_CODE0, GATE_CALL32, 5); /* at the same level nothing is copied */

    run_to_halt(f);

    assert_halted_at(f, TARGET);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP - 8);
    assert_int_equal(FRAME32(f, 0), CODE_AT + 7);
    assert_int_equal(FRAME32(f, 1), SEL_CODE0);
    assert_int_equal(f->state.clock, 1000 + 35 + 4);
}

/* Conforming code runs at the caller's level, on its stack. */
BEHAVE(cg_conforming_same, USER, CALL_GATE)
{
    gate(f, SEL_CONFORM, GATE_CALL32 | ACC_DPL(3), 0);
    put8(f, TARGET, 0xCC); /* HLT would be privileged */

    run_to_halt(f);

    assert_in_handler(f, 13); /* INT3's gate has DPL 0: #GP(3 * 8 + 2) from CPL 3 */
    assert_int_equal(FRAME32(f, 0), 3 * 8 + 2);
    assert_int_equal(FRAME32(f, 1), TARGET);
    assert_int_equal(FRAME32(f, 2), SEL_CONFORM | 3);
    assert_int_equal(FRAME32(f, 4), STACK_TOP - 8);
}

/* RPL of the gate's selector is ignored, CS gets the new CPL. */
BEHAVE(cg_rpl_forced, USER, CALL_GATE)
{
    gate(f, SEL_CODE0 | 3, GATE_CALL32 | ACC_DPL(3), 0);

    run_to_halt(f);

    assert_halted_at(f, TARGET);
    assert_int_equal(f->state.segments[SEG_CS].selector, SEL_CODE0);
}

/* The offset in the instruction (DEADBEEFh) is not looked at. */
BEHAVE(cg_offset_ignored, KERNEL, 0xEA, 0xEF, 0xBE, 0xAD, 0xDE, SEL_TEST, 0x00)
{
    gate(f, SEL_CODE0, GATE_CALL32, 0);

    run_to_halt(f);

    assert_halted_at(f, TARGET);
    assert_int_equal(f->state.gpr[REG_ESP], STACK_TOP);
    assert_int_equal(f->state.clock, 1000 + 32 + 4);
}

/* There and back: RETF n releases the parameters on both stacks. */
BEHAVE(cg_roundtrip, USER, CALL_GATE)
{
    gate(f, SEL_CODE0, GATE_CALL32 | ACC_DPL(3), 2);
    put_code(f, TARGET, (const uint8_t[]){0xCA, 0x08, 0x00}, 3); /* RETF 8 */

    run_to_halt(f);

    assert_in_handler(f, 13); /* the HLT of user mode */
    assert_int_equal(FRAME32(f, 1), CODE_AT + 7);
    assert_int_equal(FRAME32(f, 2), SEL_CODE3);
    assert_int_equal(FRAME32(f, 4), STACK_TOP + 8);
}
