/* Arithmetic of one operand size, with its flags: pure functions that the bodies share.
 * bits is 8, 16 or 32 and a constant at every call. Operands come zero-extended; of a result
 * only the low `bits` bits mean anything. Flags the manual leaves undefined become what
 * comes out of the same formula, or what later silicon gives.
 * See: 80386 PRM 3.2, 17.2.2.11, appendix C.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cpu/exec.h"

INLINE uint32_t sign_extend(uint32_t bits, uint32_t value)
{
    return bits == 8    ? (uint32_t)(int32_t)(int8_t)value
           : bits == 16 ? (uint32_t)(int32_t)(int16_t)value
                        : value;
}

INLINE uint32_t zero_extend(uint32_t bits, uint32_t value)
{
    return bits == 8 ? value & 0xFF : bits == 16 ? value & 0xFFFF : value;
}

/* SF, ZF, PF of a result; CF, OF and AF 0. */
INLINE void flags_logic(struct lazy_flags *flags, uint32_t bits, uint32_t result)
{
    flags->result = sign_extend(bits, result);
    flags->aux = 0;
}

/* CF and OF, the others kept. */
INLINE void flags_put_cf_of(struct lazy_flags *flags, uint32_t cf, uint32_t of)
{
    flags->aux = (flags->aux & ~(AUX_CF | AUX_CFXOF)) | (cf << 31) | ((cf ^ of) << 30);
}

/* ---- addition and logic: return the result, set all six flags ---- */
INLINE uint32_t alu_add(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t b)
{
    uint32_t result = a + b;
    flags_set(flags, bits, result, carries_of_add(a, b, result));
    return result;
}
INLINE uint32_t alu_adc(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t b)
{
    uint32_t result = a + b + flag_cf(flags);
    flags_set(flags, bits, result, carries_of_add(a, b, result));
    return result;
}
INLINE uint32_t alu_sub(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t b)
{
    uint32_t result = a - b;
    flags_set(flags, bits, result, carries_of_sub(a, b, result));
    return result;
}
INLINE uint32_t alu_sbb(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t b)
{
    uint32_t result = a - b - flag_cf(flags);
    flags_set(flags, bits, result, carries_of_sub(a, b, result));
    return result;
}
INLINE uint32_t alu_and(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t b)
{
    flags_logic(flags, bits, a & b);
    return a & b;
}
INLINE uint32_t alu_or(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t b)
{
    flags_logic(flags, bits, a | b);
    return a | b;
}
INLINE uint32_t alu_xor(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t b)
{
    flags_logic(flags, bits, a ^ b);
    return a ^ b;
}
INLINE uint32_t alu_neg(struct lazy_flags *flags, uint32_t bits, uint32_t a)
{
    return alu_sub(flags, bits, 0, a);
}
/* NOT touches no flag. */
INLINE uint32_t alu_not(struct lazy_flags *flags, uint32_t bits, uint32_t a)
{
    (void)flags;
    (void)bits;
    return ~a;
}
/* INC and DEC: a result one away from `a`; CF is kept. */
INLINE void flags_count(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t result,
                        bool overflow)
{
    uint32_t cf = flag_cf(flags);
    flags->result = sign_extend(bits, result);
    flags->aux =
        (flags->aux & AUX_CF) | (((a ^ result) >> 1) & AUX_AF) | ((cf ^ (uint32_t)overflow) << 30);
}
INLINE uint32_t alu_inc(struct lazy_flags *flags, uint32_t bits, uint32_t a)
{
    uint32_t result = a + 1;
    flags_count(flags, bits, a, result, zero_extend(bits, result) == 1u << (bits - 1));
    return result;
}
INLINE uint32_t alu_dec(struct lazy_flags *flags, uint32_t bits, uint32_t a)
{
    uint32_t result = a - 1;
    flags_count(flags, bits, a, result, zero_extend(bits, a) == 1u << (bits - 1));
    return result;
}

/* ---- conditions: numbered as in the low four bits of Jcc, SETcc, CMOVcc ---- */
INLINE bool condition_holds(const struct lazy_flags *flags, uint32_t condition)
{
    uint32_t holds = 0;
    switch (condition >> 1) {
    case 0: /* O */
        holds = flag_of(flags);
        break;
    case 1: /* B */
        holds = flag_cf(flags);
        break;
    case 2: /* Z */
        holds = flag_zf(flags);
        break;
    case 3: /* BE */
        holds = flag_cf(flags) | flag_zf(flags);
        break;
    case 4: /* S */
        holds = flag_sf(flags);
        break;
    case 5: /* P */
        holds = flag_pf(flags);
        break;
    case 6: /* L */
        holds = flag_sf(flags) ^ flag_of(flags);
        break;
    default: /* LE */
        holds = flag_zf(flags) | (flag_sf(flags) ^ flag_of(flags));
        break;
    }
    return (holds ^ condition) & 1;
}

/* body(name, number) for the sixteen conditions, numbered as in the opcodes. */
#define ALL_CONDITIONS(body)                                                                       \
    body(o, 0) body(no, 1) body(b, 2) body(ae, 3) body(e, 4) body(ne, 5) body(be, 6) body(a, 7)    \
        body(s, 8) body(ns, 9) body(p, 10) body(np, 11) body(l, 12) body(ge, 13) body(le, 14)      \
            body(g, 15)

/* True if the low `bits` bits are all 0. */
INLINE bool is_zero(uint32_t bits, uint32_t value)
{
    return zero_extend(bits, value) == 0;
}

/* ---- words that every body uses ---- */
/* Write a register of a constant size; n as in the micro-op. */
#define SET_GPR(bits, n, value) (GPR##bits(n) = (UINT_##bits)(value))
#define UINT_8                  uint8_t
#define UINT_16                 uint16_t
#define UINT_32                 uint32_t
/* The effective address of the operand in memory. */
#define EA effective_address(cpu, uop)
/* The immediate operand, cut to the operand's size. */
#define IMM(bits) zero_extend(bits, uop->imm)

#ifdef EXEC_CAREFUL
/* Check a cell that is written, or read, only after others have been checked as well. */
#define CHECK_CELL(access, segment, offset, bytes)                                                 \
    do {                                                                                           \
        const uint32_t path_of_cell = check_logical(cpu, segment, offset, bytes, access);          \
        if (UNLIKELY(path_of_cell)) {                                                              \
            FAULT(path_of_cell);                                                                   \
        }                                                                                          \
    } while (0)
#endif
