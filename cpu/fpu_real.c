/* See fpu_real.h.
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu_real.h"

static struct real normalized(uint32_t sign, int32_t exponent, struct wide significand)
{
    struct real result = {significand, exponent, sign};
    if (wide_is_zero(significand)) {
        result.exponent = 0;
        return result;
    }
    const uint32_t zeros = wide_leading_zeros(significand);
    result.significand = wide_left(significand, zeros);
    result.exponent -= (int32_t)zeros;
    return result;
}

struct real real_of_float80(struct float80 a)
{
    const int32_t exponent = float80_exponent(a) ? float80_exponent(a) : 1;
    return normalized(float80_sign(a), exponent - FLOAT80_BIAS, wide_of(a.significand, 0));
}

struct real real_of_integer(int32_t value)
{
    const uint64_t magnitude = (uint64_t)(value < 0 ? -(int64_t)value : (int64_t)value);
    return normalized(value < 0, 127, wide_of(0, magnitude));
}

struct float80 real_round(struct fpu_operation *op, struct real a, uint32_t exact)
{
    return fpu_round(op, a.sign, a.exponent + FLOAT80_BIAS, a.significand.high,
                     a.significand.low | !exact);
}

struct real real_negate(struct real a)
{
    a.sign ^= 1;
    return a;
}

uint32_t real_is_below(struct real a, struct real b)
{
    if (wide_is_zero(a.significand) || wide_is_zero(b.significand)) {
        return !wide_is_zero(b.significand);
    }
    return a.exponent != b.exponent ? a.exponent < b.exponent
                                    : wide_less(a.significand, b.significand);
}

struct real real_add(struct real a, struct real b)
{
    if (real_is_below(a, b)) {
        const struct real swap = a;
        a = b;
        b = swap;
    }
    if (wide_is_zero(b.significand)) {
        return a;
    }
    const uint32_t apart = (uint32_t)(a.exponent - b.exponent);
    const struct wide moved = wide_right_sticky(b.significand, apart);
    if (a.sign != b.sign) {
        return normalized(a.sign, a.exponent, wide_subtract(a.significand, moved));
    }
    struct wide sum = wide_add(a.significand, moved);
    if (wide_less(sum, moved)) {
        sum = wide_right_sticky(sum, 1);
        sum.high |= UINT64_C(1) << 63;
        a.exponent++;
    }
    a.significand = sum;
    return a;
}

struct real real_multiply(struct real a, struct real b)
{
    const struct wide cross_a = wide_multiply(a.significand.high, b.significand.low);
    const struct wide cross_b = wide_multiply(a.significand.low, b.significand.high);
    struct wide product = wide_multiply(a.significand.high, b.significand.high);
    product = wide_add(product, wide_of(0, cross_a.high));
    product = wide_add(product, wide_of(0, cross_b.high));
    return normalized(a.sign ^ b.sign, a.exponent + b.exponent + 1, product);
}

struct real real_divide(struct real a, struct real b)
{
    const uint32_t above = !wide_less(a.significand, b.significand);
    struct wide rest = above ? wide_subtract(a.significand, b.significand) : a.significand;
    struct wide quotient = {0, above};
    for (uint32_t i = 0; i < 128 - above; i++) {
        const uint64_t carry = rest.high >> 63;
        rest = wide_left(rest, 1);
        quotient = wide_left(quotient, 1);
        if (carry || !wide_less(rest, b.significand)) {
            rest = wide_subtract(rest, b.significand);
            quotient.low |= 1;
        }
    }
    return normalized(a.sign ^ b.sign, a.exponent - b.exponent - !above, quotient);
}

struct real real_divide_small(struct real a, uint32_t divisor)
{
    const uint64_t parts[4] = {a.significand.high >> 32, (uint32_t)a.significand.high,
                               a.significand.low >> 32, (uint32_t)a.significand.low};
    uint64_t digits[4], rest = 0;
    for (uint32_t i = 0; i < 4; i++) {
        rest = rest << 32 | parts[i];
        digits[i] = rest / divisor;
        rest %= divisor;
    }
    return normalized(a.sign, a.exponent,
                      wide_of(digits[0] << 32 | digits[1], digits[2] << 32 | digits[3]));
}
