/* The decoder, rule by rule. Machine code is written out; see 80386 PRM chapter 17.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/cpu_state.h"
#include "cpu/decode.h"
#include "cpu/isa.h"
#include "cpu/trap.h"

#define CODE16 (BLOCK_KEY_PE)
#define CODE32 (BLOCK_KEY_PE | BLOCK_KEY_CODE32 | BLOCK_KEY_STACK32)
#define REAL   0u
#define V86    (BLOCK_KEY_PE | BLOCK_KEY_VM | BLOCK_KEY_CPL)
#define CPL3   BLOCK_KEY_CPL

static struct decoded out;

static enum decode_result decode_at(enum cpu_level level, enum cpu_timing timing, uint32_t key,
                                    const uint8_t *bytes, uint32_t count)
{
    const struct cpu_config config = {.level = level, .timing = timing, .block_limit = 64};
    return decode_instruction(bytes, count, key, &config, &out);
}

#define BYTES(...)       ((const uint8_t[]){__VA_ARGS__})
#define DECODE(key, ...) DECODE_AT(CPU_I686, TIMING_I486, key, __VA_ARGS__)
#define DECODE_AT(level, timing, key, ...)                                                         \
    assert_int_equal(decode_at(level, timing, key, BYTES(__VA_ARGS__), sizeof BYTES(__VA_ARGS__)), \
                     DECODE_OK)
#define RAISES(path, key, ...) RAISES_AT(CPU_I686, path, key, __VA_ARGS__)
#define RAISES_AT(level, path, key, ...)                                                           \
    do {                                                                                           \
        DECODE_AT(level, TIMING_I486, key, __VA_ARGS__);                                           \
        assert_int_equal(out.raises, 1);                                                           \
        assert_int_equal(out.uop.handler_id, H_raise);                                             \
        assert_int_equal(out.uop.imm, path);                                                       \
    } while (0)
#define HANDLER(id) assert_int_equal(out.uop.handler_id, id)

/* ---- prefixes (80386 PRM 17.1, 17.2.1) ---- */
static void test_decode_last_segment_override_wins(void **state)
{
    (void)state;
    DECODE(CODE32, 0x26, 0x65, 0x36, 0x8B, 0x03); /* es gs ss mov eax, [ebx] */

    assert_int_equal(out.uop.segment, SEG_SS);
    assert_int_equal(out.uop.length, 5);
    assert_int_equal(out.prefix_bytes, 3);
}

static void test_decode_override_beats_the_default_stack_segment(void **state)
{
    (void)state;
    DECODE(CODE32, 0x8B, 0x45, 0x08); /* mov eax, [ebp+8] */
    assert_int_equal(out.uop.segment, SEG_SS);

    DECODE(CODE32, 0x3E, 0x8B, 0x45, 0x08);
    assert_int_equal(out.uop.segment, SEG_DS);
}

static void test_decode_last_of_rep_and_repne_wins(void **state)
{
    (void)state;
    DECODE(CODE32, 0xF3, 0xF2, 0xAE); /* repne scasb */
    HANDLER(H_rep_scasb);
    assert_int_equal(out.uop.flags & (UOP_REP | UOP_REPNE), UOP_REPNE);

    DECODE(CODE32, 0xF2, 0xF3, 0xAE);
    assert_int_equal(out.uop.flags & (UOP_REP | UOP_REPNE), UOP_REP);
}

static void test_decode_rep_before_other_instructions_is_ignored(void **state)
{
    (void)state;
    DECODE(CODE32, 0xF3, 0x90); /* PAUSE */
    HANDLER(H_nop);
    DECODE(CODE32, 0xF3, 0x0F, 0xBC, 0xC1); /* TZCNT of later parts: BSF here */
    HANDLER(H_bsf_gv_ev_r32);
    DECODE(CODE32, 0xF3, 0x0F, 0x1E, 0xFB); /* ENDBR32 */
    HANDLER(H_nop);
    DECODE(CODE32, 0xF3, 0xC3);
    HANDLER(H_ret_32);
}

