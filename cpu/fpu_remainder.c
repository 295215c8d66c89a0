/* Remainders (exact, if need be in several goes), and taking exponents apart and together.
 * See: 80387 PRM FPREM, FPREM1, FSCALE, FXTRACT.
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu.h"
#include "cpu/wide.h"

/* ---- FPREM, FPREM1 ---- */

/* (rest * 2^count) mod divisor, count at most 63 and rest < divisor; the quotient's low bits. */
static uint64_t divide_step(uint64_t *rest, uint64_t divisor, uint32_t count)
{
    return count ? wide_divide(wide_right(wide_of(*rest, 0), 64 - count), divisor, rest) : 0;
}

/* Both finite and not 0. The difference of exponents is brought down to 0, or by 32 to 63. */
static struct fpu_remainder reduce(struct fpu_operation *op, struct float80 a, struct float80 b,
                                   uint32_t nearest)
{
    struct fpu_remainder result = {.value = a, .divided = 1};
    int32_t exponent, divisor_exponent;
    uint64_t rest = float80_normalize(a, &exponent);
    const uint64_t divisor = float80_normalize(b, &divisor_exponent);
    int32_t difference = exponent - divisor_exponent;
    uint32_t sign = float80_sign(a);
    if (difference < -1 || (difference < 0 && !nearest)) {
        result.value = fpu_round(op, sign, exponent, rest, 0); /* it is the remainder */
        return result;
    }
    if (difference == -1) { /* the quotient is below 1: 1 if nearer than 0 */
        if (rest > divisor) {
            result.quotient = 1;
            const struct wide left =
                wide_subtract(wide_of(divisor, 0), wide_right(wide_of(rest, 0), 1));
            result.value = fpu_round(op, sign ^ 1, divisor_exponent, left.high, left.low);
            return result;
        }
        result.value = fpu_round(op, sign, exponent, rest, 0);
        return result;
    }
    uint64_t quotient = rest >= divisor;
    rest -= quotient ? divisor : 0;
    if (difference >= 64) {
        const uint32_t count = ((uint32_t)difference & 31) | 32;
        divide_step(&rest, divisor, count);
        result.partial = 1;
        result.value = fpu_round(op, sign, exponent - (int32_t)count, rest, 0);
        return result;
    }
    quotient = quotient << difference | divide_step(&rest, divisor, (uint32_t)difference);
    if (nearest && (rest > divisor - rest || (rest == divisor - rest && (quotient & 1)))) {
        rest = divisor - rest;
        sign ^= 1;
        quotient++;
    }
    result.quotient = quotient;
    result.value =
        rest ? fpu_round(op, sign, divisor_exponent, rest, 0) : float80_zero(float80_sign(a));
    return result;
}

struct fpu_remainder fpu_remainder(struct fpu_operation *op, struct float80 a, struct float80 b,
                                   uint32_t nearest)
{
    const enum float80_class kind_a = float80_class(a), kind_b = float80_class(b);
    struct fpu_remainder result = {.value = a};
    if (kind_a <= FLOAT80_NAN || kind_b <= FLOAT80_NAN) {
        result.value = fpu_nan(op, a, b);
        return result;
    }
    if (kind_a == FLOAT80_INFINITE || kind_b == FLOAT80_ZERO) {
        result.value = fpu_invalid(op);
        return result;
    }
    op->raised |= kind_a == FLOAT80_DENORMAL || kind_b == FLOAT80_DENORMAL ? FPU_DE : 0;
    result.divided = 1;
    if (kind_a == FLOAT80_ZERO) {
        return result;
    }
    if (kind_b == FLOAT80_INFINITE) {
        if (kind_a == FLOAT80_DENORMAL) {
            int32_t exponent;
            const uint64_t significand = float80_normalize(a, &exponent);
            result.value = fpu_round(op, float80_sign(a), exponent, significand, 0);
        }
        return result;
    }
    return reduce(op, a, b, nearest);
}

/* ---- FSCALE ---- */

#define SCALE_MOST 0x10000 /* beyond every exponent */

/* a, neither 0 nor special, times 2^power; exponents out of reach of the bias end at 0 or
 * infinity. */
static struct float80 scale_by(struct fpu_operation *op, struct float80 a, int32_t power)
{
    const uint32_t sign = float80_sign(a);
    int32_t exponent;
    const uint64_t significand = float80_normalize(a, &exponent);
    exponent += power;
    if (exponent - FLOAT80_UNMASK_BIAS >= (int32_t)FLOAT80_EXPONENT && !(op->control & FPU_OE)) {
        op->raised |= FPU_OE | FPU_PE | FPU_C1;
        return float80_infinity(sign);
    }
    if (exponent + FLOAT80_UNMASK_BIAS <= 0 && !(op->control & FPU_UE)) {
        op->raised |= FPU_UE | FPU_PE;
        return float80_zero(sign);
    }
    return fpu_round(op, sign, exponent, significand, 0);
}

struct float80 fpu_scale(struct fpu_operation *op, struct float80 a, struct float80 b)
{
    const enum float80_class kind_a = float80_class(a), kind_b = float80_class(b);
    const uint32_t down = float80_sign(b);
    if (kind_a <= FLOAT80_NAN || kind_b <= FLOAT80_NAN) {
        return fpu_nan(op, a, b);
    }
    if (kind_b == FLOAT80_INFINITE) {
        if ((kind_a == FLOAT80_INFINITE && down) || (kind_a == FLOAT80_ZERO && !down)) {
            return fpu_invalid(op);
        }
        op->raised |= kind_a == FLOAT80_DENORMAL ? FPU_DE : 0;
        return down                     ? float80_zero(float80_sign(a))
               : kind_a == FLOAT80_ZERO ? a
                                        : float80_infinity(float80_sign(a));
    }
    op->raised |= kind_a == FLOAT80_DENORMAL || kind_b == FLOAT80_DENORMAL ? FPU_DE : 0;
    if (kind_a == FLOAT80_INFINITE || kind_a == FLOAT80_ZERO) {
        return a;
    }
    const int32_t magnitude = float80_exponent(b) - FLOAT80_BIAS;
    if (magnitude < 0) { /* the scale is truncated to an integer */
        return scale_by(op, a, 0);
    }
    const int32_t power =
        magnitude > 15 ? SCALE_MOST : (int32_t)(b.significand >> (63 - magnitude));
    return scale_by(op, a, down ? -power : power);
}

/* ---- FXTRACT ---- */

struct float80 fpu_extract(struct fpu_operation *op, struct float80 a, struct float80 *significand)
{
    const enum float80_class kind = float80_class(a);
    int32_t exponent;
    *significand = a;
    if (kind <= FLOAT80_NAN) {
        *significand = fpu_nan_of(op, a);
        return *significand;
    }
    if (kind == FLOAT80_INFINITE) {
        return float80_infinity(0);
    }
    if (kind == FLOAT80_ZERO) {
        op->raised |= FPU_ZE;
        return float80_infinity(1);
    }
    op->raised |= kind == FLOAT80_DENORMAL ? FPU_DE : 0;
    significand->significand = float80_normalize(a, &exponent);
    significand->sign_exponent = (uint16_t)((a.sign_exponent & FLOAT80_SIGN) | FLOAT80_BIAS);
    return float80_of_integer(exponent - FLOAT80_BIAS);
}
