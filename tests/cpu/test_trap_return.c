/* IRET and RETF that fail: nothing has changed and the saved EIP is that of the return itself
 * (80386 PRM 17, pages IRET and RET). The frame lies at the top of the present stack.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#define IRET CODE(0xCF)
#define RETF CODE(0xCB)

#define TARGET 0x10000u

static void frame_iret(struct fixture *f, uint32_t cs, uint32_t ss)
{
    put32(f, STACK_TOP, TARGET);
    put32(f, STACK_TOP + 4, cs);
    put32(f, STACK_TOP + 8, EFLAGS_ONE | EFLAGS_IF);
    put32(f, STACK_TOP + 12, 0x9000);
    put32(f, STACK_TOP + 16, ss);
}
static void frame_retf(struct fixture *f, uint32_t cs, uint32_t ss)
{
    put32(f, STACK_TOP, TARGET);
    put32(f, STACK_TOP + 4, cs);
    put32(f, STACK_TOP + 8, 0x9000);
    put32(f, STACK_TOP + 12, ss);
}
static void define(struct fixture *f, uint32_t limit, uint32_t access)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0, limit, access, 0x40);
}
static void end_stack_at(struct fixture *f, uint32_t limit)
{
    put_segment(f, SEG_SS, SEL_DATA0, 0, limit, 0x4000 | ACC_DATA);
}

/* Both instructions, the same situation: `name` completes gp_iret_ and gp_retf_. */
#define RETURN_TESTS(prefix, name, vector, mode_, error_, cs, ss, arrangement)                     \
    TRAP_TEST(prefix##_iret_##name, vector, .mode = mode_, IRET, .error = error_)                  \
    {                                                                                              \
        frame_iret(f, cs, ss);                                                                     \
        arrangement;                                                                               \
    }                                                                                              \
    TRAP_TEST(prefix##_retf_##name, vector, .mode = mode_, RETF, .error = error_)                  \
    {                                                                                              \
        frame_retf(f, cs, ss);                                                                     \
        arrangement;                                                                               \
    }
#define ALL_CODE 0xFFFFFu

RETURN_TESTS(gp, cs_null, 13, KERNEL, 0, 3, 0, )
RETURN_TESTS(gp, cs_limit, 13, KERNEL, 0x1000, SEL_OUTSIDE, 0, )
RETURN_TESTS(gp, cs_type, 13, KERNEL, 0x10, SEL_DATA0, 0, )
RETURN_TESTS(gp, rpl_lt_cpl, 13, USER, 0x08, SEL_CODE0, 0, )
RETURN_TESTS(gp, nonconf_dpl, 13, KERNEL, 0x08, SEL_CODE0 | 3, 0, )
RETURN_TESTS(gp, conf_dpl, 13, KERNEL, 0x60, SEL_CONFORM3, 0, )
RETURN_TESTS(np, cs, 11, KERNEL, SEL_TEST, SEL_TEST, 0, define(f, ALL_CODE, 0x1B))
RETURN_TESTS(gp, eip, 13, KERNEL, 0, SEL_TEST, 0, define(f, TARGET - 1, ACC_CODE))
RETURN_TESTS(gp, ss_null, 13, KERNEL, 0, SEL_CODE3, 3, )
RETURN_TESTS(gp, ss_limit, 13, KERNEL, 0x1000, SEL_CODE3, SEL_OUTSIDE | 3, )
RETURN_TESTS(gp, ss_rpl, 13, KERNEL, 0x20, SEL_CODE3, SEL_DATA3 & 0xFFF8, )
RETURN_TESTS(gp, ss_type, 13, KERNEL, SEL_TEST, SEL_CODE3, SEL_TEST | 3,
             define(f, ALL_CODE, 0x91 | ACC_DPL(3)))
RETURN_TESTS(gp, ss_dpl, 13, KERNEL, 0x10, SEL_CODE3, SEL_DATA0 | 3, )
RETURN_TESTS(ss, ss_np, 12, KERNEL, SEL_TEST, SEL_CODE3, SEL_TEST | 3,
             define(f, ALL_CODE, 0x13 | ACC_DPL(3)))

/* The stack ends inside the frame. */
RETURN_TESTS(ss, top, 12, KERNEL, 0, SEL_CODE0, 0, end_stack_at(f, STACK_TOP + 3))
TRAP_TEST(ss_iret_outer_room, 12, .mode = KERNEL, IRET, .error = 0)
{
    frame_iret(f, SEL_CODE3, SEL_DATA3);
    end_stack_at(f, STACK_TOP + 15);
}
TRAP_TEST(ss_retf_outer_room, 12, .mode = KERNEL, RETF, .error = 0)
{
    frame_retf(f, SEL_CODE3, SEL_DATA3);
    end_stack_at(f, STACK_TOP + 11);
}

/* NT set: the back link has to be that of a busy TSS in the GDT. */
TRAP_TEST(ts_iret_backlink, 10, .mode = KERNEL, IRET, .error = SEL_LOCAL)
{
    put16(f, TSS_AT, SEL_LOCAL);
    f->state.eflags |= EFLAGS_NT;
}
TRAP_TEST(ts_iret_notbusy, 10, .mode = KERNEL, IRET, .error = SEL_TEST)
{
    put_descriptor(f, DESC_AT(SEL_TEST), TSS16_AT, TSS_LIMIT, 0x89, 0);
    put16(f, TSS_AT, SEL_TEST);
    f->state.eflags |= EFLAGS_NT;
}

/* EFLAGS.MODE: a frame to CPL 0 that claims user mode. */
TRAP_TEST(gp_iret_mode, 13, .mode = KERNEL, .cpu = AS_I686, IRET, .error = 0)
{
    frame_iret(f, SEL_CODE0, 0);
    put32(f, STACK_TOP + 8, EFLAGS_ONE | EFLAGS_MODE);
    f->state.mode_in_eflags = 1;
}

/* Real mode, 32-bit operands: EIP 10000h is beyond the limit of CS. */
TRAP_TEST(gp_iret_rm_limit, 13, .mode = REAL, CODE(0x66, 0xCF))
{
    put32(f, STACK_TOP, 0x10000);
    put32(f, STACK_TOP + 4, 0x1000);
    put32(f, STACK_TOP + 8, EFLAGS_ONE);
}