static void test_decode_repeated_size_prefixes_do_not_toggle(void **state)
{
    (void)state;
    DECODE(CODE32, 0x66, 0x66, 0xB8, 0x34, 0x12); /* mov ax, 1234h */
    HANDLER(H_mov_ev_iz_r16);
    assert_int_equal(out.uop.imm, 0x1234);

    DECODE(CODE16, 0x66, 0x66, 0xB8, 0x78, 0x56, 0x34, 0x12);
    HANDLER(H_mov_ev_iz_r32);
    assert_int_equal(out.uop.imm, 0x12345678);
}

static void test_decode_address_size_prefix_changes_the_form(void **state)
{
    (void)state;
    DECODE(CODE32, 0x67, 0x8B, 0x42, 0xFE); /* mov eax, [bp+si-2] */
    assert_int_equal(out.uop.base, REG_EBP);
    assert_int_equal(out.uop.index, REG_ESI);
    assert_int_equal(out.uop.disp, 0xFFFFFFFE);
    assert_int_equal(out.uop.segment, SEG_SS);
    assert_int_equal(out.uop.flags, UOP_ADDRESS16 | UOP_MEMORY | UOP_CODE32);

    DECODE(CODE16, 0x67, 0x66, 0x8B, 0x44, 0x8B, 0x10); /* mov eax, [ebx+ecx*4+10h] */
    HANDLER(H_mov_gv_ev_m32);
    assert_int_equal(out.uop.base, REG_EBX);
    assert_int_equal(out.uop.index, REG_ECX);
    assert_int_equal(out.uop.scale, 2);
    assert_int_equal(out.uop.flags, UOP_MEMORY);
}

static void test_decode_lock_needs_a_memory_destination(void **state)
{
    (void)state;
    DECODE(CODE32, 0xF0, 0x01, 0x03); /* lock add [ebx], eax */
    HANDLER(H_add_ev_gv_m32);
    assert_int_equal(out.uop.flags & UOP_LOCK, UOP_LOCK);
    assert_int_equal(out.careful, 0);

    RAISES(PATH_ud_lock, CODE32, 0xF0, 0x01, 0xC3); /* register */
    RAISES(PATH_ud_lock, CODE32, 0xF0, 0x03, 0x03); /* memory is the source */
    RAISES(PATH_ud_lock, CODE32, 0xF0, 0x39, 0x03); /* CMP writes nothing */
    RAISES(PATH_ud_lock, CODE32, 0xF0, 0x90);
    DECODE(CODE32, 0xF0, 0x0F, 0xC7, 0x0B); /* lock cmpxchg8b [ebx] */
    HANDLER(H_cmpxchg8b_mq_m);
}

/* ---- length (80386 PRM 9.8.13: more than 15 bytes is #GP(0)) ---- */
static void test_decode_fifteen_bytes_are_allowed_sixteen_are_not(void **state)
{
    (void)state;
    uint8_t bytes[16];
    memset(bytes, 0x2E, sizeof bytes);

    bytes[14] = 0x90;
    assert_int_equal(decode_at(CPU_I686, TIMING_I486, CODE32, bytes, 16), DECODE_OK);
    HANDLER(H_nop);
    assert_int_equal(out.uop.length, 15);

    bytes[14] = 0x2E;
    bytes[15] = 0x90;
    assert_int_equal(decode_at(CPU_I686, TIMING_I486, CODE32, bytes, 16), DECODE_OK);
    assert_int_equal(out.raises, 1);
    assert_int_equal(out.uop.imm, PATH_gp_instruction_length);
}

