/* Between the 80-bit format of the registers and those of memory: single and double precision,
 * integers of 16, 32 and 64 bits, 18 packed decimal digits.
 * See: 80387 PRM 2.3, 3.1, 4.2 and 4.3; i486 PRM 15.3.
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu.h"
#include "cpu/wide.h"

/* ---- from memory: always exact ---- */

/* sign, exponent field and fraction (left justified) of a format with that bias. */
static struct float80 widen(struct fpu_operation *op, uint32_t sign, uint32_t exponent,
                            uint64_t fraction, uint32_t most, int32_t bias)
{
    const uint32_t sign_bit = sign ? FLOAT80_SIGN : 0;
    if (exponent == most) {
        return float80_of(sign_bit | FLOAT80_EXPONENT, FLOAT80_INTEGER | fraction >> 1);
    }
    if (exponent) {
        const uint32_t moved = (uint32_t)((int32_t)exponent - bias + FLOAT80_BIAS);
        return float80_of(sign_bit | moved, FLOAT80_INTEGER | fraction >> 1);
    }
    if (!fraction) {
        return float80_zero(sign);
    }
    op->denormal = FPU_DE;
    const uint32_t zeros = (uint32_t)__builtin_clzll(fraction);
    const uint32_t moved = (uint32_t)(FLOAT80_BIAS - bias - (int32_t)zeros);
    return float80_of(sign_bit | moved, fraction << zeros);
}

struct float80 float80_of_float32(struct fpu_operation *op, uint32_t bits)
{
    return widen(op, bits >> 31, bits >> 23 & 0xFF, (uint64_t)bits << 41, 0xFF, 127);
}

struct float80 float80_of_float64(struct fpu_operation *op, uint64_t bits)
{
    return widen(op, (uint32_t)(bits >> 63), bits >> 52 & 0x7FF, bits << 12, 0x7FF, 1023);
}

struct float80 float80_of_integer(int64_t value)
{
    if (!value) {
        return float80_zero(0);
    }
    const uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    const uint32_t zeros = (uint32_t)__builtin_clzll(magnitude);
    return float80_of((value < 0 ? FLOAT80_SIGN : 0) | (FLOAT80_BIAS + 63 - zeros),
                      magnitude << zeros);
}

/* Digits above 9 count what their four bits say. */
struct float80 float80_of_bcd(uint64_t low, uint32_t high)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < 2; i++) {
        value = value * 10 + (high >> (4 - 4 * i) & 15);
    }
    for (uint32_t i = 0; i < 16; i++) {
        value = value * 10 + (low >> (60 - 4 * i) & 15);
    }
    struct float80 result = float80_of_integer((int64_t)value);
    result.sign_exponent |= high & FLOAT80_SIGN;
    return result;
}

/* ---- to single and double precision ---- */

struct format {
    uint32_t bits;   /* of the whole number */
    uint32_t digits; /* of the significand, the hidden one included */
    int32_t bias;    /* of the exponent */
    int32_t most;    /* exponent of infinity and NaN */
};
static const struct format single = {32, 24, 127, 0xFF};
static const struct format twice = {64, 53, 1023, 0x7FF};

static uint64_t pack(const struct format *format, uint32_t sign, int32_t exponent,
                     uint64_t fraction)
{
    return (uint64_t)sign << (format->bits - 1) |
           (((uint64_t)(uint32_t)exponent << (format->digits - 1)) + fraction);
}

/* Infinity or the largest number, by the rounding. */
static uint64_t too_large(struct fpu_operation *op, const struct format *format, uint32_t sign)
{
    const uint32_t way = FPU_ROUNDING(op->control);
    op->raised = (op->raised & ~FPU_C1) | FPU_OE | FPU_PE;
    if (way == FPU_ROUND_NEAREST || way == (sign ? FPU_ROUND_DOWN : FPU_ROUND_UP)) {
        op->raised |= FPU_C1;
        return pack(format, sign, format->most, 0);
    }
    return pack(format, sign, format->most, 0) - 1;
}

static uint64_t narrow_finite(struct fpu_operation *op, const struct format *format,
                              struct float80 a)
{
    const uint32_t sign = float80_sign(a), cut = 64 - format->digits;
    int32_t exponent;
    uint64_t significand = float80_normalize(a, &exponent);
    exponent += format->bias - FLOAT80_BIAS;
    const uint64_t ones = ~UINT64_C(0) << cut;
    uint32_t half = (uint32_t)(significand >> (cut - 1)) & 1;
    uint32_t sticky = (significand & ((UINT64_C(1) << (cut - 1)) - 1)) != 0;
    uint32_t tiny = 0;
    if (exponent <= 0) {
        const uint32_t last = (uint32_t)(significand >> cut) & 1;
        tiny = exponent < 0 || (significand & ones) != ones ||
               !fpu_rounds_up(op->control, sign, last, half, sticky);
        const struct wide moved =
            wide_right_sticky(wide_of(significand, 0), (uint32_t)(1 - exponent));
        significand = moved.high;
        half = (uint32_t)(significand >> (cut - 1)) & 1;
        sticky = (significand & ((UINT64_C(1) << (cut - 1)) - 1)) != 0 || moved.low;
        exponent = 0;
    } else {
        exponent--; /* the leading one is added to the exponent field */
    }
    uint64_t kept = significand >> cut;
    if (fpu_rounds_up(op->control, sign, kept & 1, half, sticky)) {
        kept++;
        op->raised |= FPU_C1;
    }
    op->raised |= half | sticky ? FPU_PE : 0;
    if (tiny && ((half | sticky) || !(op->control & FPU_UE))) {
        op->raised |= FPU_UE;
    }
    if (exponent + (int32_t)(kept >> (format->digits - 1)) >= format->most) {
        return too_large(op, format, sign);
    }
    return pack(format, sign, exponent, kept);
}

