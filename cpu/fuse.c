/* Fast handlers beyond the table: the end of a block, and
 * compare or test with the conditional branch after it as one handler: the usual pairs, in the
 * fast variant only. Both instructions keep their micro-ops, so faults, stepping and the careful
 * variants see two; the flags are left behind as by the first alone.
 * SPDX-License-Identifier: MIT */

#include "cpu/exec.h"

#include "cpu/block.h"

/* The end of a block whose last instruction does not branch. */
OP(block_end)
{
    BRANCH_NOT_TAKEN;
}

/* X(name, condition of a and b, both sign-extended to 32 bits in their operand size). */
#define COMPARE_CONDITIONS(X)                                                                      \
    X(b, a < b)                                                                                    \
    X(ae, a >= b)                                                                                  \
    X(e, a == b)                                                                                   \
    X(ne, a != b)                                                                                  \
    X(be, a <= b)                                                                                  \
    X(a, a > b)                                                                                    \
    X(s, (int32_t)result < 0)                                                                      \
    X(ns, (int32_t)result >= 0)                                                                    \
    X(l, (int32_t)a < (int32_t)b)                                                                  \
    X(ge, (int32_t)a >= (int32_t)b)                                                                \
    X(le, (int32_t)a <= (int32_t)b)                                                                \
    X(g, (int32_t)a > (int32_t)b)

/* After TEST, AND, OR: CF = OF = 0. */
#define RESULT_CONDITIONS(X)                                                                       \
    X(e, result == 0)                                                                              \
    X(ne, result != 0)                                                                             \
    X(be, result == 0)                                                                             \
    X(a, result != 0)                                                                              \
    X(s, (int32_t)result < 0)                                                                      \
    X(ns, (int32_t)result >= 0)                                                                    \
    X(l, (int32_t)result < 0)                                                                      \
    X(ge, (int32_t)result >= 0)                                                                    \
    X(le, (int32_t)result <= 0)                                                                    \
    X(g, (int32_t)result > 0)

/* After INC, DEC, ADD, SUB: only what the result alone decides. */
#define ZERO_CONDITIONS(X)                                                                         \
    X(e, result == 0)                                                                              \
    X(ne, result != 0)                                                                             \
    X(s, (int32_t)result < 0)                                                                      \
    X(ns, (int32_t)result >= 0)

/* The branch half; from here on `uop` is the branch. */
#define BRANCH_IF(condition)                                                                       \
    uop++;                                                                                         \
    if (condition) {                                                                               \
        const uint32_t target = cpu->entry_eip + uop->imm;                                         \
        CHECK_TARGET(target);                                                                      \
        BRANCH_DIRECT(target);                                                                     \
    }                                                                                              \
    BRANCH_NOT_TAKEN

#define FUSED(name) static const struct uop *name(struct cpu *cpu, const struct uop *uop)

/* Operands as the decoder leaves them. */
#define REG32(field)   GPR32(uop->field)
#define REG8(field)    ((uint32_t)(int32_t)(int8_t)GPR8(uop->field))
#define IMM32          (uop->imm)
#define IMM8           ((uint32_t)(int32_t)(int8_t)uop->imm)
#define SIGNED8(value) ((uint32_t)(int32_t)(int8_t)(value))

/* Signed and unsigned order survive sign extension, so 8 bits compare as 32. */
#define COMPARE_BODY(bits, condition)                                                              \
    const uint32_t result = (bits) == 8 ? SIGNED8(a - b) : a - b;                                  \
    flags_set(&cpu->flags, bits, result, carries_of_sub(a, b, result));                            \
    BRANCH_IF(condition)

