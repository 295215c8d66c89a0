/* Instructions of CPL 0, of IOPL, and ports behind the I/O permission map (80386 PRM 6.3.5, 8.3).
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#define DISP 0x00, 0x00, 0x03, 0x00 /* [30000h] */

#define CPL_TEST(id, ...) TRAP_PLAIN(id, 13, .mode = USER, CODE(__VA_ARGS__), .error = 0)
CPL_TEST(gp_cpl, 0xF4)
CPL_TEST(gp_cpl_hlt_cpl3, 0xF4)
CPL_TEST(gp_cpl_clts_cpl3, 0x0F, 0x06)
CPL_TEST(gp_cpl_lmsw_cpl3, 0x0F, 0x01, 0xF0)
CPL_TEST(gp_cpl_lgdt_cpl3, 0x0F, 0x01, 0x15, DISP)
CPL_TEST(gp_cpl_lidt_cpl3, 0x0F, 0x01, 0x1D, DISP)
CPL_TEST(gp_cpl_mov_cr_w_cpl3, 0x0F, 0x22, 0xC0)
CPL_TEST(gp_cpl_mov_cr_r_cpl3, 0x0F, 0x20, 0xC0)
CPL_TEST(gp_cpl_mov_dr_w_cpl3, 0x0F, 0x23, 0xC0)
CPL_TEST(gp_cpl_mov_dr_r_cpl3, 0x0F, 0x21, 0xC0)
CPL_TEST(gp_cpl_mov_tr_cpl3, 0x0F, 0x26, 0xF0)
CPL_TEST(gp_cpl_invd_cpl3, 0x0F, 0x08)
CPL_TEST(gp_cpl_wbinvd_cpl3, 0x0F, 0x09)
CPL_TEST(gp_cpl_invlpg_cpl3, 0x0F, 0x01, 0x3D, DISP)
CPL_TEST(gp_cpl_lldt, 0x0F, 0x00, 0xD0)
CPL_TEST(gp_cpl_ltr, 0x0F, 0x00, 0xD8)
TRAP_TEST(priv_before_mem, 13, .mode = USER, CODE(0x0F, 0x01, 0x15, 0xFF, 0xFF, 0xFF, 0xFF),
          .error = 0)
{
    put_segment(f, SEG_DS, 0, 0, 0, 0);
}

CPL_TEST(gp_iopl, 0xFA)
CPL_TEST(gp_iopl_cli_pm, 0xFA)
CPL_TEST(gp_iopl_sti_pm, 0xFB)

/* ---- ports ---- */

#define MAP_AT 0x68u /* the map begins behind the fixed part of the TSS */

/* A map of `bytes` bytes, all ports allowed, and the byte of ones behind it. */
static void allow_ports(struct fixture *f, uint32_t bytes)
{
    put16(f, TSS_AT + 0x66, MAP_AT);
    memset(f->ram + TSS_AT + MAP_AT, 0, bytes);
    put8(f, TSS_AT + MAP_AT + bytes, 0xFF);
    f->state.tr.limit = MAP_AT + bytes;
}
static void deny_port(struct fixture *f, uint32_t port)
{
    f->ram[TSS_AT + MAP_AT + port / 8] |= (uint8_t)(1u << (port & 7));
}

#define DENY_TEST(id, port, ...)                                                                   \
    TRAP_TEST(id, 13, .mode = USER, CODE(__VA_ARGS__), .error = 0)                                 \
    {                                                                                              \
        allow_ports(f, 32);                                                                        \
        deny_port(f, port);                                                                        \
        f->state.gpr[REG_EDX] = port;                                                              \
    }
DENY_TEST(gp_io_bitmap, 0x60, 0xEC)
DENY_TEST(gp_io_in_deny, 0x60, 0xE4, 0x60)
DENY_TEST(gp_io_out_deny, 0x60, 0xE6, 0x60)
DENY_TEST(gp_io_ins_deny, 0x60, 0x6C)
DENY_TEST(gp_io_outs_deny, 0x60, 0x6E)
DENY_TEST(iobm_word_straddle, 0x08, 0x66, 0xE5, 0x07) /* IN AX, 7: ports 7 and 8 */
DENY_TEST(iobm_dword_4bits, 0x07, 0xE5, 0x04)         /* IN EAX, 4: ports 4 to 7 */

/* The byte of the port lies behind the limit. */
TRAP_TEST(iobm_beyond_limit, 13, .mode = USER, CODE(0xE4, 0x60), .error = 0)
{
    allow_ports(f, 8);
}
/* So does the whole map. */
TRAP_TEST(iobm_base_beyond, 13, .mode = USER, CODE(0xE4, 0x00), .error = 0)
{
    put16(f, TSS_AT + 0x66, 0xFFF0);
}
/* Two bytes are read: the byte behind the last one of the map must be there too. */
TRAP_TEST(iobm_lastbyte, 13, .mode = USER, CODE(0xE4, 0x3F), .error = 0)
{
    allow_ports(f, 8);
    f->state.tr.limit = MAP_AT + 7;
}
TRAP_TEST(iobm_286tss, 13, .mode = USER, CODE(0xE4, 0x60), .error = 0)
{
    f->state.tr.base = TSS16_AT;
    f->state.tr.attributes = 0x83;
    f->state.tr.limit = 0x2000;
    put16(f, TSS16_AT + 2, RING0_TOP);
    put16(f, TSS16_AT + 4, SEL_DATA0);
}
/* INS with a bad destination: the port comes first. */
TRAP_TEST(iobm_before_mem, 13, .mode = USER, CODE(0x6C), .error = 0)
{
    put_segment(f, SEG_ES, 0, 0, 0, 0);
}
/* The page of the map that the port needs is missing: 1000h bytes behind the base of the TSS. */
TRAP_TEST(iobm_pf, 14, .mode = USER_PAGED, CODE(0xEC), .error = 0, .cr2 = 0x201000)
{
    put32(f, TABLE_AT + 0x200 * 4, 0x50000 | 0x67);
    put_page(f, 0x201000, 0);
    memcpy(f->ram + 0x50000, f->ram + TSS_AT, TSS_LIMIT + 1);
    f->state.tr.base = 0x200000;
    f->state.tr.limit = 0x2000;
    f->state.gpr[REG_EDX] = (0x1000 - 0x68) * 8;
}