static void test_decode_immediate_beyond_fifteen_bytes_is_too_long(void **state)
{
    (void)state;
    uint8_t bytes[16];
    memset(bytes, 0x66, sizeof bytes);
    bytes[12] = 0x68; /* push iw needs bytes 13 and 14 */
    assert_int_equal(decode_at(CPU_I686, TIMING_I486, CODE32, bytes, 15), DECODE_OK);
    HANDLER(H_push_iz_16);

    memmove(bytes + 1, bytes, 15);
    assert_int_equal(decode_at(CPU_I686, TIMING_I486, CODE32, bytes, 16), DECODE_OK);
    assert_int_equal(out.uop.imm, PATH_gp_instruction_length);
}

static void test_decode_asks_for_more_until_the_last_byte_is_there(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x2E, 0x66, 0x81, 0x84, 0x8B, 4, 3, 2, 1, 0x34, 0x12};

    for (uint32_t count = 0; count < sizeof bytes; count++) {
        assert_int_equal(decode_at(CPU_I686, TIMING_I486, CODE32, bytes, count), DECODE_MORE);
    }

    DECODE(CODE32, 0x2E, 0x66, 0x81, 0x84, 0x8B, 4, 3, 2, 1, 0x34, 0x12);
    HANDLER(H_add_ev_iz_m16);
    assert_int_equal(out.uop.length, 11);
    assert_int_equal(out.uop.disp, 0x01020304);
    assert_int_equal(out.uop.imm, 0x1234);
}

static void test_decode_undefined_opcode_needs_no_byte_behind_it(void **state)
{
    (void)state;
    RAISES(PATH_ud_opcode, CODE32, 0x0F, 0xFF); /* no ModR/M byte is fetched */
    RAISES(PATH_ud_opcode, CODE32, 0x0F, 0x04);
    RAISES(PATH_ud_opcode, CODE32, 0x0F, 0x0B);
    RAISES(PATH_ud_opcode, CODE32, 0xFF, 0x3D); /* FF /7: the ModR/M byte decides */
    RAISES(PATH_ud_opcode, CODE32, 0xFE, 0xD0);
    RAISES(PATH_ud_opcode, CODE32, 0x8F, 0x08);
    RAISES(PATH_ud_opcode, CODE32, 0xC6, 0x4B);
    RAISES(PATH_ud_opcode, CODE32, 0x0F, 0xBA, 0xC0);
}

/* ---- operands ---- */
static void test_decode_byte_registers_are_byte_offsets(void **state)
{
    (void)state;
    DECODE(CODE32, 0x88, 0xE3); /* mov bl, ah */
    HANDLER(H_mov_eb_gb_r8);
    assert_int_equal(out.uop.dst, 12); /* BL */
    assert_int_equal(out.uop.src, 1);  /* AH */

    DECODE(CODE32, 0x8A, 0xFA); /* mov bh, dl */
    assert_int_equal(out.uop.dst, 13);
    assert_int_equal(out.uop.src, 8);

    DECODE(CODE32, 0x0F, 0xB6, 0xF7); /* movzx esi, bh */
    assert_int_equal(out.uop.dst, REG_ESI);
    assert_int_equal(out.uop.src, 13);
}

static void test_decode_accumulator_forms_name_the_accumulator(void **state)
{
    (void)state;
    DECODE(CODE32, 0x2C, 0x80); /* sub al, 80h */
    HANDLER(H_sub_eb_ib_r8);
    assert_int_equal(out.uop.dst, 0);
    assert_int_equal(out.uop.imm, 0x80);

    DECODE(CODE32, 0xA3, 0x44, 0x33, 0x22, 0x11); /* mov [11223344h], eax */
    HANDLER(H_mov_ev_gv_m32);
    assert_int_equal(out.uop.src, REG_EAX);
    assert_int_equal(out.uop.base, REG_NONE);
    assert_int_equal(out.uop.disp, 0x11223344);
    assert_int_equal(out.uop.flags, UOP_MEMORY | UOP_CODE32);

    DECODE(CODE32, 0x64, 0x67, 0xA0, 0x34, 0x12); /* mov al, fs:[1234h] */
    HANDLER(H_mov_gb_eb_m8);
    assert_int_equal(out.uop.segment, SEG_FS);
    assert_int_equal(out.uop.disp, 0x1234);
}

