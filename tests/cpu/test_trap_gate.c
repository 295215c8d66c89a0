/* Call gates that refuse (80386 PRM 17, pages CALL and JMP; 6.3.4). The gate is SEL_TEST.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#define JMPF(sel)  CODE(0xEA, 0x00, 0x00, 0x00, 0x00, (sel)&0xFF, (sel) >> 8)
#define CALLF(sel) CODE(0x9A, 0x00, 0x00, 0x00, 0x00, (sel)&0xFF, (sel) >> 8)

#define GATE_CALL32 0x8Cu
#define TARGET      0x10800u

static void gate(struct fixture *f, uint32_t selector, uint32_t access, uint32_t count)
{
    put32(f, DESC_AT(SEL_TEST), (selector << 16) | (TARGET & 0xFFFF));
    put32(f, DESC_AT(SEL_TEST) + 4, (TARGET & 0xFFFF0000) | (access << 8) | count);
}

/* A gate that user code may use, to code of level 0. */
static void inner_gate(struct fixture *f)
{
    gate(f, SEL_CODE0, GATE_CALL32 | ACC_DPL(3), 0);
}

TRAP_TEST(gp_cg_dpl_cpl, 13, .mode = USER, CALLF(SEL_TEST), .error = SEL_TEST)
{
    gate(f, SEL_CODE0, GATE_CALL32, 0);
}
TRAP_TEST(gp_cg_dpl_rpl, 13, .mode = KERNEL, CALLF(SEL_TEST | 3), .error = SEL_TEST)
{
    gate(f, SEL_CODE0, GATE_CALL32, 0);
}
TRAP_TEST(np_cg, 11, .mode = USER, CALLF(SEL_TEST | 3), .error = SEL_TEST)
{
    gate(f, SEL_CODE0, (GATE_CALL32 | ACC_DPL(3)) & ~0x80u, 0);
}
TRAP_TEST(gp_cg_cs_null, 13, .mode = KERNEL, JMPF(SEL_TEST), .error = 0)
{
    gate(f, 3, GATE_CALL32, 0);
}
TRAP_TEST(gp_cg_cs_limit, 13, .mode = KERNEL, JMPF(SEL_TEST), .error = SEL_OUTSIDE)
{
    gate(f, SEL_OUTSIDE, GATE_CALL32, 0);
}
TRAP_TEST(gp_cg_cs_type, 13, .mode = KERNEL, CALLF(SEL_TEST), .error = SEL_DATA0)
{
    gate(f, SEL_DATA0, GATE_CALL32, 0);
}
TRAP_TEST(gp_cg_cs_dpl, 13, .mode = KERNEL, CALLF(SEL_TEST), .error = SEL_CODE3 & 0xFFFC)
{
    gate(f, SEL_CODE3, GATE_CALL32, 0);
}
TRAP_TEST(gp_cg_jmp_inner, 13, .mode = USER, JMPF(SEL_TEST), .error = SEL_CODE0)
{
    inner_gate(f);
}
TRAP_TEST(np_cg_cs, 11, .mode = USER, CALLF(SEL_TEST), .error = SEL_TEST2)
{
    put_descriptor(f, DESC_AT(SEL_TEST2), 0, 0xFFFFF, ACC_CODE & ~0x80u, FLAGS_32);
    gate(f, SEL_TEST2, GATE_CALL32 | ACC_DPL(3), 0);
}

/* ---- the inner stack: level 1, so that the handler of the fault still finds that of level 0 ----
 */

static void gate_to_level1(struct fixture *f, uint32_t stack_selector)
{
    gate(f, SEL_CODE1, GATE_CALL32 | ACC_DPL(3), 0);
    put16(f, TSS_AT + 16, stack_selector);
}
static void stack1(struct fixture *f, uint32_t limit, uint32_t access)
{
    put_descriptor(f, DESC_AT(SEL_TEST2), 0, limit, access, 0x40);
    gate_to_level1(f, SEL_TEST2 | 1);
}

TRAP_TEST(ts_cg_tss_limit, 10, .mode = USER, CALLF(SEL_TEST), .error = SEL_TSS)
{
    gate_to_level1(f, SEL_DATA1);
    f->state.tr.limit = 18;
}
TRAP_TEST(ts_cg_ss_null, 10, .mode = USER, CALLF(SEL_TEST), .error = 0)
{
    gate_to_level1(f, 1);
}
TRAP_TEST(ts_cg_ss_limit, 10, .mode = USER, CALLF(SEL_TEST), .error = SEL_OUTSIDE)
{
    gate_to_level1(f, SEL_OUTSIDE | 1);
}
TRAP_TEST(ts_cg_ss_rpl, 10, .mode = USER, CALLF(SEL_TEST), .error = SEL_DATA1 & 0xFFFC)
{
    gate_to_level1(f, SEL_DATA1 & 0xFFFC);
}
TRAP_TEST(ts_cg_ss_dpl, 10, .mode = USER, CALLF(SEL_TEST), .error = SEL_TEST2)
{
    stack1(f, 0xFFFFF, ACC_DATA | ACC_DPL(3));
}
TRAP_TEST(ts_cg_ss_type, 10, .mode = USER, CALLF(SEL_TEST), .error = SEL_TEST2)
{
    stack1(f, 0xFFFFF, 0x91 | ACC_DPL(1));
}
TRAP_TEST(ss_cg_ss_np, 12, .mode = USER, CALLF(SEL_TEST), .error = SEL_TEST2)
{
    stack1(f, 0xFFFFF, 0x13 | ACC_DPL(1));
}
/* Four slots are pushed below RING1_TOP; the last of them lies beyond the limit. */
TRAP_TEST(ss_cg_room, 12, .mode = USER, CALLF(SEL_TEST), .error = 0)
{
    stack1(f, RING1_TOP - 2, ACC_DATA | ACC_DPL(1));
}
