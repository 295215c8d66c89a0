/* Virtual-8086 mode: what faults there (80386 PRM 15.3, 15.4). The frame has nine doublewords and
 * an error code; trap_check.c compares all of them.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

/* Clocks of a delivery as far as it got (docs/timing.md): the steps up to the one named. */
#define AFTER_U02 7u
#define AFTER_U03 15u

/* Above INT: 8 and 9 by instruction (i486). */
#define SENSITIVE_TEST(id, more, ...)                                                              \
    TRAP_PLAIN(id, 13, .mode = VIRTUAL, CODE(__VA_ARGS__), .error = 0, .clocks = (more))
SENSITIVE_TEST(gp_iopl_cli_v86, 8, 0xFA)
SENSITIVE_TEST(gp_iopl_sti_v86, 8, 0xFB)
SENSITIVE_TEST(gp_iopl_pushf_v86, 9, 0x9C)
SENSITIVE_TEST(gp_iopl_popf_v86, 8, 0x9D)
SENSITIVE_TEST(gp_iopl_iret_v86, 8, 0xCF)
SENSITIVE_TEST(gp_iopl_intn_v86, 9, 0xCD, 0x21)

/* Privileged instructions: 8086 programs run at CPL 3. Addresses have 16 bits there. */
#define CPL_TEST(id, ...) TRAP_PLAIN(id, 13, .mode = VIRTUAL, CODE(__VA_ARGS__), .error = 0)
CPL_TEST(gp_cpl_hlt_v86, 0xF4)
CPL_TEST(gp_cpl_clts_v86, 0x0F, 0x06)
CPL_TEST(gp_cpl_lmsw_v86, 0x0F, 0x01, 0xF0)
CPL_TEST(gp_cpl_lgdt_v86, 0x0F, 0x01, 0x16, 0, 1)
CPL_TEST(gp_cpl_lidt_v86, 0x0F, 0x01, 0x1E, 0, 1)
CPL_TEST(gp_cpl_mov_cr_w_v86, 0x0F, 0x22, 0xC0)
CPL_TEST(gp_cpl_mov_cr_r_v86, 0x0F, 0x20, 0xC0)
CPL_TEST(gp_cpl_mov_dr_w_v86, 0x0F, 0x23, 0xC0)
CPL_TEST(gp_cpl_mov_dr_r_v86, 0x0F, 0x21, 0xC0)
CPL_TEST(gp_cpl_mov_tr_v86, 0x0F, 0x26, 0xF0)
CPL_TEST(gp_cpl_invd_v86, 0x0F, 0x08)
CPL_TEST(gp_cpl_wbinvd_v86, 0x0F, 0x09)
CPL_TEST(gp_cpl_invlpg_v86, 0x0F, 0x01, 0x3E, 0, 1)

/* Ports go by the map alone, whatever IOPL is. */
TRAP_TEST(gp_io_v86_bitmap_iopl3, 13, .mode = VIRTUAL, CODE(0xE4, 0x60), .error = 0, .clocks = 50)
{
    f->state.eflags |= EFLAGS_IOPL;
}
/* With IOPL 3 INT n goes through the IDT, and the gate's DPL counts. */
TRAP_TEST(v86_intn_iopl3_dpl0, 13, .mode = VIRTUAL, CODE(0xCD, 0x21), .error = 0x21 * 8 + 2,
          .clocks = AFTER_U02)
{
    f->state.eflags |= EFLAGS_IOPL;
}
/* An interrupt from there has to lead to level 0, in code that does not conform. */
TRAP_TEST(gp_v86_dpl, 13, .mode = VIRTUAL, CODE(0xCC), .error = SEL_CODE1 & 0xFFFC,
          .clocks = AFTER_U03)
{
    put_gate(f, 3, SEL_CODE1, 0x10800, GATE_INT32 | ACC_DPL(3));
}
TRAP_TEST(v86_int_conforming, 13, .mode = VIRTUAL, CODE(0xCC), .error = SEL_CONFORM,
          .clocks = AFTER_U03)
{
    put_gate(f, 3, SEL_CONFORM, 0x10800, GATE_INT32 | ACC_DPL(3));
}
TRAP_TEST(v86_limit_data, 13, .mode = VIRTUAL, CODE(0xA1, 0xFF, 0xFF), .error = 0)
{
    (void)f;
}
TRAP_TEST(v86_limit_stack, 12, .mode = VIRTUAL, CODE(0x58), .error = 0)
{
    f->state.gpr[REG_ESP] = 0xFFFF;
}
TRAP_PLAIN(v86_cr_priv, 13, .mode = VIRTUAL, CODE(0x0F, 0x20, 0xC0), .error = 0)
TRAP_PLAIN(v86_hlt, 13, .mode = VIRTUAL, CODE(0xF4), .error = 0)
TRAP_PLAIN(ud_pmonly_v86_arpl, 6, .mode = VIRTUAL, CODE(0x63, 0xC0))
TRAP_PLAIN(ud_pmonly_v86_lldt, 6, .mode = VIRTUAL, CODE(0x0F, 0x00, 0xD0))
TRAP_PLAIN(ud_pmonly_v86_str, 6, .mode = VIRTUAL, CODE(0x0F, 0x00, 0xC8))

/* It runs as user: bit 2 of the code. */
TRAP_TEST(pf_v86, 14, .mode = VIRTUAL_PAGED, CODE(0xA0, 0x00, 0x10), .error = 4, .cr2 = 0x31000)
{
    put_page(f, 0x31000, 0);
}