static void test_decode_byte_immediates_extend_to_the_operand_size(void **state)
{
    (void)state;
    DECODE(CODE32, 0x83, 0xC0, 0xFF); /* add eax, -1 */
    HANDLER(H_add_ev_iz_r32);
    assert_int_equal(out.uop.imm, 0xFFFFFFFF);

    DECODE(CODE16, 0x83, 0xC0, 0xFF); /* add ax, -1: as if written with a word */
    HANDLER(H_add_ev_iz_r16);
    assert_int_equal(out.uop.imm, 0xFFFF);

    DECODE(CODE32, 0x6B, 0x47, 0x04, 0x80); /* imul eax, [edi+4], -128 */
    HANDLER(H_imul_gv_ev_iz_m32);
    assert_int_equal(out.uop.imm, 0xFFFFFF80);
    assert_int_equal(out.uop.disp, 4);
}

static void test_decode_shift_by_one_has_the_count_as_immediate(void **state)
{
    (void)state;
    DECODE(CODE32, 0xD1, 0xE3); /* shl ebx, 1 */
    HANDLER(H_shl_ev_ib_r32);
    assert_int_equal(out.uop.imm, 1);
    DECODE(CODE32, 0xC0, 0xF1, 0x07); /* /6 is /4 */
    HANDLER(H_shl_eb_ib_r8);
}

static void test_decode_sib_without_base_or_index(void **state)
{
    (void)state;
    DECODE(CODE32, 0x8B, 0x04, 0x24); /* mov eax, [esp] */
    assert_int_equal(out.uop.base, REG_ESP);
    assert_int_equal(out.uop.index, REG_NONE);
    assert_int_equal(out.uop.segment, SEG_SS);

    DECODE(CODE32, 0x8B, 0x04, 0xCD, 0x10, 0, 0, 0); /* mov eax, [ecx*8+10h] */
    assert_int_equal(out.uop.base, REG_NONE);
    assert_int_equal(out.uop.index, REG_ECX);
    assert_int_equal(out.uop.scale, 3);
    assert_int_equal(out.uop.segment, SEG_DS);

    DECODE(CODE32, 0x8B, 0x05, 0x10, 0, 0, 0); /* mov eax, [10h] */
    assert_int_equal(out.uop.base, REG_NONE);
    assert_int_equal(out.uop.disp, 0x10);
}

static void test_decode_two_immediates_and_far_pointers(void **state)
{
    (void)state;
    DECODE(CODE32, 0xC8, 0x20, 0x01, 0x03); /* enter 120h, 3 */
    HANDLER(H_enter_iw_ib_32);
    assert_int_equal(out.uop.imm, 0x120);
    assert_int_equal(out.uop.disp, 3);

    DECODE(CODE32, 0xEA, 0x78, 0x56, 0x34, 0x12, 0x08, 0x00);
    HANDLER(H_jmpf_ap_32);
    assert_int_equal(out.uop.imm, 0x12345678);
    assert_int_equal(out.uop.disp, 8);

    DECODE(CODE16, 0x9A, 0x34, 0x12, 0x00, 0xF0);
    HANDLER(H_callf_ap_16);
    assert_int_equal(out.uop.imm, 0x1234);
    assert_int_equal(out.uop.disp, 0xF000);
}

static void test_decode_branches_have_the_distance_from_their_end(void **state)
{
    (void)state;
    DECODE(CODE32, 0x75, 0xFE);
    HANDLER(H_jne_jz_32);
    assert_int_equal(out.uop.imm, 0xFFFFFFFE);
    assert_int_equal(out.is_branch, 1);
    assert_int_equal(out.ends_block, 1);
    assert_int_equal(out.uop.src, 2); /* clocks more if taken */

    DECODE(CODE16, 0xE8, 0x00, 0x80);
    HANDLER(H_call_jz_16);
    assert_int_equal(out.uop.imm, 0xFFFF8000);

    DECODE(CODE32, 0xFF, 0xE0); /* jmp eax: no links behind it */
    assert_int_equal(out.is_branch, 0);
    assert_int_equal(out.ends_block, 1);
}