#define CMP_RR32(cc, condition)                                                                    \
    FUSED(cmp_rr32_j##cc)                                                                          \
    {                                                                                              \
        const uint32_t a = REG32(dst), b = REG32(src);                                             \
        COMPARE_BODY(32, condition);                                                               \
    }
#define CMP_RI32(cc, condition)                                                                    \
    FUSED(cmp_ri32_j##cc)                                                                          \
    {                                                                                              \
        const uint32_t a = REG32(dst), b = IMM32;                                                  \
        COMPARE_BODY(32, condition);                                                               \
    }
#define CMP_RM32(cc, condition)                                                                    \
    FUSED(cmp_rm32_j##cc)                                                                          \
    {                                                                                              \
        LOAD(32, operand, uop->segment, effective_address(cpu, uop));                              \
        const uint32_t a = REG32(dst), b = operand;                                                \
        COMPARE_BODY(32, condition);                                                               \
    }
#define CMP_MR32(cc, condition)                                                                    \
    FUSED(cmp_mr32_j##cc)                                                                          \
    {                                                                                              \
        LOAD(32, operand, uop->segment, effective_address(cpu, uop));                              \
        const uint32_t a = operand, b = REG32(src);                                                \
        COMPARE_BODY(32, condition);                                                               \
    }
#define CMP_MI32(cc, condition)                                                                    \
    FUSED(cmp_mi32_j##cc)                                                                          \
    {                                                                                              \
        LOAD(32, operand, uop->segment, effective_address(cpu, uop));                              \
        const uint32_t a = operand, b = IMM32;                                                     \
        COMPARE_BODY(32, condition);                                                               \
    }
#define CMP_RI8(cc, condition)                                                                     \
    FUSED(cmp_ri8_j##cc)                                                                           \
    {                                                                                              \
        const uint32_t a = REG8(dst), b = IMM8;                                                    \
        COMPARE_BODY(8, condition);                                                                \
    }
#define CMP_MI8(cc, condition)                                                                     \
    FUSED(cmp_mi8_j##cc)                                                                           \
    {                                                                                              \
        LOAD(8, operand, uop->segment, effective_address(cpu, uop));                               \
        const uint32_t a = SIGNED8(operand), b = IMM8;                                             \
        COMPARE_BODY(8, condition);                                                                \
    }
#define CMP_RM8(cc, condition)                                                                     \
    FUSED(cmp_rm8_j##cc)                                                                           \
    {                                                                                              \
        LOAD(8, operand, uop->segment, effective_address(cpu, uop));                               \
        const uint32_t a = REG8(dst), b = SIGNED8(operand);                                        \
        COMPARE_BODY(8, condition);                                                                \
    }

#define TEST_BODY(bits, condition)                                                                 \
    flags_set(&cpu->flags, bits, result, 0);                                                       \
    BRANCH_IF(condition)
#define TEST_RR32(cc, condition)                                                                   \
    FUSED(test_rr32_j##cc)                                                                         \
    {                                                                                              \
        const uint32_t result = REG32(dst) & REG32(src);                                           \
        TEST_BODY(32, condition);                                                                  \
    }
#define TEST_RI32(cc, condition)                                                                   \
    FUSED(test_ri32_j##cc)                                                                         \
    {                                                                                              \
        const uint32_t result = REG32(dst) & IMM32;                                                \
        TEST_BODY(32, condition);                                                                  \
    }
#define TEST_RR8(cc, condition)                                                                    \
    FUSED(test_rr8_j##cc)                                                                          \
    {                                                                                              \
        const uint32_t result = REG8(dst) & REG8(src);                                             \
        TEST_BODY(8, condition);                                                                   \
    }
#define TEST_RI8(cc, condition)                                                                    \
    FUSED(test_ri8_j##cc)                                                                          \
    {                                                                                              \
        const uint32_t result = REG8(dst) & IMM8;                                                  \
        TEST_BODY(8, condition);                                                                   \
    }
#define TEST_MI8(cc, condition)                                                                    \
    FUSED(test_mi8_j##cc)                                                                          \
    {                                                                                              \
        LOAD(8, operand, uop->segment, effective_address(cpu, uop));                               \
        const uint32_t result = SIGNED8(operand) & IMM8;                                           \
        TEST_BODY(8, condition);                                                                   \
    }
#define AND_RI32(cc, condition)                                                                    \
    FUSED(and_ri32_j##cc)                                                                          \
    {                                                                                              \
        const uint32_t result = REG32(dst) & IMM32;                                                \
        GPR32(uop->dst) = result;                                                                  \
        TEST_BODY(32, condition);                                                                  \
    }

#define DEC_R32(cc, condition)                                                                     \
    FUSED(dec_r32_j##cc)                                                                           \
    {                                                                                              \
        const uint32_t a = REG32(dst), result = a - 1;                                             \
        const uint32_t cf = cpu->flags.aux & AUX_CF;                                               \
        const uint32_t carries = carries_of_sub(a, 1, result);                                     \
        GPR32(uop->dst) = result;                                                                  \
        cpu->flags.result = result;                                                                \
        /* CF is kept: bit 30 = CF ^ OF, and OF = carry 31 ^ carry 30 of the subtraction */        \
        cpu->flags.aux =                                                                           \
            cf | ((((carries ^ (carries << 1)) ^ cf) >> 1) & AUX_CFXOF) | (carries & AUX_AF);      \
        BRANCH_IF(condition);                                                                      \
    }
#define SUB_RI32(cc, condition)                                                                    \
    FUSED(sub_ri32_j##cc)                                                                          \
    {                                                                                              \
        const uint32_t a = REG32(dst), b = IMM32;                                                  \
        const uint32_t result = a - b;                                                             \
        GPR32(uop->dst) = result;                                                                  \
        flags_set(&cpu->flags, 32, result, carries_of_sub(a, b, result));                          \
        BRANCH_IF(condition);                                                                      \
    }

COMPARE_CONDITIONS(CMP_RR32)
COMPARE_CONDITIONS(CMP_RI32)
COMPARE_CONDITIONS(CMP_RM32)
COMPARE_CONDITIONS(CMP_MR32)
COMPARE_CONDITIONS(CMP_MI32)
COMPARE_CONDITIONS(CMP_RI8)
COMPARE_CONDITIONS(CMP_MI8)
COMPARE_CONDITIONS(CMP_RM8)
RESULT_CONDITIONS(TEST_RR32)
RESULT_CONDITIONS(TEST_RI32)
RESULT_CONDITIONS(TEST_RR8)
RESULT_CONDITIONS(TEST_RI8)
RESULT_CONDITIONS(TEST_MI8)
RESULT_CONDITIONS(AND_RI32)
ZERO_CONDITIONS(DEC_R32)
COMPARE_CONDITIONS(SUB_RI32)

/* Which first instruction goes with which set of fused handlers. */
#define FUSED_FIRSTS(X)                                                                            \
    X(cmp_ev_gv_r32, cmp_rr32, COMPARE_CONDITIONS)                                                 \
    X(cmp_gv_ev_r32, cmp_rr32, COMPARE_CONDITIONS)                                                 \
    X(cmp_ev_iz_r32, cmp_ri32, COMPARE_CONDITIONS)                                                 \
    X(cmp_gv_ev_m32, cmp_rm32, COMPARE_CONDITIONS)                                                 \
    X(cmp_ev_gv_m32, cmp_mr32, COMPARE_CONDITIONS)                                                 \
    X(cmp_ev_iz_m32, cmp_mi32, COMPARE_CONDITIONS)                                                 \
    X(cmp_eb_ib_r8, cmp_ri8, COMPARE_CONDITIONS)                                                   \
    X(cmp_eb_ib_m8, cmp_mi8, COMPARE_CONDITIONS)                                                   \
    X(cmp_gb_eb_m8, cmp_rm8, COMPARE_CONDITIONS)                                                   \
    X(test_ev_gv_r32, test_rr32, RESULT_CONDITIONS)                                                \
    X(test_ev_iz_r32, test_ri32, RESULT_CONDITIONS)                                                \
    X(test_eb_gb_r8, test_rr8, RESULT_CONDITIONS)                                                  \
    X(test_eb_ib_r8, test_ri8, RESULT_CONDITIONS)                                                  \
    X(test_eb_ib_m8, test_mi8, RESULT_CONDITIONS)                                                  \
    X(and_ev_iz_r32, and_ri32, RESULT_CONDITIONS)                                                  \
    X(dec_ev_r32, dec_r32, ZERO_CONDITIONS)                                                        \
    X(sub_ev_iz_r32, sub_ri32, COMPARE_CONDITIONS)

/* Columns of the look-up: the conditions in the order of their encoding. */
enum {
    CC_o,
    CC_no,
    CC_b,
    CC_ae,
    CC_e,
    CC_ne,
    CC_be,
    CC_a,
    CC_s,
    CC_ns,
    CC_p,
    CC_np,
    CC_l,
    CC_ge,
    CC_le,
    CC_g,
    CC_COUNT
};
static const uint16_t branch_ids[CC_COUNT] = {H_jo_jz_32, H_jno_jz_32, H_jb_jz_32,  H_jae_jz_32,
                                              H_je_jz_32, H_jne_jz_32, H_jbe_jz_32, H_ja_jz_32,
                                              H_js_jz_32, H_jns_jz_32, H_jp_jz_32,  H_jnp_jz_32,
                                              H_jl_jz_32, H_jge_jz_32, H_jle_jz_32, H_jg_jz_32};

#define CELL(set, cc) [CC_##cc] = set##_j##cc
#define COMPARE_ROW(set)                                                                           \
    {                                                                                              \
        CELL(set, b), CELL(set, ae), CELL(set, e), CELL(set, ne), CELL(set, be), CELL(set, a),     \
            CELL(set, s), CELL(set, ns), CELL(set, l), CELL(set, ge), CELL(set, le), CELL(set, g)  \
    }
#define RESULT_ROW(set)                                                                            \
    {                                                                                              \
        CELL(set, e), CELL(set, ne), CELL(set, be), CELL(set, a), CELL(set, s), CELL(set, ns),     \
            CELL(set, l), CELL(set, ge), CELL(set, le), CELL(set, g)                               \
    }
#define ZERO_ROW(set)                                                                              \
    {                                                                                              \
        CELL(set, e), CELL(set, ne), CELL(set, s), CELL(set, ns)                                   \
    }

/* Which first instruction goes with which fused handlers; a pair not listed stays two. */
static const struct {
    uint32_t first; /* enum handler_id */
    handler *with[CC_COUNT];
} fused_rows[] = {
    {H_cmp_ev_gv_r32, COMPARE_ROW(cmp_rr32)},  {H_cmp_gv_ev_r32, COMPARE_ROW(cmp_rr32)},
    {H_cmp_ev_iz_r32, COMPARE_ROW(cmp_ri32)},  {H_cmp_gv_ev_m32, COMPARE_ROW(cmp_rm32)},
    {H_cmp_ev_gv_m32, COMPARE_ROW(cmp_mr32)},  {H_cmp_ev_iz_m32, COMPARE_ROW(cmp_mi32)},
    {H_cmp_eb_ib_r8, COMPARE_ROW(cmp_ri8)},    {H_cmp_eb_ib_m8, COMPARE_ROW(cmp_mi8)},
    {H_cmp_gb_eb_m8, COMPARE_ROW(cmp_rm8)},    {H_sub_ev_iz_r32, COMPARE_ROW(sub_ri32)},
    {H_test_ev_gv_r32, RESULT_ROW(test_rr32)}, {H_test_ev_iz_r32, RESULT_ROW(test_ri32)},
    {H_test_eb_gb_r8, RESULT_ROW(test_rr8)},   {H_test_eb_ib_r8, RESULT_ROW(test_ri8)},
    {H_test_eb_ib_m8, RESULT_ROW(test_mi8)},   {H_and_ev_iz_r32, RESULT_ROW(and_ri32)},
    {H_dec_ev_r32, ZERO_ROW(dec_r32)},
};

#ifdef EXEC_FLAT
#define fused_handler fused_handler_flat
#endif
handler *fused_handler(uint16_t first_id, uint16_t second_id)
{
    for (uint32_t row = 0; row < sizeof fused_rows / sizeof fused_rows[0]; row++) {
        if (fused_rows[row].first == first_id) {
            for (uint32_t cc = 0; cc < CC_COUNT; cc++) {
                if (branch_ids[cc] == second_id) {
                    return fused_rows[row].with[cc];
                }
            }
            return NULL;
        }
    }
    return NULL;
}
