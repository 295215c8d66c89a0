/* Operations on registers whose flags the next ones overwrite before anybody can look: the same
 * without flags. Between such an instruction and the one that overwrites them stand only
 * instructions that can neither fault, nor leave their block, nor read a flag; so no boundary shows
 * the difference. Single steps and the journal run the careful variants, which set them.
 * See: docs/architecture.md, "Flags".
 * SPDX-License-Identifier: MIT */
#include "cpu/isa.h"
#include "cpu/shift.h"

/* What an instruction of registers means for the flags before it. */
enum flag_use {
    FLAGS_NEEDED,    /* reads them, or may fault or leave the block, or is not known here */
    FLAGS_UNTOUCHED, /* neither reads nor writes any */
    FLAGS_REPLACED,  /* writes all six, reads none */
    FLAGS_CHANGED,   /* keeps some of them, at least sometimes */
};

/* X(operation, bits) of every arithmetic operation here and of each operand size. */
#define EACH_SIZE(X, operation)                                                                    \
    X(operation, 8, b, ib) X(operation, 16, v, iz) X(operation, 32, v, iz)
#define EACH_BINARY(X)                                                                             \
    EACH_SIZE(X, add) EACH_SIZE(X, sub) EACH_SIZE(X, and) EACH_SIZE(X, or) EACH_SIZE(X, xor)
#define EACH_COUNT(X)  EACH_SIZE(X, inc) EACH_SIZE(X, dec)
#define EACH_SHIFT(X)  EACH_SIZE(X, shl) EACH_SIZE(X, shr) EACH_SIZE(X, sar)
#define EACH_ROTATE(X) EACH_SIZE(X, rol) EACH_SIZE(X, ror)

/* ---- bodies: the operation as in op_alu.c and op_shift.c, its flags into nowhere ---- */