static void test_decode_ports_and_their_registers(void **state)
{
    (void)state;
    DECODE(CODE32, 0xE4, 0x60); /* in al, 60h */
    assert_int_equal(out.uop.imm, 0x60);
    assert_int_equal(out.uop.dst, 0);
    DECODE(CODE32, 0xEE); /* out dx, al */
    HANDLER(H_out_dx_al);
    assert_int_equal(out.uop.dst, REG_EDX);
    assert_int_equal(out.uop.src, 0);
}

static void test_decode_strings_have_the_source_segment(void **state)
{
    (void)state;
    DECODE(CODE32, 0xA5);
    HANDLER(H_movsv_32);
    assert_int_equal(out.uop.segment, SEG_DS);
    assert_int_equal(out.careful, 0);
    DECODE(CODE32, 0x65, 0xF3, 0xA4);
    HANDLER(H_rep_movsb);
    assert_int_equal(out.uop.segment, SEG_GS);
    DECODE(CODE32, 0x67, 0x66, 0xAB); /* stosw with DI */
    HANDLER(H_stosv_16);
    assert_int_equal(out.narrow, 1);
}

/* ---- registers of other kinds ---- */
static void test_decode_segment_registers_that_do_not_exist(void **state)
{
    (void)state;
    DECODE(CODE32, 0x8E, 0xD8); /* mov ds, ax */
    HANDLER(H_mov_sw_ew_r16);
    assert_int_equal(out.uop.dst, SEG_DS);
    assert_int_equal(out.ends_block, 0);
    DECODE(CODE32, 0x8E, 0xD0); /* mov ss, ax */
    assert_int_equal(out.ends_block, 1);
    DECODE(CODE32, 0x8C, 0xC8); /* mov eax, cs */
    HANDLER(H_mov_ew_sw_r32);
    assert_int_equal(out.uop.src, SEG_CS);

    RAISES(PATH_ud_mov_cs, CODE32, 0x8E, 0xC8);
    RAISES(PATH_ud_segment_register, CODE32, 0x8E, 0xF0);
    RAISES(PATH_ud_segment_register, CODE32, 0x8C, 0x38);
}

static void test_decode_control_and_debug_moves_ignore_mod(void **state)
{
    (void)state;
    DECODE(CODE32, 0x0F, 0x22, 0x03); /* mov cr0, ebx with mod 0 */
    HANDLER(H_mov_cd_rd);
    assert_int_equal(out.uop.length, 3);
    assert_int_equal(out.uop.dst, 0);
    assert_int_equal(out.uop.src, REG_EBX);
    assert_int_equal(out.ends_block, 1);
    DECODE(CODE32, 0x0F, 0x21, 0x2C); /* DR5 is DR7 */
    assert_int_equal(out.uop.length, 3);
    assert_int_equal(out.uop.src, 5);

    RAISES(PATH_ud_control_register, CODE32, 0x0F, 0x20, 0xC8);              /* CR1 */
    RAISES(PATH_ud_control_register, CODE32, 0x0F, 0x22, 0xE8);              /* CR5 */
    RAISES_AT(CPU_I486, PATH_ud_control_register, CODE32, 0x0F, 0x20, 0xE0); /* CR4 */
    DECODE(CODE32, 0x0F, 0x20, 0xE0);
    HANDLER(H_mov_rd_cd);
}

