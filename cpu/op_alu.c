/* ADD OR ADC SBB AND SUB XOR CMP TEST, INC DEC NEG NOT in all operand forms, XADD, CMPXCHG.
 * See: 80386 PRM 3.2, 3.4.1 and chapter 17; i486 PRM CMPXCHG, XADD.
 * SPDX-License-Identifier: MIT */
#include "cpu/alu.h"
#include "cpu/timing.h"

/* destination = destination op source. e, g: b for 8 bits, v for 16 and 32. */
#define ALU_TO_REGISTER(name, x, bits)                                                             \
    OP(name##_e##x##_g##x##_r##bits)                                                               \
    {                                                                                              \
        SET_GPR(bits, uop->dst,                                                                    \
                alu_##name(&cpu->flags, bits, GPR##bits(uop->dst), GPR##bits(uop->src)));          \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_g##x##_e##x##_r##bits)                                                               \
    {                                                                                              \
        SET_GPR(bits, uop->dst,                                                                    \
                alu_##name(&cpu->flags, bits, GPR##bits(uop->dst), GPR##bits(uop->src)));          \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_g##x##_e##x##_m##bits)                                                               \
    {                                                                                              \
        LOAD(bits, source, uop->segment, EA);                                                      \
        SET_GPR(bits, uop->dst, alu_##name(&cpu->flags, bits, GPR##bits(uop->dst), source));       \
        NEXT;                                                                                      \
    }
#define ALU_TO_MEMORY(name, x, bits)                                                               \
    OP(name##_e##x##_g##x##_m##bits)                                                               \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, EA);                                                       \
        const uint32_t old = CELL_READ(bits, cell);                                                \
        CELL_WRITE(bits, cell, alu_##name(&cpu->flags, bits, old, GPR##bits(uop->src)));           \
        NEXT;                                                                                      \
    }
#define ALU_IMMEDIATE(name, form, bits)                                                            \
    OP(name##_##form##_r##bits)                                                                    \
    {                                                                                              \
        SET_GPR(bits, uop->dst, alu_##name(&cpu->flags, bits, GPR##bits(uop->dst), IMM(bits)));    \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_##form##_m##bits)                                                                    \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, EA);                                                       \
        const uint32_t old = CELL_READ(bits, cell);                                                \
        CELL_WRITE(bits, cell, alu_##name(&cpu->flags, bits, old, IMM(bits)));                     \
        NEXT;                                                                                      \
    }
#define ALU_ROWS(name)                                                                             \
    ALU_TO_REGISTER(name, b, 8)                                                                    \
    ALU_TO_REGISTER(name, v, 16)                                                                   \
    ALU_TO_REGISTER(name, v, 32)                                                                   \
    ALU_TO_MEMORY(name, b, 8)                                                                      \
    ALU_TO_MEMORY(name, v, 16)                                                                     \
    ALU_TO_MEMORY(name, v, 32)                                                                     \
    ALU_IMMEDIATE(name, eb_ib, 8)                                                                  \
    ALU_IMMEDIATE(name, ev_iz, 16)                                                                 \
    ALU_IMMEDIATE(name, ev_iz, 32)

ALU_ROWS(add)
ALU_ROWS(or)
ALU_ROWS(adc)
ALU_ROWS(sbb)
ALU_ROWS(and)
ALU_ROWS(sub)
ALU_ROWS(xor)

/* Only the flags of a op b: CMP is SUB, TEST is AND. */
#define ALU_COMPARING(name, op, x, bits)                                                           \
    OP(name##_e##x##_g##x##_r##bits)                                                               \
    {                                                                                              \
        alu_##op(&cpu->flags, bits, GPR##bits(uop->dst), GPR##bits(uop->src));                     \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_e##x##_g##x##_m##bits)                                                               \
    {                                                                                              \
        LOAD(bits, value, uop->segment, EA);                                                       \
        alu_##op(&cpu->flags, bits, value, GPR##bits(uop->src));                                   \
        NEXT;                                                                                      \
    }
#define ALU_COMPARING_IMMEDIATE(name, op, form, bits)                                              \
    OP(name##_##form##_r##bits)                                                                    \
    {                                                                                              \
        alu_##op(&cpu->flags, bits, GPR##bits(uop->dst), IMM(bits));                               \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_##form##_m##bits)                                                                    \
    {                                                                                              \
        LOAD(bits, value, uop->segment, EA);                                                       \
        alu_##op(&cpu->flags, bits, value, IMM(bits));                                             \
        NEXT;                                                                                      \
    }
#define CMP_REGISTER(x, bits)                                                                      \
    OP(cmp_g##x##_e##x##_r##bits)                                                                  \
    {                                                                                              \
        alu_sub(&cpu->flags, bits, GPR##bits(uop->dst), GPR##bits(uop->src));                      \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(cmp_g##x##_e##x##_m##bits)                                                                  \
    {                                                                                              \
        LOAD(bits, source, uop->segment, EA);                                                      \
        alu_sub(&cpu->flags, bits, GPR##bits(uop->dst), source);                                   \
        NEXT;                                                                                      \
    }
#define COMPARING_ROWS(name, op)                                                                   \
    ALU_COMPARING(name, op, b, 8)                                                                  \
    ALU_COMPARING(name, op, v, 16)                                                                 \
    ALU_COMPARING(name, op, v, 32)                                                                 \
    ALU_COMPARING_IMMEDIATE(name, op, eb_ib, 8)                                                    \
    ALU_COMPARING_IMMEDIATE(name, op, ev_iz, 16)                                                   \
    ALU_COMPARING_IMMEDIATE(name, op, ev_iz, 32)

COMPARING_ROWS(cmp, sub)
COMPARING_ROWS(test, and)
CMP_REGISTER(b, 8)
CMP_REGISTER(v, 16)
CMP_REGISTER(v, 32)

/* ---- one operand ---- */
#define ALU_UNARY(name, x, bits)                                                                   \
    OP(name##_e##x##_r##bits)                                                                      \
    {                                                                                              \
        SET_GPR(bits, uop->dst, alu_##name(&cpu->flags, bits, GPR##bits(uop->dst)));               \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_e##x##_m##bits)                                                                      \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, EA);                                                       \
        const uint32_t old = CELL_READ(bits, cell);                                                \
        CELL_WRITE(bits, cell, alu_##name(&cpu->flags, bits, old));                                \
        NEXT;                                                                                      \
    }
#define UNARY_ROWS(name)                                                                           \
    ALU_UNARY(name, b, 8)                                                                          \
    ALU_UNARY(name, v, 16)                                                                         \
    ALU_UNARY(name, v, 32)

UNARY_ROWS(inc)
UNARY_ROWS(dec)
UNARY_ROWS(neg)
UNARY_ROWS(not )

/* ---- exchange and operate; if both operands are one register it gets the sum ---- */
#define XADD(x, bits)                                                                              \
    OP(xadd_e##x##_g##x##_r##bits)                                                                 \
    {                                                                                              \
        const uint32_t old = GPR##bits(uop->dst);                                                  \
        const uint32_t sum = alu_add(&cpu->flags, bits, old, GPR##bits(uop->src));                 \
        SET_GPR(bits, uop->src, old);                                                              \
        SET_GPR(bits, uop->dst, sum);                                                              \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(xadd_e##x##_g##x##_m##bits)                                                                 \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, EA);                                                       \
        const uint32_t old = CELL_READ(bits, cell);                                                \
        CELL_WRITE(bits, cell, alu_add(&cpu->flags, bits, old, GPR##bits(uop->src)));              \
        SET_GPR(bits, uop->src, old);                                                              \
        NEXT;                                                                                      \
    }
XADD(b, 8)
XADD(v, 16)
XADD(v, 32)

/* The memory operand is written in either case, with what it held if the comparison fails
 * (i486 PRM CMPXCHG). */
#define CMPXCHG(x, bits)                                                                           \
    OP(cmpxchg_e##x##_g##x##_r##bits)                                                              \
    {                                                                                              \
        const uint32_t old = GPR##bits(uop->dst);                                                  \
        if (is_zero(bits, alu_sub(&cpu->flags, bits, GPR##bits(REG_EAX), old))) {                  \
            GPR##bits(uop->dst) = GPR##bits(uop->src);                                             \
        } else {                                                                                   \
            SET_GPR(bits, REG_EAX, old);                                                           \
        }                                                                                          \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(cmpxchg_e##x##_g##x##_m##bits)                                                              \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, EA);                                                       \
        const uint32_t old = CELL_READ(bits, cell), accumulator = GPR##bits(REG_EAX);              \
        CELL_WRITE(bits, cell, old == accumulator ? GPR##bits(uop->src) : old);                    \
        SET_GPR(bits, REG_EAX, old);                                                               \
        alu_sub(&cpu->flags, bits, accumulator, old);                                              \
        NEXT_CHARGED(timing_cmpxchg_extra(cpu, 1, old == accumulator));                            \
    }
CMPXCHG(b, 8)
CMPXCHG(v, 16)
CMPXCHG(v, 32)

#ifdef EXEC_CAREFUL
/* Two cells of 4 bytes; both are checked before either is written. */
OP(cmpxchg8b_mq_m)
{
    const uint32_t low_at = EA;
    const uint32_t high_at = low_at + 4; /* does not wrap at 64 KiB */
    CHECK_CELL(ACCESS_WRITE, uop->segment, low_at, 4);
    CHECK_CELL(ACCESS_WRITE, uop->segment, high_at, 4);
    LOAD(32, low, uop->segment, low_at);
    LOAD(32, high, uop->segment, high_at);
    const bool equal = low == GPR32(REG_EAX) && high == GPR32(REG_EDX);
    STORE(32, uop->segment, low_at, equal ? GPR32(REG_EBX) : low);
    STORE(32, uop->segment, high_at, equal ? GPR32(REG_ECX) : high);
    if (!equal) {
        GPR32(REG_EAX) = low;
        GPR32(REG_EDX) = high;
    }
    flag_put_zf(&cpu->flags, equal);
    NEXT;
}
#endif
