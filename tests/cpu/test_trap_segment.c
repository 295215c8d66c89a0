/* Loads of segment registers, LDTR and TR outside transfers (80386 PRM 6.3, pages MOV, POP, LGS,
 * LLDT, LTR), and what CR0, CR4 and MSRs refuse.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#define MOV_SS CODE(0x8E, 0xD0) /* from AX */
#define MOV_DS CODE(0x8E, 0xD8)
#define LTR    CODE(0x0F, 0x00, 0xD8)
#define LLDT   CODE(0x0F, 0x00, 0xD0)

static void select(struct fixture *f, uint32_t selector)
{
    f->state.gpr[REG_EAX] = selector;
}
static void define(struct fixture *f, uint32_t access)
{
    put_descriptor(f, DESC_AT(SEL_TEST), 0, 0xFFFFF, access, FLAGS_32);
}

#define SELECT_TEST(id, vector, mode_, code_, error_, selector)                                    \
    TRAP_TEST(id, vector, .mode = mode_, code_, .error = error_)                                   \
    {                                                                                              \
        select(f, selector);                                                                       \
    }
#define DEFINE_TEST(id, vector, mode_, code_, selector, access)                                    \
    TRAP_TEST(id, vector, .mode = mode_, code_, .error = SEL_TEST)                                 \
    {                                                                                              \
        select(f, selector);                                                                       \
        define(f, access);                                                                         \
    }

/* ---- SS ---- */

SELECT_TEST(gp_load_null_ss, 13, KERNEL, MOV_SS, 0, 0)
SELECT_TEST(gp_load_limit_ss, 13, KERNEL, MOV_SS, 0x1000, SEL_OUTSIDE)
SELECT_TEST(gp_load_ss_rpl, 13, KERNEL, MOV_SS, 0x10, SEL_DATA0 | 1)
SELECT_TEST(gp_load_ss_dpl, 13, KERNEL, MOV_SS, 0x20, SEL_DATA3 & 0xFFF8)
DEFINE_TEST(gp_load_ss_ro, 13, KERNEL, MOV_SS, SEL_TEST, 0x91)
SELECT_TEST(gp_load_ss_code, 13, KERNEL, MOV_SS, 0x08, SEL_CODE0)
SELECT_TEST(gp_load_ss_sys, 13, KERNEL, MOV_SS, 0x30, SEL_LDT)
DEFINE_TEST(ss_load_np, 12, KERNEL, MOV_SS, SEL_TEST, 0x13)

/* ---- DS, ES, FS, GS ---- */

SELECT_TEST(gp_load_limit_ds, 13, USER, MOV_DS, 0x1000, SEL_OUTSIDE | 3)
SELECT_TEST(gp_load_ds_sys, 13, KERNEL, MOV_DS, 0x30, SEL_LDT)
DEFINE_TEST(gp_load_ds_xonly, 13, KERNEL, MOV_DS, SEL_TEST, 0x99)
SELECT_TEST(gp_load_ds_priv, 13, USER, MOV_DS, 0x10, SEL_DATA0)
DEFINE_TEST(np_load_ds, 11, KERNEL, MOV_DS, SEL_TEST, 0x13)
TRAP_TEST(gp_load_ldt_null, 13, .mode = KERNEL, MOV_DS, .error = 0x04)
{
    const struct segment_state null = {0};
    select(f, SEL_LOCAL);
    f->state.ldtr = null;
}

#define FAR_PAGE 0x200000u
#define SPARE    0x50000u

/* The first descriptors end a page, the rest of the table would be in the next. */
static void split_gdt(struct fixture *f)
{
    put32(f, TABLE_AT + (FAR_PAGE >> 12) * 4, SPARE | 0x67);
    put_page(f, FAR_PAGE + 0x1000, 0);
    memcpy(f->ram + SPARE + 0xF00, f->ram + GDT_AT, 0x100);
    f->state.gdtr.base = FAR_PAGE + 0xF00;
    f->state.gdtr.limit = 0x1FFF;
}
TRAP_TEST(pf_load_desc, 14, .mode = KERNEL_PAGED, MOV_DS, .error = 0, .cr2 = 0x201F00)
{
    split_gdt(f);
    select(f, 0x1000);
}
TRAP_TEST(pf_implicit_gdt_cpl3, 14, .mode = USER_PAGED, MOV_DS, .error = 0, .cr2 = 0x201F00)
{
    split_gdt(f);
    select(f, 0x1003);
}
TRAP_TEST(pf_implicit_ldt_cpl3, 14, .mode = USER_PAGED, MOV_DS, .error = 0, .cr2 = FAR_PAGE)
{
    put_page(f, FAR_PAGE, 0);
    f->state.ldtr.base = FAR_PAGE;
    select(f, SEL_LOCAL | 3);
}

/* ---- TR, LDTR ---- */

SELECT_TEST(gp_ltr_busy, 13, KERNEL, LTR, 0x28, SEL_TSS)
SELECT_TEST(gp_ltr_type, 13, KERNEL, LTR, 0x10, SEL_DATA0)
SELECT_TEST(gp_ltr_null, 13, KERNEL, LTR, 0, 3)
DEFINE_TEST(np_ltr, 11, KERNEL, LTR, SEL_TEST, 0x09)
SELECT_TEST(gp_lldt_type, 13, KERNEL, LLDT, 0x10, SEL_DATA0)
SELECT_TEST(gp_lldt_ti, 13, KERNEL, LLDT, 0x04, SEL_LOCAL)
DEFINE_TEST(np_lldt, 11, KERNEL, LLDT, SEL_TEST, 0x02)

/* ---- control registers, MSRs ---- */

SELECT_TEST(gp_cr0_pg_without_pe, 13, KERNEL, CODE(0x0F, 0x22, 0xC0), 0, 0x80000010)
SELECT_TEST(gp_cr0_nw_without_cd, 13, KERNEL, CODE(0x0F, 0x22, 0xC0), 0, 0x20000011)
TRAP_TEST(gp_cr4_none, 13, .mode = KERNEL, .cpu = AS_I586, CODE(0x0F, 0x22, 0xE0), .error = 0)
{
    select(f, 0x20); /* PAE */
}
TRAP_PLAIN(gp_msr, 13, .mode = KERNEL, .cpu = AS_I586, CODE(0x0F, 0x32), .error = 0)
