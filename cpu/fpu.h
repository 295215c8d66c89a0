/* Floating-point numbers of the x87 and the operations on them, in integers alone: the same bits
 * on every host. No register stack here, no processor.
 * See: 80387 Programmer's Reference Manual (1987) 2 and 3; i486 PRM chapters 15 and 16.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Status word. The low six bits are those of the control word's masks. */
#define FPU_IE        0x0001u /* invalid operation */
#define FPU_DE        0x0002u /* denormal operand */
#define FPU_ZE        0x0004u /* division by zero */
#define FPU_OE        0x0008u /* overflow */
#define FPU_UE        0x0010u /* underflow */
#define FPU_PE        0x0020u /* precision: inexact */
#define FPU_SF        0x0040u /* the invalid operation was a stack fault */
#define FPU_ES        0x0080u /* an exception that is not masked */
#define FPU_C0        0x0100u
#define FPU_C1        0x0200u /* rounded up; stack overflow */
#define FPU_C2        0x0400u
#define FPU_TOP       0x3800u
#define FPU_TOP_SHIFT 11u
#define FPU_C3        0x4000u
#define FPU_BUSY      0x8000u /* as ES */
#define FPU_CC        (FPU_C0 | FPU_C1 | FPU_C2 | FPU_C3)
#define FPU_MASKS     0x003Fu
/* Exceptions found before anything is computed: unmasked, they leave all operands alone. */
#define FPU_BEFORE (FPU_IE | FPU_DE | FPU_ZE)

/* Control word. */
#define FPU_CONTROL_KNOWN  0x1F3Fu /* masks, precision, rounding, infinity */
#define FPU_CONTROL_ONE    0x0040u /* always reads as 1 */
#define FPU_CONTROL_START  0x037Fu /* after FINIT */
#define FPU_PRECISION(cw)  ((cw) >> 8 & 3)
#define FPU_ROUNDING(cw)   ((cw) >> 10 & 3)
#define FPU_ROUND_NEAREST  0u
#define FPU_ROUND_DOWN     1u
#define FPU_ROUND_UP       2u
#define FPU_ROUND_TRUNCATE 3u

#define FLOAT80_BIAS        16383
#define FLOAT80_EXPONENT    0x7FFFu /* in sign_exponent; all ones: infinity and NaN */
#define FLOAT80_SIGN        0x8000u
#define FLOAT80_INTEGER     UINT64_C(0x8000000000000000) /* explicit integer bit */
#define FLOAT80_QUIET       UINT64_C(0x4000000000000000)
#define FLOAT80_UNMASK_BIAS 24576 /* 80387 PRM 3.5.5 */

struct float80 {
    uint64_t significand;   /* integer bit and 63 bits of fraction */
    uint16_t sign_exponent; /* sign in bit 15 */
};

/* What an operation works under, and what it found. */
struct fpu_operation {
    uint32_t control;   /* control word: masks and rounding */
    uint32_t precision; /* bits a result is rounded to: 24, 53 or 64 */
    uint32_t raised;    /* status word bits: exceptions, C1 */
    uint32_t denormal;  /* FPU_DE if an operand was denormal in memory, else 0 */
};

enum float80_class {
    FLOAT80_UNSUPPORTED, /* values as in C3 C2 C0 of FXAM */
    FLOAT80_NAN,
    FLOAT80_NORMAL,
    FLOAT80_INFINITE,
    FLOAT80_ZERO,
    FLOAT80_EMPTY,
    FLOAT80_DENORMAL, /* pseudo-denormals too */
};

enum fpu_relation { FPU_LESS, FPU_EQUAL, FPU_GREATER, FPU_UNORDERED };

static inline struct float80 float80_of(uint32_t sign_exponent, uint64_t significand)
{
    const struct float80 value = {significand, (uint16_t)sign_exponent};
    return value;
}
static inline struct float80 float80_zero(uint32_t sign)
{
    return float80_of(sign ? FLOAT80_SIGN : 0, 0);
}
static inline struct float80 float80_infinity(uint32_t sign)
{
    return float80_of((sign ? FLOAT80_SIGN : 0) | FLOAT80_EXPONENT, FLOAT80_INTEGER);
}
/* The default NaN ("real indefinite"). */
static inline struct float80 float80_indefinite(void)
{
    return float80_of(FLOAT80_SIGN | FLOAT80_EXPONENT, FLOAT80_INTEGER | FLOAT80_QUIET);
}
static inline uint32_t float80_sign(struct float80 a)
{
    return a.sign_exponent >> 15;
}
static inline int32_t float80_exponent(struct float80 a)
{
    return a.sign_exponent & (int32_t)FLOAT80_EXPONENT;
}
static inline bool float80_is_normal(struct float80 a)
{
    const uint32_t exponent = a.sign_exponent & FLOAT80_EXPONENT;
    return a.significand >> 63 && exponent - 1 < FLOAT80_EXPONENT - 1;
}
static inline bool float80_is_signalling(struct float80 a)
{
    return !(a.significand & FLOAT80_QUIET);
}
enum float80_class float80_class(struct float80 a);