static void test_decode_test_registers_by_processor(void **state)
{
    (void)state;
    DECODE_AT(CPU_I386, TIMING_I386, CODE32, 0x0F, 0x24, 0xF0); /* mov eax, tr6 */
    HANDLER(H_mov_rd_td);
    RAISES_AT(CPU_I386, PATH_ud_control_register, CODE32, 0x0F, 0x24, 0xD8); /* TR3: cache */
    DECODE_AT(CPU_I486, TIMING_I486, CODE32, 0x0F, 0x24, 0xD8);
    HANDLER(H_mov_rd_td);
    RAISES_AT(CPU_I586, PATH_ud_level, CODE32, 0x0F, 0x24, 0xF0);
}

/* ---- levels, privilege, their order ---- */
static void test_decode_instructions_newer_than_the_processor(void **state)
{
    (void)state;
    RAISES_AT(CPU_I386, PATH_ud_level, CODE32, 0x0F, 0xC8);       /* BSWAP */
    RAISES_AT(CPU_I386, PATH_ud_level, CODE32, 0x0F, 0xC1, 0xC3); /* XADD */
    RAISES_AT(CPU_I386, PATH_ud_level, CODE32, 0x0F, 0xB1, 0x0B); /* CMPXCHG */
    RAISES_AT(CPU_I386, PATH_ud_level, CODE32, 0x0F, 0x01, 0x3B); /* INVLPG */
    RAISES_AT(CPU_I386, PATH_ud_level, CODE32, 0x0F, 0x08);       /* INVD */
    RAISES_AT(CPU_I386, PATH_ud_level, CODE32, 0x0F, 0x09);       /* WBINVD */
    RAISES_AT(CPU_I386, PATH_ud_level, CODE32, 0x0F, 0xA2);       /* CPUID */
    RAISES_AT(CPU_I486, PATH_ud_level, CODE32, 0x0F, 0x31);       /* RDTSC */
    RAISES_AT(CPU_I486, PATH_ud_level, CODE32, 0x0F, 0xC7, 0x0B); /* CMPXCHG8B */
    RAISES_AT(CPU_I586, PATH_ud_level, CODE32, 0x0F, 0x44, 0xC3); /* CMOVE */
    RAISES_AT(CPU_I586, PATH_ud_level, CODE32, 0x0F, 0x1F, 0x00); /* hint NOP */
    DECODE(CODE32, 0x0F, 0x44, 0xC3);
    HANDLER(H_cmove_gv_ev_r32);
}

static void test_decode_privileged_instructions_outside_cpl_0(void **state)
{
    (void)state;
    RAISES(PATH_gp_cpl, CODE32 | CPL3, 0xF4);
    RAISES(PATH_gp_cpl, CODE32 | 0x10u, 0xF4); /* CPL 1 */
    RAISES(PATH_gp_cpl, V86, 0x0F, 0x06);
    RAISES(PATH_gp_cpl, CODE32 | CPL3, 0x0F, 0x01, 0x13);
    DECODE(REAL, 0xF4);
    HANDLER(H_hlt);
    DECODE(CODE32 | CPL3, 0xFA); /* CLI: the body looks at IOPL */
    HANDLER(H_cli);
}

static void test_decode_protected_mode_only_is_undefined_elsewhere(void **state)
{
    (void)state;
    RAISES(PATH_ud_protected_only, REAL, 0x63, 0xC3);      /* ARPL */
    RAISES(PATH_ud_protected_only, V86, 0x0F, 0x02, 0xC3); /* LAR */
    RAISES(PATH_ud_protected_only, V86, 0x0F, 0x00, 0xD3); /* LLDT: before its CPL */
    RAISES(PATH_gp_cpl, CODE32 | CPL3, 0x0F, 0x00, 0xD3);  /* LLDT */
    DECODE(CODE32 | CPL3, 0x0F, 0x00, 0xC3);               /* SLDT */
    HANDLER(H_sldt_ew_r32);
}

static void test_decode_undefined_comes_before_privilege(void **state)
{
    (void)state;
    RAISES(PATH_ud_register_form, CODE32 | CPL3, 0x0F, 0x01, 0xD3);    /* LGDT ebx */
    RAISES(PATH_ud_lock, CODE32 | CPL3, 0xF0, 0xF4);                   /* LOCK HLT */
    RAISES(PATH_ud_control_register, CODE32 | CPL3, 0x0F, 0x20, 0xC8); /* CR1 */
}

