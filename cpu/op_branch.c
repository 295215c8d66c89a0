/* Near transfers: JMP, CALL, RET, Jcc, LOOP and JCXZ; BOUND.
 * Targets are checked against the limit of CS before anything is pushed, popped or counted.
 * See: 80386 PRM 3.5, 3.10.4, 16.4 and chapter 17.
 * SPDX-License-Identifier: MIT */
#include "cpu/alu.h"

#define JUMPS(bits)                                                                                \
    OP(jmp_jz_##bits)                                                                              \
    {                                                                                              \
        const uint32_t target = relative_target(cpu, uop, bits);                                   \
        CHECK_TARGET(target);                                                                      \
        BRANCH_DIRECT(target);                                                                     \
    }                                                                                              \
    OP(jmp_ev_r##bits)                                                                             \
    {                                                                                              \
        const uint32_t target = GPR##bits(uop->dst);                                               \
        CHECK_TARGET(target);                                                                      \
        BRANCH_INDIRECT(target);                                                                   \
    }                                                                                              \
    OP(jmp_ev_m##bits)                                                                             \
    {                                                                                              \
        LOAD(bits, target, uop->segment, EA);                                                      \
        CHECK_TARGET(target);                                                                      \
        BRANCH_INDIRECT(target);                                                                   \
    }
JUMPS(16)
JUMPS(32)

#define CALLS(bits)                                                                                \
    OP(call_jz_##bits)                                                                             \
    {                                                                                              \
        const uint32_t target = relative_target(cpu, uop, bits);                                   \
        CHECK_TARGET(target);                                                                      \
        PUSH(bits, zero_extend(bits, next_eip(cpu, uop)));                                         \
        BRANCH_DIRECT(target);                                                                     \
    }                                                                                              \
    OP(call_ev_r##bits)                                                                            \
    {                                                                                              \
        const uint32_t target = GPR##bits(uop->dst);                                               \
        CHECK_TARGET(target);                                                                      \
        PUSH(bits, zero_extend(bits, next_eip(cpu, uop)));                                         \
        BRANCH_INDIRECT(target);                                                                   \
    }                                                                                              \
    OP(call_ev_m##bits)                                                                            \
    {                                                                                              \
        LOAD(bits, target, uop->segment, EA);                                                      \
        CHECK_TARGET(target);                                                                      \
        PUSH_SECOND(bits, zero_extend(bits, next_eip(cpu, uop)));                                  \
        BRANCH_INDIRECT(target);                                                                   \
    }
CALLS(16)
CALLS(32)

#define RETURNS(bits)                                                                              \
    OP(ret_##bits)                                                                                 \
    {                                                                                              \
        LOAD_TOP(bits, target);                                                                    \
        CHECK_TARGET(target);                                                                      \
        stack_drop(cpu, (bits) / 8);                                                               \
        BRANCH_INDIRECT(target);                                                                   \
    }                                                                                              \
    OP(ret_iw_##bits)                                                                              \
    {                                                                                              \
        LOAD_TOP(bits, target);                                                                    \
        CHECK_TARGET(target);                                                                      \
        stack_drop(cpu, (bits) / 8 + uop->imm);                                                    \
        BRANCH_INDIRECT(target);                                                                   \
    }
RETURNS(16)
RETURNS(32)

#define CONDITIONAL(cc, condition, bits)                                                           \
    OP(j##cc##_jz_##bits)                                                                          \
    {                                                                                              \
        if (condition_holds(&cpu->flags, condition)) {                                             \
            const uint32_t target = relative_target(cpu, uop, bits);                               \
            CHECK_TARGET(target);                                                                  \
            BRANCH_DIRECT(target);                                                                 \
        }                                                                                          \
        BRANCH_NOT_TAKEN;                                                                          \
    }
#define CONDITIONAL16(cc, condition) CONDITIONAL(cc, condition, 16)
#define CONDITIONAL32(cc, condition) CONDITIONAL(cc, condition, 32)
ALL_CONDITIONS(CONDITIONAL16)
ALL_CONDITIONS(CONDITIONAL32)

/* ---- loops: the counter is CX or ECX by address size ---- */
INLINE uint32_t loop_mask(const struct uop *uop)
{
    return uop->flags & UOP_ADDRESS16 ? 0xFFFF : 0xFFFFFFFFu;
}
/* The counter after one more turn. */
INLINE uint32_t loop_count(const struct cpu *cpu, const struct uop *uop)
{
    return (cpu->state.gpr[REG_ECX] - 1) & loop_mask(uop);
}
INLINE void loop_set(struct cpu *cpu, const struct uop *uop, uint32_t count)
{
    cpu->state.gpr[REG_ECX] = (cpu->state.gpr[REG_ECX] & ~loop_mask(uop)) | count;
}

#define LOOP(name, bits, and_condition)                                                            \
    OP(name##_jb_##bits)                                                                           \
    {                                                                                              \
        const uint32_t count = loop_count(cpu, uop);                                               \
        if (count != 0 and_condition) {                                                            \
            const uint32_t target = relative_target(cpu, uop, bits);                               \
            CHECK_TARGET(target);                                                                  \
            loop_set(cpu, uop, count);                                                             \
            BRANCH_DIRECT(target);                                                                 \
        }                                                                                          \
        loop_set(cpu, uop, count);                                                                 \
        BRANCH_NOT_TAKEN;                                                                          \
    }
#define WHILE_ZF     &&flag_zf(&cpu->flags)
#define WHILE_NOT_ZF &&!flag_zf(&cpu->flags)
#define ALWAYS
LOOP(loop, 16, ALWAYS)
LOOP(loop, 32, ALWAYS)
LOOP(loope, 16, WHILE_ZF)
LOOP(loope, 32, WHILE_ZF)
LOOP(loopne, 16, WHILE_NOT_ZF)
LOOP(loopne, 32, WHILE_NOT_ZF)

#define JCXZ(bits)                                                                                 \
    OP(jcxz_jb_##bits)                                                                             \
    {                                                                                              \
        if ((GPR32(REG_ECX) & loop_mask(uop)) == 0) {                                              \
            const uint32_t target = relative_target(cpu, uop, bits);                               \
            CHECK_TARGET(target);                                                                  \
            BRANCH_DIRECT(target);                                                                 \
        }                                                                                          \
        BRANCH_NOT_TAKEN;                                                                          \
    }
JCXZ(16)
JCXZ(32)

#ifdef EXEC_CAREFUL
/* Signed index inside [low, high], else #BR: two cells, low first. */
#define BOUND(bits)                                                                                \
    OP(bound_gv_ma_m##bits)                                                                        \
    {                                                                                              \
        const uint32_t low_at = EA, next = low_at + (bits) / 8;                                    \
        const uint32_t high_at = uop->flags & UOP_ADDRESS16 ? next & 0xFFFF : next;                \
        LOAD(bits, low, uop->segment, low_at);                                                     \
        LOAD_SECOND(bits, high, uop->segment, high_at);                                            \
        const int32_t index = (int32_t)sign_extend(bits, GPR##bits(uop->dst));                     \
        if (index < (int32_t)sign_extend(bits, low) || index > (int32_t)sign_extend(bits, high)) { \
            FAULT(trap_raise(cpu, PATH_br_range, 0));                                              \
        }                                                                                          \
        NEXT;                                                                                      \
    }
BOUND(16)
BOUND(32)
#endif