/* ---- fpu_float.c ---- */
/* Round (high:low) * 2^(exponent - bias - 63) to op->precision; exponent may be out of range. */
struct float80 fpu_round(struct fpu_operation *op, uint32_t sign, int32_t exponent, uint64_t high,
                         uint64_t low);
/* 1 if a value is to be rounded up (away from 0) whose last kept bit is `last`. half and sticky:
 * what follows is at least a half, has more bits than that. */
uint32_t fpu_rounds_up(uint32_t control, uint32_t sign, uint32_t last, uint32_t half,
                       uint32_t sticky);
/* The NaN that comes of operands of which one is NaN or unsupported. */
struct float80 fpu_nan(struct fpu_operation *op, struct float80 a, struct float80 b);
struct float80 fpu_nan_of(struct fpu_operation *op, struct float80 a);
struct float80 fpu_invalid(struct fpu_operation *op);
/* Significand made to begin with 1, exponent to match; a is neither 0 nor special. */
uint64_t float80_normalize(struct float80 a, int32_t *exponent);
struct float80 fpu_add(struct fpu_operation *op, struct float80 a, struct float80 b);
struct float80 fpu_subtract(struct fpu_operation *op, struct float80 a, struct float80 b);
struct float80 fpu_multiply(struct fpu_operation *op, struct float80 a, struct float80 b);
struct float80 fpu_divide(struct fpu_operation *op, struct float80 a, struct float80 b);
struct float80 fpu_square_root(struct fpu_operation *op, struct float80 a);
/* quiet: 1 for FUCOM, which does not mind a quiet NaN. */
enum fpu_relation fpu_compare(struct fpu_operation *op, struct float80 a, struct float80 b,
                              uint32_t quiet);

/* ---- fpu_convert.c ---- */
/* The same value; signalling NaNs stay so. op->denormal is set for a denormal. */
struct float80 float80_of_float32(struct fpu_operation *op, uint32_t bits);
struct float80 float80_of_float64(struct fpu_operation *op, uint64_t bits);
struct float80 float80_of_integer(int64_t value);
struct float80 float80_of_bcd(uint64_t low, uint32_t high);
/* Rounded to the format; UE, OE, PE, IE as they come. */
uint32_t fpu_to_float32(struct fpu_operation *op, struct float80 a);
uint64_t fpu_to_float64(struct fpu_operation *op, struct float80 a);
/* Rounded to an integer of 16, 32 or 64 bits; the integer indefinite (8000...) if it is none. */
int64_t fpu_to_integer(struct fpu_operation *op, struct float80 a, uint32_t bits);
/* Ten bytes of packed decimal: low and high part. */
uint64_t fpu_to_bcd(struct fpu_operation *op, struct float80 a, uint32_t *high);
struct float80 fpu_round_to_integer(struct fpu_operation *op, struct float80 a);

/* ---- fpu_remainder.c ---- */
struct fpu_remainder {
    struct float80 value;
    uint32_t divided;  /* 0: there was nothing to divide, the condition bits stay */
    uint32_t partial;  /* 1: not reduced all the way (C2) */
    uint64_t quotient; /* its lowest bits */
};
/* nearest: 0 FPREM (truncating), 1 FPREM1 (to the nearest integer). */
struct fpu_remainder fpu_remainder(struct fpu_operation *op, struct float80 a, struct float80 b,
                                   uint32_t nearest);
struct float80 fpu_scale(struct fpu_operation *op, struct float80 a, struct float80 b);
/* returns the exponent as a number; *significand gets the rest. */
struct float80 fpu_extract(struct fpu_operation *op, struct float80 a, struct float80 *significand);

/* ---- fpu_transcendental.c ---- */
struct float80 fpu_exp2_minus_1(struct fpu_operation *op, struct float80 a);
struct float80 fpu_y_log2_x(struct fpu_operation *op, struct float80 x, struct float80 y);
struct float80 fpu_y_log2_x_plus_1(struct fpu_operation *op, struct float80 x, struct float80 y);
struct float80 fpu_arctangent(struct fpu_operation *op, struct float80 x, struct float80 y);
enum fpu_trigonometric { FPU_SINE, FPU_COSINE, FPU_TANGENT };
/* False if |a| is 2^63 or more: nothing is computed (C2). */
bool fpu_in_trigonometric_range(struct float80 a);
struct float80 fpu_trigonometric(struct fpu_operation *op, struct float80 a,
                                 enum fpu_trigonometric function);
