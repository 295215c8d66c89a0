/* Exceptions of the arithmetic and of the opcode: #DE, #BR, #UD, #NM (80386 PRM 9.8.1 to 9.8.8),
 * #MF (i486 PRM 9.9.16).
 * The registers of the fixture: EAX 11111111, ECX 22222222, EDX 33333333, EBX 44444444.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

/* ---- #DE ---- */

static void divide_by(struct fixture *f, uint32_t divisor)
{
    f->state.gpr[REG_ECX] = divisor;
}

#define DIVIDE_TEST(id, divisor, ...)                                                              \
    TRAP_TEST(id, 0, .mode = KERNEL, CODE(__VA_ARGS__))                                            \
    {                                                                                              \
        divide_by(f, divisor);                                                                     \
    }
DIVIDE_TEST(de_zero, 0, 0xF7, 0xF1)
DIVIDE_TEST(de_overflow, 1, 0xF7, 0xF1)
DIVIDE_TEST(de_div_zero_8, 0, 0xF6, 0xF1)
DIVIDE_TEST(de_div_zero_16, 0, 0x66, 0xF7, 0xF1)
DIVIDE_TEST(de_div_zero_32, 0, 0xF7, 0xF1)
DIVIDE_TEST(de_div_ovf_8, 0x11, 0xF6, 0xF1)          /* 1111h / 11h = 101h */
DIVIDE_TEST(de_div_ovf_16, 0x3333, 0x66, 0xF7, 0xF1) /* 33331111h / 3333h = 10000h */
DIVIDE_TEST(de_div_ovf_32, 0x33333333, 0xF7, 0xF1)   /* quotient 100000000h */
DIVIDE_TEST(de_idiv_zero_8, 0, 0xF6, 0xF9)
DIVIDE_TEST(de_idiv_zero_16, 0, 0x66, 0xF7, 0xF9)
DIVIDE_TEST(de_idiv_zero_32, 0, 0xF7, 0xF9)
DIVIDE_TEST(de_idiv_ovf_pos_8, 0x22, 0xF6, 0xF9)          /* 1111h / 22h = 80h */
DIVIDE_TEST(de_idiv_ovf_pos_16, 0x6666, 0x66, 0xF7, 0xF9) /* 33331111h / 6666h = 8000h */
DIVIDE_TEST(de_idiv_ovf_pos_32, 0x66666666, 0xF7, 0xF9)   /* quotient 80000000h */
TRAP_PLAIN(de_aam_0, 0, .mode = KERNEL, CODE(0xD4, 0x00))

/* ---- #BR: BOUND EAX, [30000h] ---- */

#define BOUND CODE(0x62, 0x05, 0x00, 0x00, 0x03, 0x00)

static void bounds(struct fixture *f, uint32_t index, uint32_t lower, uint32_t upper)
{
    f->state.gpr[REG_EAX] = index;
    put32(f, DATA_AT, lower);
    put32(f, DATA_AT + 4, upper);
}
TRAP_TEST(br_range, 5, .mode = USER, BOUND)
{
    bounds(f, 11, 0, 10);
}
TRAP_TEST(br_low, 5, .mode = KERNEL, BOUND)
{
    bounds(f, 99, 100, 200);
}
TRAP_TEST(br_high, 5, .mode = KERNEL, BOUND)
{
    bounds(f, 201, 100, 200);
}
TRAP_TEST(br_signed, 5, .mode = KERNEL, BOUND)
{
    bounds(f, 5, 0, 0xFFFFFFFF); /* above -1 */
}

/* ---- #UD ---- */

#define UD_TEST(id, ...)      TRAP_PLAIN(id, 6, .mode = KERNEL, CODE(__VA_ARGS__))
#define UD_386_TEST(id, ...)  TRAP_PLAIN(id, 6, .mode = KERNEL, .cpu = AS_I386, CODE(__VA_ARGS__))
#define UD_REAL_TEST(id, ...) TRAP_PLAIN(id, 6, .mode = REAL, .eip = CODE_AT, CODE(__VA_ARGS__))
#define DISP                  0x00, 0x00, 0x03, 0x00 /* [30000h] */

