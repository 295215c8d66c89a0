/* MUL, IMUL in its three forms, DIV, IDIV.
 * After a multiplication CF = OF = the result does not fit the low half; the other flags,
 * undefined, follow the low half. A division leaves the flags alone.
 * See: 80386 PRM 3.2.3, 3.2.4, 9.9.1 and chapter 17: MUL, IMUL, DIV, IDIV.
 * SPDX-License-Identifier: MIT */
#include "cpu/alu.h"
#include "cpu/timing.h"

/* A product with CF = OF = `wide`. */
INLINE void flags_product(struct lazy_flags *flags, uint32_t bits, uint32_t low, bool wide)
{
    flags_logic(flags, bits, low);
    flags_put_cf_of(flags, wide, wide);
}
/* Signed product cut to one operand's size. */
INLINE uint32_t alu_imul(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t b)
{
    int64_t product =
        (int64_t)(int32_t)sign_extend(bits, a) * (int64_t)(int32_t)sign_extend(bits, b);
    uint32_t low = (uint32_t)product;
    flags_product(flags, bits, low, product != (int32_t)sign_extend(bits, low));
    return low;
}

/* ---- one operand, double-length result: AX, DX:AX or EDX:EAX ---- */
INLINE void set_pair(struct cpu *cpu, uint32_t bits, uint64_t value)
{
    if (bits == 8) {
        GPR16(REG_EAX) = (uint16_t)value;
    } else if (bits == 16) {
        GPR16(REG_EAX) = (uint16_t)value;
        GPR16(REG_EDX) = (uint16_t)(value >> 16);
    } else {
        GPR32(REG_EAX) = (uint32_t)value;
        GPR32(REG_EDX) = (uint32_t)(value >> 32);
    }
}
/* The dividend, zero-extended. */
INLINE uint64_t pair(const struct cpu *cpu, uint32_t bits)
{
    uint32_t low = cpu->state.gpr[REG_EAX], high = cpu->state.gpr[REG_EDX];
    return bits == 8    ? low & 0xFFFF
           : bits == 16 ? (high << 16) | (low & 0xFFFF)
                        : ((uint64_t)high << 32) | low;
}
INLINE void multiply(struct cpu *cpu, uint32_t bits, uint32_t factor)
{
    uint64_t product = (uint64_t)zero_extend(bits, GPR32(REG_EAX)) * factor;
    set_pair(cpu, bits, product);
    flags_product(&cpu->flags, bits, (uint32_t)product, product >> bits);
}
INLINE void multiply_signed(struct cpu *cpu, uint32_t bits, uint32_t factor)
{
    int64_t product = (int64_t)(int32_t)sign_extend(bits, GPR32(REG_EAX)) *
                      (int64_t)(int32_t)sign_extend(bits, factor);
    set_pair(cpu, bits, (uint64_t)product);
    flags_product(&cpu->flags, bits, (uint32_t)product,
                  product != (int32_t)sign_extend(bits, (uint32_t)product));
}

struct quotient {
    uint64_t value;     /* in the low `bits` bits */
    uint64_t remainder; /* the same */
    bool overflow;      /* quotient needs more than `bits` bits: #DE */
};
/* divisor is not 0. */
INLINE struct quotient divide(uint32_t bits, uint64_t dividend, uint32_t divisor)
{
    uint64_t value = dividend / divisor;
    struct quotient result = {value, dividend % divisor, value >> bits};
    return result;
}
INLINE struct quotient divide_signed(uint32_t bits, uint64_t dividend, uint32_t divisor)
{
    int64_t wide = bits == 32   ? (int64_t)dividend
                   : bits == 16 ? (int32_t)dividend
                                : (int16_t)dividend;
    int64_t by = (int32_t)sign_extend(bits, divisor);
    if (by == -1) { /* the host's division must not overflow */
        struct quotient result = {0u - (uint64_t)wide, 0, wide <= -(INT64_C(1) << (bits - 1))};
        result.overflow |= wide > (INT64_C(1) << (bits - 1));
        return result;
    }
    int64_t value = wide / by;
    struct quotient result = {(uint64_t)value, (uint64_t)(wide % by),
                              value != (int32_t)sign_extend(bits, (uint32_t)value)};
    return result;
}
INLINE void set_quotient(struct cpu *cpu, uint32_t bits, struct quotient quotient)
{
    if (bits == 8) {
        GPR8(OFFSET_AL) = (uint8_t)quotient.value;
        GPR8(OFFSET_AH) = (uint8_t)quotient.remainder;
    } else if (bits == 16) {
        GPR16(REG_EAX) = (uint16_t)quotient.value;
        GPR16(REG_EDX) = (uint16_t)quotient.remainder;
    } else {
        GPR32(REG_EAX) = (uint32_t)quotient.value;
        GPR32(REG_EDX) = (uint32_t)quotient.remainder;
    }
}