static void test_decode_memory_only_instructions_have_no_register_form(void **state)
{
    (void)state;
    RAISES(PATH_ud_register_form, CODE32, 0x8D, 0xC3);       /* LEA */
    RAISES(PATH_ud_register_form, CODE32, 0xC4, 0xC3);       /* LES */
    RAISES(PATH_ud_register_form, CODE32, 0xC5, 0xC3);       /* LDS */
    RAISES(PATH_ud_register_form, CODE32, 0x0F, 0xB2, 0xC3); /* LSS */
    RAISES(PATH_ud_register_form, CODE32, 0x62, 0xC3);       /* BOUND */
    RAISES(PATH_ud_register_form, CODE32, 0xFF, 0xDB);       /* CALL far */
    RAISES(PATH_ud_register_form, CODE32, 0xFF, 0xEB);       /* JMP far */
    RAISES(PATH_ud_register_form, CODE32, 0x0F, 0xC7, 0xCB); /* CMPXCHG8B */
}

/* ---- which variant runs ---- */
static void test_decode_narrow_or_careful_where_the_fast_variant_can_not(void **state)
{
    (void)state;
    DECODE(CODE32, 0x50);
    assert_int_equal(out.narrow, 0);
    DECODE(CODE16, 0x50); /* SS.B is 0 */
    assert_int_equal(out.narrow, 1);
    DECODE(CODE32, 0x67, 0x8B, 0x07); /* [bx] */
    assert_int_equal(out.narrow, 1);
    DECODE(CODE32, 0x67, 0x01, 0xC3); /* no memory operand: the prefix means nothing */
    assert_int_equal(out.narrow, 0);
    assert_int_equal(out.careful, 0);
    DECODE(CODE32, 0xC8, 0, 0, 0); /* ENTER has no fast variant */
    assert_int_equal(out.careful, 1);
}

/* ---- static clocks (i486 PRM table 10.1, 80386 PRM 17.2.2.3) ---- */
static void test_decode_i486_charges_prefixes_index_and_displacement_with_immediate(void **state)
{
    (void)state;
    DECODE(CODE32, 0x01, 0x03); /* add [ebx], eax: 3 */
    assert_int_equal(out.clocks, 3);
    DECODE(CODE32, 0x66, 0x2E, 0x01, 0x03);
    assert_int_equal(out.clocks, 5);
    DECODE(CODE32, 0x01, 0x04, 0x8B); /* index */
    assert_int_equal(out.clocks, 4);
    DECODE(CODE32, 0x83, 0x03, 0x01); /* immediate alone */
    assert_int_equal(out.clocks, 3);
    DECODE(CODE32, 0x83, 0x43, 0x10, 0x01); /* displacement and immediate */
    assert_int_equal(out.clocks, 4);
    DECODE(CODE32, 0xF3, 0xA4); /* REP is part of its figure: 5 for no iteration */
    assert_int_equal(out.clocks, 5);
    DECODE(CODE32, 0x66, 0xF3, 0xA5);
    assert_int_equal(out.clocks, 6);
}

static void test_decode_i386_counts_the_refill_components(void **state)
{
    (void)state;
    DECODE_AT(CPU_I386, TIMING_I386, CODE32, 0x8B, 0x43, 0x08); /* opcode, ModR/M, disp */
    assert_int_equal(out.refill, 3);
    assert_int_equal(out.clocks, 4);
    DECODE_AT(CPU_I386, TIMING_I386, CODE32, 0x66, 0x81, 0x84, 0x8B, 0, 0, 0, 0, 0x34, 0x12);
    assert_int_equal(out.refill, 6); /* prefix, opcode, ModR/M, SIB, displacement, immediate */
    assert_int_equal(out.clocks, 7); /* prefixes are free */
    DECODE_AT(CPU_I386, TIMING_I386, CODE32, 0x0F, 0x84, 0, 0, 0, 0);
    assert_int_equal(out.refill, 3);
    assert_int_equal(out.clocks, 3);
    assert_int_equal(out.clocks_taken, 4); /* 7 + m */
}