UD_TEST(ud_opcode, 0x0F, 0xFF)
UD_TEST(ud_undefined_1byte, 0xFF, 0xF8)
UD_TEST(ud_undefined_0f, 0x0F, 0x04)
UD_TEST(ud_0f0b, 0x0F, 0x0B)
UD_TEST(ud_rsm, 0x0F, 0xAA)
UD_TEST(ud_register_form, 0x8D, 0xC0)
UD_TEST(ud_lea_reg, 0x8D, 0xC1)
UD_TEST(ud_lds_reg, 0xC5, 0xC0)
UD_TEST(ud_les_reg, 0xC4, 0xC0)
UD_TEST(ud_lfs_reg, 0x0F, 0xB4, 0xC0)
UD_TEST(ud_lgs_reg, 0x0F, 0xB5, 0xC0)
UD_TEST(ud_lss_reg, 0x0F, 0xB2, 0xC0)
UD_TEST(ud_bound_reg, 0x62, 0xC0)
UD_TEST(ud_jmpfar_reg, 0xFF, 0xE8)
UD_TEST(ud_callfar_reg, 0xFF, 0xD8)
UD_TEST(ud_lgdt_reg, 0x0F, 0x01, 0xD0)
UD_TEST(ud_lidt_reg, 0x0F, 0x01, 0xD8)
UD_TEST(ud_sgdt_reg, 0x0F, 0x01, 0xC0)
UD_TEST(ud_sidt_reg, 0x0F, 0x01, 0xC8)
UD_TEST(ud_invlpg_reg, 0x0F, 0x01, 0xF8)
UD_TEST(ud_mov_cs, 0x8E, 0xC8)
UD_TEST(ud_segment_register, 0x8C, 0xF0)
UD_TEST(ud_mov_sreg6, 0x8E, 0xF0)
UD_TEST(ud_mov_sreg7, 0x8E, 0xF8)
UD_TEST(ud_control_register, 0x0F, 0x20, 0xE8)
UD_TEST(ud_mov_cr1, 0x0F, 0x22, 0xC8)
UD_386_TEST(ud_mov_cr4plus, 0x0F, 0x22, 0xE0)
UD_TEST(ud_mov_tr0, 0x0F, 0x26, 0xC0)
UD_TEST(ud_group_ff7, 0xFF, 0x38)
UD_TEST(ud_group_fe2to7, 0xFE, 0xD0)
UD_TEST(ud_pop_8f1to7, 0x8F, 0xC8)
UD_TEST(ud_mov_c6_1to7, 0xC6, 0xC8, 0x00)
UD_TEST(ud_0fba_0to3, 0x0F, 0xBA, 0xC0, 0x00)

/* LOCK: only before the listed operations, only with a memory destination (i486 PRM LOCK page). */
UD_TEST(ud_lock, 0xF0, 0x8B, 0x05, DISP)
UD_TEST(ud_lock_badop, 0xF0, 0x90)
UD_TEST(ud_lock_reg, 0xF0, 0x01, 0xC1)

/* Not recognised in real mode (80386 PRM 14.1). */
UD_REAL_TEST(ud_protected_only, 0x0F, 0x00, 0xC0)
UD_REAL_TEST(ud_pmonly_real_arpl, 0x63, 0xC0)
UD_REAL_TEST(ud_pmonly_real_lar, 0x0F, 0x02, 0xC0)
UD_REAL_TEST(ud_pmonly_real_lsl, 0x0F, 0x03, 0xC0)
UD_REAL_TEST(ud_pmonly_real_verr, 0x0F, 0x00, 0xE0)
UD_REAL_TEST(ud_pmonly_real_verw, 0x0F, 0x00, 0xE8)
UD_REAL_TEST(ud_pmonly_real_sldt, 0x0F, 0x00, 0xC0)
UD_REAL_TEST(ud_pmonly_real_str, 0x0F, 0x00, 0xC8)
UD_REAL_TEST(ud_pmonly_real_lldt, 0x0F, 0x00, 0xD0)
UD_REAL_TEST(ud_pmonly_real_ltr, 0x0F, 0x00, 0xD8)
UD_REAL_TEST(rm_ud, 0x0F, 0xFF)

