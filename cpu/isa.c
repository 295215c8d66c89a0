/* The tables that isa.def expands to: rows, opcode maps, handlers and their names.
 * Two rows for one opcode do not compile (-Woverride-init, -Winitializer-overrides).
 * SPDX-License-Identifier: MIT */
#include "cpu/isa.h"

/* ---- rows: which handler for which form, see FORM_* ---- */
/* clang-format off */
#define FAST_RM8(n)     {H_##n##_r8, H_##n##_m8, H_##n##_r8, H_##n##_m8}
#define FAST_RMV(n)     {H_##n##_r16, H_##n##_m16, H_##n##_r32, H_##n##_m32}
#define FAST_MV(n)      {H_none, H_##n##_m16, H_none, H_##n##_m32}
#define FAST_V(n)       {H_##n##_16, H_##n##_16, H_##n##_32, H_##n##_32}
#define FAST_1(n)       {H_##n, H_##n, H_##n, H_##n}
#define FAST_STRING8(n)                                                                            \
    {H_##n, H_##n, H_##n, H_##n, H_rep_##n, H_rep_##n, H_rep_##n, H_rep_##n}
#define FAST_STRINGV(n)                                                                            \
    {H_##n##_16,     H_##n##_16,     H_##n##_32,     H_##n##_32,                                   \
     H_rep_##n##_16, H_rep_##n##_16, H_rep_##n##_32, H_rep_##n##_32}
#define FAST_RVM16(n)   {H_##n##_r16, H_##n##_m16, H_##n##_r32, H_##n##_m16}
#define FAST_RM16(n)    {H_##n##_r16, H_##n##_m16, H_##n##_r16, H_##n##_m16}
#define CAREFUL_RM16(n) FAST_RM16(n)
#define CAREFUL_M(n)    {H_none, H_##n##_m, H_none, H_##n##_m}
#define CAREFUL_RMV     FAST_RMV
#define CAREFUL_RVM16   FAST_RVM16
#define CAREFUL_MV      FAST_MV
#define CAREFUL_V       FAST_V
#define CAREFUL_1       FAST_1
#define CAREFUL_STRING8 FAST_STRING8
#define CAREFUL_STRINGV FAST_STRINGV
#define SAME_RM8        FAST_RM8
#define SAME_RMV        FAST_RMV
#define SAME_V          FAST_V
#define SAME_1          FAST_1
#define SAME_R8(n)      {H_##n##_r8, H_none, H_##n##_r8, H_none}
#define SAME_RV(n)      {H_##n##_r16, H_none, H_##n##_r32, H_none}
#define SAME_M8(n)      {H_none, H_##n##_m8, H_none, H_##n##_m8}
#define SAME_MV(n)      {H_none, H_##n##_m16, H_none, H_##n##_m32}

#define CLK(reg486, mem486, reg386, mem386) {{reg486, mem486}, {reg386, mem386}}
#define BOTH(i486, i386)                    {i486, i386}
/* clang-format on */
#define ROW(name, variants, ...) [INSN_##name] = {.id = #name, .handlers = variants, __VA_ARGS__},

const struct insn_info insn_table[INSN_COUNT] = {
    [INSN_none] = {.id = "none", .mnemonic = "(bad)", .manual = ""},
#define INSN_1B(name, first, last, variants, ...)          ROW(name, variants, __VA_ARGS__)
#define INSN_0F(name, first, last, variants, ...)          ROW(name, variants, __VA_ARGS__)
#define INSN_GRP(name, group, digit, variants, ...)        ROW(name, variants, __VA_ARGS__)
#define INSN_FPM(name, opcode, digit, variants, ...)       ROW(name, variants, __VA_ARGS__)
#define INSN_FPR(name, opcode, first, last, variants, ...) ROW(name, variants, __VA_ARGS__)
#include "cpu/isa.def"
};

/* ---- opcode maps ---- */
const uint16_t opcode_map_1b[256] = {
#define INSN_1B(name, first, last, variants, ...) [first... last] = INSN_##name,
#define GROUP_1B(opcode, group)                   [opcode] = OPCODE_GROUP | GROUP_##group,
#include "cpu/isa.def"
    [0xD8] = OPCODE_FPU | 0, [0xD9] = OPCODE_FPU | 1, [0xDA] = OPCODE_FPU | 2,
    [0xDB] = OPCODE_FPU | 3, [0xDC] = OPCODE_FPU | 4, [0xDD] = OPCODE_FPU | 5,
    [0xDE] = OPCODE_FPU | 6, [0xDF] = OPCODE_FPU | 7,
};

const uint16_t fpu_memory_map[8][8] = {
#define INSN_FPM(name, opcode, digit, variants, ...) [(opcode)-0xD8][digit] = INSN_##name,
#include "cpu/isa.def"
};

const uint16_t fpu_register_map[8][64] = {
#define INSN_FPR(name, opcode, first, last, variants, ...)                                         \
    [(opcode)-0xD8][(first)-0xC0 ...(last) - 0xC0] = INSN_##name,
#include "cpu/isa.def"
};

const uint16_t opcode_map_0f[256] = {
#define INSN_0F(name, first, last, variants, ...) [first... last] = INSN_##name,
#define GROUP_0F(opcode, group)                   [opcode] = OPCODE_GROUP | GROUP_##group,
#include "cpu/isa.def"
};

const uint16_t opcode_groups[GROUP_COUNT][8] = {
#define INSN_GRP(name, group, digit, variants, ...) [GROUP_##group][digit] = INSN_##name,
#include "cpu/isa.def"
};

#undef FAST_RM8
#undef FAST_RMV
#undef FAST_RVM16
#undef FAST_MV
#undef FAST_V
#undef FAST_1
#undef FAST_STRING8
#undef FAST_STRINGV
#undef CAREFUL_RMV
#undef FAST_RM16
#undef CAREFUL_RM16
#undef CAREFUL_RVM16
#undef CAREFUL_MV
#undef CAREFUL_M
#undef CAREFUL_V
#undef CAREFUL_1
#undef CAREFUL_STRING8
#undef CAREFUL_STRINGV
#undef SAME_RM8
#undef SAME_RMV
#undef SAME_R8
#undef SAME_RV
#undef SAME_M8
#undef SAME_MV
#undef SAME_V
#undef SAME_1

/* ---- names: the enum's own order ---- */
const char *const handler_names[H_COUNT] = {
    "none",
#define FAST_HANDLER(name)    #name,
#define CAREFUL_HANDLER(name) #name,
#define LOOP_HANDLER(name)    #name,
#include "cpu/isa_handlers.def"
};

const uint8_t handler_has_fast[H_COUNT] = {
    0,
#define FAST_HANDLER(name)    1,
#define CAREFUL_HANDLER(name) 0,
#define LOOP_HANDLER(name)    1,
#include "cpu/isa_handlers.def"
};
