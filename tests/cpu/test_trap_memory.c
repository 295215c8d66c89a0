/* Memory operands against limits, rights and alignment (80386 PRM 6.3.1; i486 PRM 9.9.17).
 * Every test leaves all registers as they were: the instructions are restartable.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#define ATTR_DATA32 (0x4000u | ACC_DATA)
#define ATTR_CODE32 (0x4000u | ACC_CODE)
#define SMALL_LIMIT 0xFFFu

/* MOV EAX, [moffs32] and MOV [moffs32], EAX straddling the end of a 4 KiB segment. */
#define READ_AT_FFD  0xA1, 0xFD, 0x0F, 0x00, 0x00
#define WRITE_AT_FFD 0xA3, 0xFD, 0x0F, 0x00, 0x00

static void small(struct fixture *f, enum segment segment)
{
    put_segment(f, segment, SEL_DATA0, DATA_AT, SMALL_LIMIT, ATTR_DATA32);
}

#define SMALL_TEST(id, segment, ...)                                                               \
    TRAP_TEST(id, 13, .mode = KERNEL, CODE(__VA_ARGS__), .error = 0)                               \
    {                                                                                              \
        small(f, segment);                                                                         \
    }
SMALL_TEST(gp_limit_read, SEG_DS, READ_AT_FFD)
SMALL_TEST(gp_limit_write, SEG_DS, WRITE_AT_FFD)
SMALL_TEST(gp_limit_ds, SEG_DS, 0x8A, 0x05, 0x00, 0x10, 0x00, 0x00) /* byte at limit + 1 */
SMALL_TEST(gp_limit_es, SEG_ES, 0x26, READ_AT_FFD)
SMALL_TEST(gp_limit_fs, SEG_FS, 0x64, READ_AT_FFD)
SMALL_TEST(gp_limit_gs, SEG_GS, 0x65, READ_AT_FFD)
SMALL_TEST(gp_limit_write_word_straddle, SEG_DS, 0x66, 0xA3, 0xFF, 0x0F, 0x00, 0x00)
SMALL_TEST(gp_limit_rmw_dword_straddle, SEG_DS, 0x01, 0x05, 0xFD, 0x0F, 0x00, 0x00)
TRAP_TEST(gp_limit_cs, 13, .mode = KERNEL, CODE(0x2E, 0xA1, 0xFD, 0xFF, 0x01, 0x00), .error = 0)
{
    put_segment(f, SEG_CS, SEL_CODE0, 0, 0x1FFFF, ATTR_CODE32);
}

/* MOVS writes through ES whatever the prefix says. */
TRAP_TEST(gp_movs_es_noovr, 13, .mode = KERNEL, CODE(0x64, 0xA4), .error = 0)
{
    small(f, SEG_ES);
    f->state.gpr[REG_ESI] = DATA_AT;
    f->state.gpr[REG_EDI] = SMALL_LIMIT + 1;
}

/* Expand-down: offsets up to the limit are outside. */
TRAP_TEST(gp_expand_down_in, 13, .mode = KERNEL, CODE(0xA1, 0x00, 0x08, 0x00, 0x00), .error = 0)
{
    put_segment(f, SEG_DS, SEL_DATA0, 0, SMALL_LIMIT, 0x4000 | ACC_DATA | ATTR_EXPAND_DOWN);
}
/* B = 0: the top is FFFFh. */
TRAP_TEST(gp_expand_down_b32, 13, .mode = KERNEL, CODE(0xA1, 0xFE, 0xFF, 0x00, 0x00), .error = 0)
{
    put_segment(f, SEG_DS, SEL_DATA0, 0, SMALL_LIMIT, ACC_DATA | ATTR_EXPAND_DOWN);
}
/* MOV EAX, [BX+7Fh]: wraps to 6Fh, which is below the expand-down limit; 1006Fh would not be. */
TRAP_TEST(wrap_a16, 13, .mode = KERNEL, CODE(0x67, 0x8B, 0x47, 0x7F), .error = 0)
{
    f->state.gpr[REG_EBX] = 0xFFF0;
    put_segment(f, SEG_DS, SEL_DATA0, 0, SMALL_LIMIT, 0x4000 | ACC_DATA | ATTR_EXPAND_DOWN);
}

/* ---- rights ---- */

TRAP_TEST(gp_write_read_only, 13, .mode = KERNEL, CODE(0xA3, 0x00, 0x00, 0x03, 0x00), .error = 0)
{
    put_segment(f, SEG_DS, SEL_DATA0, 0, 0xFFFFFFFF, 0xC091);
}
TRAP_PLAIN(gp_write_code, 13, .mode = KERNEL, CODE(0x2E, 0xA3, 0x00, 0x00, 0x03, 0x00), .error = 0)
TRAP_TEST(gp_read_execute_only, 13, .mode = KERNEL, CODE(0x2E, 0xA1, 0x00, 0x00, 0x03, 0x00),
          .error = 0)
{
    put_segment(f, SEG_CS, SEL_CODE0, 0, 0xFFFFFFFF, 0xC099);
}
TRAP_TEST(gp_use_null, 13, .mode = USER, CODE(0xA1, 0x00, 0x00, 0x03, 0x00), .error = 0)
{
    put_segment(f, SEG_DS, 0, 0, 0, 0);
}
TRAP_TEST(gp_null_ds, 13, .mode = KERNEL, CODE(0xA2, 0x00, 0x00, 0x03, 0x00), .error = 0)
{
    put_segment(f, SEG_DS, 3, 0, 0, 0);
}