/* Newer than the processor. */
UD_386_TEST(ud_level, 0x0F, 0xC8)
UD_386_TEST(ud_486only_on_386_bswap, 0x0F, 0xC9)
UD_386_TEST(ud_486only_on_386_cmpxchg, 0x0F, 0xB1, 0xC8)
UD_386_TEST(ud_486only_on_386_xadd, 0x0F, 0xC1, 0xC8)
UD_386_TEST(ud_486only_on_386_invd, 0x0F, 0x08)
UD_386_TEST(ud_486only_on_386_wbinvd, 0x0F, 0x09)
UD_386_TEST(ud_486only_on_386_invlpg, 0x0F, 0x01, 0x3D, DISP)
UD_386_TEST(ud_cpuid_off, 0x0F, 0xA2)
UD_TEST(ud_rdtsc, 0x0F, 0x31)
UD_TEST(ud_cmpxchg8b, 0x0F, 0xC7, 0x0D, DISP)

/* ---- #NM ---- */

TRAP_TEST(nm_esc, 7, .mode = USER, CODE(0xDB, 0xE3)) /* FNINIT, which does not wait */
{
    f->state.cr0 |= CR0_EM | CR0_TS;
}
TRAP_TEST(nm_esc_em, 7, .mode = KERNEL, CODE(0xD9, 0xC0))
{
    f->state.cr0 |= CR0_EM;
}
TRAP_TEST(nm_esc_ts, 7, .mode = KERNEL, CODE(0xD9, 0xC0))
{
    f->state.cr0 |= CR0_TS;
}
TRAP_TEST(nm_before_gp, 7, .mode = KERNEL, CODE(0xD9, 0x05, 0xFF, 0xFF, 0xFF, 0xFF))
{
    f->state.cr0 |= CR0_EM;
    put_segment(f, SEG_DS, SEL_DATA0, 0, 0xFFF, 0x4000 | ACC_DATA);
}
TRAP_TEST(nm_wait, 7, .mode = USER, CODE(0x9B))
{
    f->state.cr0 |= CR0_MP | CR0_TS;
}
TRAP_TEST(nm_wait_mp_ts, 7, .mode = KERNEL, CODE(0x9B))
{
    f->state.cr0 |= CR0_MP | CR0_TS | CR0_EM;
}
TRAP_TEST(rm_nm, 7, .mode = REAL, CODE(0xD9, 0xC0))
{
    f->state.cr0 |= CR0_EM;
}

/* ---- #MF: an invalid operation, not masked, before ---- */

static void pending_error(struct fixture *f)
{
    f->state.cr0 |= CR0_NE;
    f->state.fpu.control = 0x37E;
    f->state.fpu.status = 0x8081;
}
TRAP_TEST(mf_error, 16, .mode = USER, CODE(0xD9, 0xE8)) /* FLD1 */
{
    pending_error(f);
}
TRAP_TEST(mf_esc_next, 16, .mode = KERNEL, CODE(0xDD, 0x05, 0x00, 0x00, 0x03, 0x00))
{
    pending_error(f);
}
TRAP_TEST(mf_wait, 16, .mode = KERNEL, CODE(0x9B))
{
    pending_error(f);
}

/* 16-bit BOUND AX, [100h] */
TRAP_TEST(rm_bound, 5, .mode = REAL, CODE(0x62, 0x06, 0x00, 0x01))
{
    put16(f, DATA_AT + 0x100, 0x2000);
    put16(f, DATA_AT + 0x102, 0x3000);
}