static void test_decode_unit_model_charges_one(void **state)
{
    (void)state;
    DECODE_AT(CPU_I686, TIMING_UNIT, CODE32, 0xF7, 0x74, 0x8B, 0x10); /* div */
    assert_int_equal(out.clocks, 1);
    DECODE_AT(CPU_I686, TIMING_UNIT, CODE32, 0x74, 0x00);
    assert_int_equal(out.clocks_taken, 0);
    assert_int_equal(out.refill, 0);
}

static void test_decode_clocks_of_real_and_protected_mode(void **state)
{
    (void)state;
    DECODE(REAL, 0x8E, 0xD8); /* mov ds, ax */
    assert_int_equal(out.clocks, 3);
    DECODE(V86, 0x8E, 0xD8);
    assert_int_equal(out.clocks, 3);
    DECODE(CODE32, 0x8E, 0xD8);
    assert_int_equal(out.clocks, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_last_segment_override_wins),
        cmocka_unit_test(test_decode_override_beats_the_default_stack_segment),
        cmocka_unit_test(test_decode_last_of_rep_and_repne_wins),
        cmocka_unit_test(test_decode_rep_before_other_instructions_is_ignored),
        cmocka_unit_test(test_decode_repeated_size_prefixes_do_not_toggle),
        cmocka_unit_test(test_decode_address_size_prefix_changes_the_form),
        cmocka_unit_test(test_decode_lock_needs_a_memory_destination),
        cmocka_unit_test(test_decode_fifteen_bytes_are_allowed_sixteen_are_not),
        cmocka_unit_test(test_decode_immediate_beyond_fifteen_bytes_is_too_long),
        cmocka_unit_test(test_decode_asks_for_more_until_the_last_byte_is_there),
        cmocka_unit_test(test_decode_undefined_opcode_needs_no_byte_behind_it),
        cmocka_unit_test(test_decode_byte_registers_are_byte_offsets),
        cmocka_unit_test(test_decode_accumulator_forms_name_the_accumulator),
        cmocka_unit_test(test_decode_byte_immediates_extend_to_the_operand_size),
        cmocka_unit_test(test_decode_shift_by_one_has_the_count_as_immediate),
        cmocka_unit_test(test_decode_sib_without_base_or_index),
        cmocka_unit_test(test_decode_two_immediates_and_far_pointers),
        cmocka_unit_test(test_decode_branches_have_the_distance_from_their_end),
        cmocka_unit_test(test_decode_ports_and_their_registers),
        cmocka_unit_test(test_decode_strings_have_the_source_segment),
        cmocka_unit_test(test_decode_segment_registers_that_do_not_exist),
        cmocka_unit_test(test_decode_control_and_debug_moves_ignore_mod),
        cmocka_unit_test(test_decode_test_registers_by_processor),
        cmocka_unit_test(test_decode_instructions_newer_than_the_processor),
        cmocka_unit_test(test_decode_privileged_instructions_outside_cpl_0),
        cmocka_unit_test(test_decode_protected_mode_only_is_undefined_elsewhere),
        cmocka_unit_test(test_decode_undefined_comes_before_privilege),
        cmocka_unit_test(test_decode_memory_only_instructions_have_no_register_form),
        cmocka_unit_test(test_decode_narrow_or_careful_where_the_fast_variant_can_not),
        cmocka_unit_test(test_decode_i486_charges_prefixes_index_and_displacement_with_immediate),
        cmocka_unit_test(test_decode_i386_counts_the_refill_components),
        cmocka_unit_test(test_decode_unit_model_charges_one),
        cmocka_unit_test(test_decode_clocks_of_real_and_protected_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
