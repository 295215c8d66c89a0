/* Sine, cosine and tangent of the x87. Operands are reduced by pi itself, to 190 bits behind the
 * point, not by the 66 bits of the processor's constant: results are right for every operand below
 * 2^63, to the bounds of fpu_transcendental.c.
 * See: 80387 PRM FSIN, FCOS, FSINCOS, FPTAN.
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu_real.h"

static const struct real half_pi = {
    {UINT64_C(0xC90FDAA22168C234), UINT64_C(0xC4C6628B80DC1CD1)}, 0, 0};
#define QUARTER_PI_HIGH half_pi.significand.high
/* 2 / pi = 0. and these 256 bits */
static const uint64_t two_over_pi[4] = {UINT64_C(0xA2F9836E4E441529), UINT64_C(0xFC2757D1F534DDC0),
                                        UINT64_C(0xDB6295993C439041), UINT64_C(0xFE5163ABDEBBC561)};

/* |a| = quadrant * pi/2 + rest, |rest| at most pi/4. */
struct reduced {
    struct real rest;
    uint32_t quadrant; /* 0..3 */
};

/* value[0]: the integer, value[1..4]: the fraction of |a| * 2/pi. */
static void multiply_by_two_over_pi(struct float80 a, uint64_t value[5])
{
    const uint32_t shift = (uint32_t)(FLOAT80_BIAS + 63 - float80_exponent(a)); /* 1..64 */
    uint64_t carry = 0;
    for (uint32_t i = 4; i > 0; i--) {
        const struct wide sum =
            wide_add(wide_multiply(a.significand, two_over_pi[i - 1]), wide_of(0, carry));
        value[i] = sum.low;
        carry = sum.high;
    }
    value[0] = carry;
    for (uint32_t i = 4; i > 0; i--) {
        value[i] = shift < 64 ? value[i] >> shift | value[i - 1] << (64 - shift) : value[i - 1];
    }
    value[0] = shift < 64 ? value[0] >> shift : 0;
}

static void negate_fraction(uint64_t value[5])
{
    uint64_t carry = 1;
    for (uint32_t i = 4; i > 0; i--) {
        value[i] = ~value[i] + carry;
        carry = carry && !value[i];
    }
}

static struct real real_of_fraction(const uint64_t value[5], uint32_t sign)
{
    struct real result = {{value[1], value[2]}, -1, sign};
    uint32_t first = 1;
    if (!value[1]) { /* no operand comes nearer than 2^-75 */
        result.significand = wide_of(value[2], value[3]);
        result.exponent -= 64;
        first = 2;
    }
    const uint32_t zeros = (uint32_t)__builtin_clzll(value[first] | 1);
    result.significand = wide_left(result.significand, zeros);
    result.significand.low |= zeros ? value[first + 2] >> (64 - zeros) : 0;
    result.exponent -= (int32_t)zeros;
    return result;
}

static struct reduced reduce(struct float80 a)
{
    struct reduced result = {.quadrant = 0};
    const int32_t power = float80_exponent(a) - FLOAT80_BIAS;
    a.sign_exponent &= FLOAT80_EXPONENT;
    if (power < -1 || (power == -1 && a.significand <= QUARTER_PI_HIGH)) {
        result.rest = real_of_float80(a);
        return result;
    }
    uint64_t value[5];
    multiply_by_two_over_pi(a, value);
    const uint32_t above = (uint32_t)(value[1] >> 63); /* nearer to the next multiple */
    if (above) {
        negate_fraction(value);
    }
    result.quadrant = (uint32_t)(value[0] + above) & 3;
    result.rest = real_multiply(real_of_fraction(value, above), half_pi);
    return result;
}

/* Sum of a series in r^2: 1 - r^2/(d (d + 1)) (1 - r^2/((d + 2)(d + 3)) (...)). */
static struct real series(struct real r, uint32_t d)
{
    const struct real one = real_of_integer(1);
    const struct real square = real_negate(real_multiply(r, r));
    const int32_t exponent = square.exponent + 1;
    uint32_t terms = exponent < -6 ? 120 / (uint32_t)-exponent + 1 : 17;
    struct real sum = one;
    for (; terms > 0; terms--) {
        const uint32_t n = d + 2 * (terms - 1);
        sum = real_add(one, real_multiply(real_divide_small(square, n * (n + 1)), sum));
    }
    return sum;
}

static struct real sine_of(struct real r)
{
    return real_multiply(r, series(r, 2));
}

static struct real cosine_of(struct real r)
{
    return series(r, 1);
}

/* Near 0 by r + r^3/3: the quotient of sine and cosine would lose on which side of r it is. */
static struct real tangent_of(struct real r)
{
    if (r.exponent >= -36) {
        return real_divide(sine_of(r), cosine_of(r));
    }
    const struct real cube = real_multiply(r, real_multiply(r, r));
    return real_add(r, real_divide_small(cube, 3));
}

bool fpu_in_trigonometric_range(struct float80 a)
{
    const int32_t exponent = float80_exponent(a);
    return exponent < FLOAT80_BIAS + 63 || exponent == (int32_t)FLOAT80_EXPONENT ||
           float80_class(a) == FLOAT80_UNSUPPORTED;
}

static struct float80 one(void)
{
    return float80_of(FLOAT80_BIAS, FLOAT80_INTEGER);
}

struct float80 fpu_trigonometric(struct fpu_operation *op, struct float80 a,
                                 enum fpu_trigonometric function)
{
    const enum float80_class kind = float80_class(a);
    if (kind <= FLOAT80_NAN) {
        return fpu_nan_of(op, a);
    }
    if (kind == FLOAT80_INFINITE) {
        return fpu_invalid(op);
    }
    op->raised |= kind == FLOAT80_DENORMAL ? FPU_DE : 0;
    if (kind == FLOAT80_ZERO) {
        return function == FPU_COSINE ? one() : a;
    }
    const struct reduced reduced = reduce(a);
    const bool odd = reduced.quadrant & 1;
    struct real result;
    if (function == FPU_TANGENT) {
        result = tangent_of(reduced.rest);
        result = odd ? real_negate(real_divide(real_of_integer(1), result)) : result;
        result.sign ^= float80_sign(a);
        return real_round(op, result, 0);
    }
    if (function == FPU_SINE) {
        result = odd ? cosine_of(reduced.rest) : sine_of(reduced.rest);
        result.sign ^= (reduced.quadrant >> 1) ^ float80_sign(a);
    } else {
        result = odd ? sine_of(reduced.rest) : cosine_of(reduced.rest);
        result.sign ^= (reduced.quadrant >> 1) ^ odd;
    }
    return real_round(op, result, 0);
}