/* ---- code ---- */

static void end_code_at(struct fixture *f, uint32_t limit)
{
    put_segment(f, SEG_CS, SEL_CODE0, 0, limit, ATTR_CODE32);
}
TRAP_TEST(gp_fetch_limit, 13, .mode = KERNEL, CODE(0xB8, 1, 2, 3, 4), .error = 0)
{
    end_code_at(f, CODE_AT + 3);
}
#define PREFIXES_14                                                                                \
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66
TRAP_PLAIN(gp_instruction_length, 13, .mode = KERNEL, CODE(PREFIXES_14, 0x66, 0x90), .error = 0)
TRAP_PLAIN(gp_ilen_15, 13, .mode = USER, CODE(PREFIXES_14, 0xB0, 0x01), .error = 0)
TRAP_TEST(gp_branch_limit, 13, .mode = KERNEL, CODE(0xE9, 0x00, 0x00, 0x01, 0x00), .error = 0)
{
    end_code_at(f, 0x1FFFF);
}
TRAP_TEST(gp_jcc_limit, 13, .mode = KERNEL, CODE(0x0F, 0x84, 0x00, 0x00, 0x01, 0x00), .error = 0)
{
    end_code_at(f, 0x1FFFF);
    f->state.eflags |= EFLAGS_ZF;
}
TRAP_TEST(gp_near_ret_limit, 13, .mode = KERNEL, CODE(0xC3), .error = 0)
{
    end_code_at(f, 0x1FFFF);
    put32(f, STACK_TOP, 0x20000);
}

/* ---- stack: at ring 3, so that the fault finds another one ---- */

static void user_stack(struct fixture *f, uint32_t esp)
{
    put_segment(f, SEG_SS, SEL_DATA3, 0x8000, SMALL_LIMIT, ATTR_DATA32 | ACC_DPL(3));
    f->state.gpr[REG_ESP] = esp;
}
#define STACK_TEST(id, esp, ...)                                                                   \
    TRAP_TEST(id, 12, .mode = USER, CODE(__VA_ARGS__), .error = 0)                                 \
    {                                                                                              \
        user_stack(f, esp);                                                                        \
    }
STACK_TEST(ss_limit, 0x800, 0x36, READ_AT_FFD)
STACK_TEST(ss_limit_ss, 0x800, 0x36, WRITE_AT_FFD)
STACK_TEST(ss_push_limit, 0x000, 0x50)
STACK_TEST(ss_pop_limit, 0xFFE, 0x58)
STACK_TEST(ss_enter, 0x002, 0xC8, 0x10, 0x00, 0x00)
STACK_TEST(ss_pusha, 0x01C, 0x60)
STACK_TEST(ss_popa, 0xFE4, 0x61)
TRAP_TEST(ss_limit_bp, 12, .mode = USER, CODE(0x8B, 0x45, 0x00), .error = 0)
{
    user_stack(f, 0x800);
    f->state.gpr[REG_EBP] = SMALL_LIMIT - 1;
}
TRAP_TEST(ss_leave, 12, .mode = USER, CODE(0xC9), .error = 0)
{
    user_stack(f, 0x800);
    f->state.gpr[REG_EBP] = SMALL_LIMIT - 1;
}

/* ---- alignment ---- */

static void check_alignment(struct fixture *f)
{
    f->state.cr0 |= CR0_AM;
    f->state.eflags |= EFLAGS_AC;
}
TRAP_TEST(ac_misaligned, 17, .mode = USER, CODE(0xA1, 0x01, 0x00, 0x03, 0x00), .error = 0)
{
    check_alignment(f);
}
TRAP_TEST(ac_on, 17, .mode = USER, CODE(0x66, 0xA3, 0x01, 0x00, 0x03, 0x00), .error = 0)
{
    check_alignment(f);
}
TRAP_TEST(ac_push_misaligned, 17, .mode = USER, CODE(0x50), .error = 0)
{
    check_alignment(f);
    f->state.gpr[REG_ESP] = STACK_TOP + 1;
}

/* ---- real mode ---- */

TRAP_PLAIN(rm_wrap_data, 13, .mode = REAL, CODE(0xA1, 0xFF, 0xFF))
TRAP_TEST(rm_wrap_stack, 12, .mode = REAL, CODE(0x58))
{
    f->state.gpr[REG_ESP] = 0xFFFF;
}
TRAP_TEST(rm_fetch_ffff, 13, .mode = REAL, .eip = 0xFFFF, .alone = 1)
{
    f->state.eip = 0xFFFF;
    put8(f, 0x1FFFF, 0xB8);
}
TRAP_PLAIN(rm_32bit_offset_64k, 13, .mode = REAL, CODE(0x67, 0xA1, 0x00, 0x00, 0x01, 0x00))