#define UNFLAGGED(name) static const struct uop *name(struct cpu *cpu, const struct uop *uop)
#define WITHOUT_FLAGS(bits, operation, ...)                                                        \
    struct lazy_flags nowhere = {0};                                                               \
    const uint32_t old = GPR##bits(uop->dst);                                                      \
    SET_GPR(bits, uop->dst, operation(&nowhere, bits, old, ##__VA_ARGS__));                        \
    NEXT

#define BINARY_BODIES(name, bits, x, i)                                                            \
    UNFLAGGED(name##_rr##bits)                                                                     \
    {                                                                                              \
        WITHOUT_FLAGS(bits, alu_##name, GPR##bits(uop->src));                                      \
    }                                                                                              \
    UNFLAGGED(name##_ri##bits)                                                                     \
    {                                                                                              \
        WITHOUT_FLAGS(bits, alu_##name, IMM(bits));                                                \
    }
#define UNARY_BODY(name, bits, x, i)                                                               \
    UNFLAGGED(name##_r##bits)                                                                      \
    {                                                                                              \
        WITHOUT_FLAGS(bits, alu_##name);                                                           \
    }
/* A count of 0 would leave the operand alone. */
#define SHIFT_BODY(name, bits, form, number)                                                       \
    UNFLAGGED(name##_##form##bits)                                                                 \
    {                                                                                              \
        const uint32_t count = (number)&SHIFT_COUNT_MASK;                                          \
        if (UNLIKELY(count == 0)) {                                                                \
            NEXT;                                                                                  \
        }                                                                                          \
        WITHOUT_FLAGS(bits, shift_##name, count);                                                  \
    }
#define SHIFT_BODIES(name, bits, x, i)                                                             \
    SHIFT_BODY(name, bits, ri, uop->imm)                                                           \
    SHIFT_BODY(name, bits, rc, GPR8(OFFSET_CL))

EACH_BINARY(BINARY_BODIES)
EACH_COUNT(UNARY_BODY)
EACH_SIZE(UNARY_BODY, neg)
EACH_SHIFT(SHIFT_BODIES)
EACH_ROTATE(SHIFT_BODIES)

/* ---- which is which ---- */

/* One byte for each handler: an index into `variants`, or one of these. */
enum {
    KIND_NEEDED, /* what is not in the table */
    KIND_UNTOUCHED,
    KIND_REPLACED, /* a comparison: nothing but flags */

#define BINARY_KINDS(name, bits, x, i) KIND_##name##_rr##bits, KIND_##name##_ri##bits,
#define UNARY_KIND(name, bits, x, i)   KIND_##name##_r##bits,
#define SHIFT_KINDS(name, bits, x, i)  KIND_##name##_ri##bits, KIND_##name##_rc##bits,
    EACH_BINARY(BINARY_KINDS) EACH_SIZE(UNARY_KIND, neg) EACH_SHIFT(SHIFT_KINDS)
    /* from here on some flags are kept */
    EACH_ROTATE(SHIFT_KINDS) EACH_COUNT(UNARY_KIND) KIND_COUNT
};
#define KIND_FIRST_SHIFT KIND_shl_ri8
#define KIND_FIRST_KEEPS KIND_rol_ri8

static handler *const variants[KIND_COUNT] = {
#define BINARY_VARIANTS(name, bits, x, i)                                                          \
    [KIND_##name##_rr##bits] = name##_rr##bits, [KIND_##name##_ri##bits] = name##_ri##bits,
#define UNARY_VARIANT(name, bits, x, i) [KIND_##name##_r##bits] = name##_r##bits,
#define SHIFT_VARIANTS(name, bits, x, i)                                                           \
    [KIND_##name##_ri##bits] = name##_ri##bits, [KIND_##name##_rc##bits] = name##_rc##bits,
    EACH_BINARY(BINARY_VARIANTS) EACH_SIZE(UNARY_VARIANT, neg) EACH_SHIFT(SHIFT_VARIANTS)
        EACH_ROTATE(SHIFT_VARIANTS) EACH_COUNT(UNARY_VARIANT)};

static const uint8_t kinds[H_COUNT] = {
#define BINARY_ROWS(name, bits, x, i)                                                              \
    [H_##name##_e##x##_g##x##_r##bits] = KIND_##name##_rr##bits,                                   \
    [H_##name##_g##x##_e##x##_r##bits] = KIND_##name##_rr##bits,                                   \
    [H_##name##_e##x##_##i##_r##bits] = KIND_##name##_ri##bits,
#define UNARY_ROW(name, bits, x, i) [H_##name##_e##x##_r##bits] = KIND_##name##_r##bits,
#define SHIFT_ROWS(name, bits, x, i)                                                               \
    [H_##name##_e##x##_ib_r##bits] = KIND_##name##_ri##bits,                                       \
    [H_##name##_e##x##_cl_r##bits] = KIND_##name##_rc##bits,
#define COMPARE_ROWS(name, bits, x, i)                                                             \
    [H_cmp_e##x##_g##x##_r##bits] = KIND_REPLACED, [H_cmp_g##x##_e##x##_r##bits] = KIND_REPLACED,  \
    [H_cmp_e##x##_##i##_r##bits] = KIND_REPLACED, [H_test_e##x##_g##x##_r##bits] = KIND_REPLACED,  \
    [H_test_e##x##_##i##_r##bits] = KIND_REPLACED,
#define MOVE_ROWS(name, bits, x, i)                                                                \
    [H_mov_e##x##_g##x##_r##bits] = KIND_UNTOUCHED,                                                \
    [H_mov_g##x##_e##x##_r##bits] = KIND_UNTOUCHED, [H_mov_e##x##_##i##_r##bits] = KIND_UNTOUCHED, \
    [H_xchg_e##x##_g##x##_r##bits] = KIND_UNTOUCHED, [H_not_e##x##_r##bits] = KIND_UNTOUCHED,
    EACH_BINARY(BINARY_ROWS) EACH_COUNT(UNARY_ROW) EACH_SIZE(UNARY_ROW, neg) EACH_SHIFT(SHIFT_ROWS)
        EACH_ROTATE(SHIFT_ROWS) EACH_SIZE(COMPARE_ROWS, cmp)
            EACH_SIZE(MOVE_ROWS, mov)[H_movzx_gv_eb_r16] = KIND_UNTOUCHED,
    [H_movzx_gv_eb_r32] = KIND_UNTOUCHED,
    [H_movzx_gv_ew_r16] = KIND_UNTOUCHED,
    [H_movzx_gv_ew_r32] = KIND_UNTOUCHED,
    [H_movsx_gv_eb_r16] = KIND_UNTOUCHED,
    [H_movsx_gv_eb_r32] = KIND_UNTOUCHED,
    [H_movsx_gv_ew_r16] = KIND_UNTOUCHED,
    [H_movsx_gv_ew_r32] = KIND_UNTOUCHED,
    [H_lea_gv_m_m16] = KIND_UNTOUCHED,
    [H_lea_gv_m_m32] = KIND_UNTOUCHED,
    [H_bswap_rv_32] = KIND_UNTOUCHED,
    [H_cbw_16] = KIND_UNTOUCHED,
    [H_cbw_32] = KIND_UNTOUCHED,
    [H_cwd_16] = KIND_UNTOUCHED,
    [H_cwd_32] = KIND_UNTOUCHED,
    [H_nop] = KIND_UNTOUCHED,
};

static enum flag_use flag_use_of(const struct uop *uop, uint32_t kind)
{
    if (kind <= KIND_UNTOUCHED) {
        return kind == KIND_NEEDED ? FLAGS_NEEDED : FLAGS_UNTOUCHED;
    }
    if (kind >= KIND_FIRST_KEEPS) {
        return FLAGS_CHANGED;
    }
    /* a shift by 0 or perhaps 0 */
    const bool by_immediate = (kind - KIND_FIRST_SHIFT) % 2 == 0 && (uop->imm & SHIFT_COUNT_MASK);
    return kind >= KIND_FIRST_SHIFT && !by_immediate ? FLAGS_CHANGED : FLAGS_REPLACED;
}

void flags_drop_unread(union uop_slot *slots, uint32_t first, uint32_t end)
{
    bool unread = false; /* what the instruction before leaves is overwritten unseen */
    for (uint32_t i = end; i-- > first;) {
        struct uop *uop = &slots[i].uop;
        const bool careful = uop->run == careful_handlers[uop->handler_id];
        const uint32_t kind = careful ? KIND_NEEDED : kinds[uop->handler_id];
        const enum flag_use use = flag_use_of(uop, kind);
        if (unread && variants[kind]) {
            uop->run = variants[kind];
        } else if (use != FLAGS_UNTOUCHED) {
            unread = use == FLAGS_REPLACED;
        }
    }
}