#define MULTIPLY(name, multiply_pair, extend, x, bits)                                             \
    OP(name##_e##x##_r##bits)                                                                      \
    {                                                                                              \
        const uint32_t factor = GPR##bits(uop->dst);                                               \
        multiply_pair(cpu, bits, factor);                                                          \
        NEXT_CHARGED(timing_##name##_extra(cpu, extend(bits, factor)));                            \
    }                                                                                              \
    OP(name##_e##x##_m##bits)                                                                      \
    {                                                                                              \
        LOAD(bits, factor, uop->segment, EA);                                                      \
        multiply_pair(cpu, bits, factor);                                                          \
        NEXT_CHARGED(timing_##name##_extra(cpu, extend(bits, factor)));                            \
    }
MULTIPLY(mul, multiply, zero_extend, b, 8)
MULTIPLY(mul, multiply, zero_extend, v, 16)
MULTIPLY(mul, multiply, zero_extend, v, 32)
MULTIPLY(imul, multiply_signed, sign_extend, b, 8)
MULTIPLY(imul, multiply_signed, sign_extend, v, 16)
MULTIPLY(imul, multiply_signed, sign_extend, v, 32)

/* register = register * r/m, and register = r/m * immediate */
#define IMUL(bits)                                                                                 \
    OP(imul_gv_ev_r##bits)                                                                         \
    {                                                                                              \
        const uint32_t factor = GPR##bits(uop->src), old = GPR##bits(uop->dst);                    \
        SET_GPR(bits, uop->dst, alu_imul(&cpu->flags, bits, old, factor));                         \
        NEXT_CHARGED(timing_imul_extra(cpu, sign_extend(bits, factor)));                           \
    }                                                                                              \
    OP(imul_gv_ev_m##bits)                                                                         \
    {                                                                                              \
        LOAD(bits, factor, uop->segment, EA);                                                      \
        SET_GPR(bits, uop->dst, alu_imul(&cpu->flags, bits, GPR##bits(uop->dst), factor));         \
        NEXT_CHARGED(timing_imul_extra(cpu, sign_extend(bits, factor)));                           \
    }
#define IMUL_IMMEDIATE(bits)                                                                       \
    OP(imul_gv_ev_iz_r##bits)                                                                      \
    {                                                                                              \
        SET_GPR(bits, uop->dst, alu_imul(&cpu->flags, bits, GPR##bits(uop->src), IMM(bits)));      \
        NEXT_CHARGED(timing_imul_extra(cpu, sign_extend(bits, uop->imm)));                         \
    }                                                                                              \
    OP(imul_gv_ev_iz_m##bits)                                                                      \
    {                                                                                              \
        LOAD(bits, factor, uop->segment, EA);                                                      \
        SET_GPR(bits, uop->dst, alu_imul(&cpu->flags, bits, factor, IMM(bits)));                   \
        NEXT_CHARGED(timing_imul_extra(cpu, sign_extend(bits, uop->imm)));                         \
    }
IMUL(16)
IMUL(32)
IMUL_IMMEDIATE(16)
IMUL_IMMEDIATE(32)

#define DIVIDE(quotient_of, bits, divisor)                                                         \
    if (UNLIKELY(divisor == 0)) {                                                                  \
        FAULT(trap_raise(cpu, PATH_de_zero, 0));                                                   \
    }                                                                                              \
    const struct quotient quotient = quotient_of(bits, pair(cpu, bits), divisor);                  \
    if (UNLIKELY(quotient.overflow)) {                                                             \
        FAULT(trap_raise(cpu, PATH_de_overflow, 0));                                               \
    }                                                                                              \
    set_quotient(cpu, bits, quotient)
#define DIVISION(name, quotient_of, x, bits)                                                       \
    OP(name##_e##x##_r##bits)                                                                      \
    {                                                                                              \
        const uint32_t divisor = GPR##bits(uop->dst);                                              \
        DIVIDE(quotient_of, bits, divisor);                                                        \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_e##x##_m##bits)                                                                      \
    {                                                                                              \
        LOAD(bits, divisor, uop->segment, EA);                                                     \
        DIVIDE(quotient_of, bits, divisor);                                                        \
        NEXT;                                                                                      \
    }
DIVISION(div, divide, b, 8)
DIVISION(div, divide, v, 16)
DIVISION(div, divide, v, 32)
DIVISION(idiv, divide_signed, b, 8)
DIVISION(idiv, divide_signed, v, 16)
DIVISION(idiv, divide_signed, v, 32)
