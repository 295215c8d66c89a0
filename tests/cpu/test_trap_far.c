/* Far JMP and CALL that fail (80386 PRM 17, pages JMP and CALL; 6.3.3). Targets: offset 10000h.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#define JMPF(sel)  CODE(0xEA, 0x00, 0x00, 0x01, 0x00, (sel)&0xFF, (sel) >> 8)
#define CALLF(sel) CODE(0x9A, 0x00, 0x00, 0x01, 0x00, (sel)&0xFF, (sel) >> 8)

static void define(struct fixture *f, uint32_t limit, uint32_t access)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0, limit, access, 0x40);
}

TRAP_PLAIN(gp_far_null, 13, .mode = KERNEL, JMPF(3), .error = 0)
TRAP_PLAIN(gp_far_limit, 13, .mode = KERNEL, CALLF(SEL_OUTSIDE), .error = 0x1000)
TRAP_PLAIN(gp_far_type, 13, .mode = KERNEL, JMPF(SEL_DATA0), .error = 0x10)
TRAP_PLAIN(gp_far_nonconf_rpl, 13, .mode = KERNEL, CALLF(SEL_CODE0 | 3), .error = 0x08)
TRAP_PLAIN(gp_far_nonconf_dpl, 13, .mode = USER, JMPF(SEL_CODE0), .error = 0x08)
TRAP_PLAIN(gp_far_conf_dpl, 13, .mode = KERNEL, CALLF(SEL_CONFORM3), .error = 0x60)
TRAP_TEST(np_far, 11, .mode = KERNEL, JMPF(SEL_TEST), .error = SEL_TEST)
{
    define(f, 0xFFFFF, 0x1B);
}
TRAP_TEST(gp_far_eip, 13, .mode = KERNEL, CALLF(SEL_TEST), .error = 0)
{
    define(f, 0xFFFF, ACC_CODE);
}

/* JMP FAR [30000h] */
#define JMPF_MEMORY CODE(0xFF, 0x2D, 0x00, 0x00, 0x03, 0x00)
static void target(struct fixture *f, uint32_t selector, uint32_t offset)
{
    put32(f, DATA_AT, offset);
    put16(f, DATA_AT + 4, selector);
}
TRAP_TEST(gp_jmp_cs_null, 13, .mode = KERNEL, JMPF_MEMORY, .error = 0)
{
    target(f, 0, 0x10000);
}
TRAP_TEST(gp_jmp_eip_limit, 13, .mode = KERNEL, JMPF_MEMORY, .error = 0)
{
    define(f, 0xFFFF, ACC_CODE);
    target(f, SEL_TEST, 0x10000);
}

/* One of the two slots would fit. */
TRAP_TEST(ss_far_call_room, 12, .mode = USER, CALLF(SEL_CODE3), .error = 0)
{
    put_segment(f, SEG_SS, SEL_DATA3, 0x8000, 0xFFF, 0x4000 | ACC_DATA | ACC_DPL(3));
    f->state.gpr[REG_ESP] = 4;
}