static uint64_t narrow(struct fpu_operation *op, const struct format *format, struct float80 a)
{
    switch (float80_class(a)) {
    case FLOAT80_ZERO:
        return pack(format, float80_sign(a), 0, 0);
    case FLOAT80_INFINITE:
        return pack(format, float80_sign(a), format->most, 0);
    case FLOAT80_UNSUPPORTED:
    case FLOAT80_NAN:
        a = fpu_nan_of(op, a);
        return pack(format, float80_sign(a), format->most,
                    a.significand << 1 >> (65 - format->digits));
    default:
        return narrow_finite(op, format, a);
    }
}

uint32_t fpu_to_float32(struct fpu_operation *op, struct float80 a)
{
    return (uint32_t)narrow(op, &single, a);
}

uint64_t fpu_to_float64(struct fpu_operation *op, struct float80 a)
{
    return narrow(op, &twice, a);
}

/* ---- to integers ---- */

/* |a| rounded; *beyond is set if it has more than 64 bits. a is finite. */
static uint64_t round_magnitude(struct fpu_operation *op, struct float80 a, bool *beyond)
{
    const int32_t power = float80_exponent(a) - FLOAT80_BIAS - 63;
    if (power >= 0) {
        *beyond = power > 0 && a.significand;
        return a.significand;
    }
    const struct wide moved = wide_right_sticky(wide_of(a.significand, 0), (uint32_t)-power);
    const uint32_t half = (uint32_t)(moved.low >> 63), sticky = moved.low << 1 != 0;
    const uint32_t up = fpu_rounds_up(op->control, float80_sign(a), moved.high & 1, half, sticky);
    op->raised |= (half | sticky ? FPU_PE : 0) | (up ? FPU_C1 : 0);
    return moved.high + up;
}

static bool is_finite(struct float80 a)
{
    const enum float80_class kind = float80_class(a);
    return kind != FLOAT80_UNSUPPORTED && kind != FLOAT80_NAN && kind != FLOAT80_INFINITE;
}

int64_t fpu_to_integer(struct fpu_operation *op, struct float80 a, uint32_t bits)
{
    const uint64_t limit = UINT64_C(1) << (bits - 1);
    bool beyond = !is_finite(a);
    const uint64_t magnitude = beyond ? 0 : round_magnitude(op, a, &beyond);
    const uint32_t sign = float80_sign(a);
    if (beyond || magnitude > limit - !sign) {
        op->raised = FPU_IE;
        return (int64_t)(0 - limit);
    }
    return (int64_t)(sign ? 0 - magnitude : magnitude);
}

#define BCD_LIMIT UINT64_C(1000000000000000000)
uint64_t fpu_to_bcd(struct fpu_operation *op, struct float80 a, uint32_t *high)
{
    bool beyond = !is_finite(a);
    uint64_t magnitude = beyond ? 0 : round_magnitude(op, a, &beyond), digits = 0;
    if (beyond || magnitude >= BCD_LIMIT) {
        op->raised = FPU_IE;
        *high = 0xFFFF;
        return UINT64_C(0xC000000000000000);
    }
    for (uint32_t i = 0; i < 16; i++) {
        digits |= magnitude % 10 << (4 * i);
        magnitude /= 10;
    }
    *high = (uint32_t)(magnitude / 10 << 4 | magnitude % 10) | (a.sign_exponent & FLOAT80_SIGN);
    return digits;
}

struct float80 fpu_round_to_integer(struct fpu_operation *op, struct float80 a)
{
    const enum float80_class kind = float80_class(a);
    if (kind <= FLOAT80_NAN) {
        return fpu_nan_of(op, a);
    }
    op->raised |= kind == FLOAT80_DENORMAL ? FPU_DE : 0;
    if (kind == FLOAT80_ZERO || float80_exponent(a) >= FLOAT80_BIAS + 63) {
        return a;
    }
    bool beyond = false;
    const uint64_t magnitude = round_magnitude(op, a, &beyond);
    struct float80 result = float80_of_integer((int64_t)magnitude); /* below 2^63, or it */
    result.sign_exponent =
        (uint16_t)((result.sign_exponent & FLOAT80_EXPONENT) | (a.sign_exponent & FLOAT80_SIGN));
    return result;
}
