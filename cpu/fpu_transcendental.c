/* Exponential, logarithm and arctangent of the x87, by series of reals with 128 bits, whose
 * truncation and roundings stay below 2^-100 of the result: after the one rounding to 64 bits an
 * error of 0.5 ulp + 2^-36 ulp to nearest, of 1 ulp in the directed modes.
 * See: 80387 PRM F2XM1, FYL2X, FYL2XP1, FPATAN with their tables of special operands.
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu_real.h"

/* ---- constants: 128 bits, to nearest ---- */

static const struct real ln_2 = {
    {UINT64_C(0xB17217F7D1CF79AB), UINT64_C(0xC9E3B39803F2F6AF)}, -1, 0};
static const struct real log2_e = {
    {UINT64_C(0xB8AA3B295C17F0BB), UINT64_C(0xBE87FED0691D3E89)}, 0, 0};
static const struct real half_pi = {
    {UINT64_C(0xC90FDAA22168C234), UINT64_C(0xC4C6628B80DC1CD1)}, 0, 0};
/* arctan(k / 8) */
static const struct real arctangents[9] = {
    {{0, 0}, 0, 0},
    {{UINT64_C(0xFEADD4D5617B6E32), UINT64_C(0xC897989F3E888EF8)}, -4, 0},
    {{UINT64_C(0xFADBAFC96406EB15), UINT64_C(0x6DC79EF5F7A217E6)}, -3, 0},
    {{UINT64_C(0xB7B0CA0F26F78473), UINT64_C(0x8AA32122DCFE4483)}, -2, 0},
    {{UINT64_C(0xED63382B0DDA7B45), UINT64_C(0x6FE445ECBC3A8D03)}, -2, 0},
    {{UINT64_C(0x8F005D5EF7F59F9B), UINT64_C(0x5C835E1665C43748)}, -1, 0},
    {{UINT64_C(0xA4BC7D1934F70924), UINT64_C(0x19A87F2A457DAC9F)}, -1, 0},
    {{UINT64_C(0xB8053E2BC2319E73), UINT64_C(0xCB2DA55210A4443D)}, -1, 0},
    {{UINT64_C(0xC90FDAA22168C234), UINT64_C(0xC4C6628B80DC1CD1)}, -1, 0},
};

/* How many terms of a series are wanted whose ratio is below 2^exponent: at most `most`. */
static uint32_t terms_for(int32_t exponent, uint32_t most)
{
    const uint32_t terms = exponent < 0 ? 120 / (uint32_t)-exponent + 2 : most;
    return terms < most ? terms : most;
}

static void note_denormals(struct fpu_operation *op, struct float80 a, struct float80 b)
{
    const bool some = float80_class(a) == FLOAT80_DENORMAL || float80_class(b) == FLOAT80_DENORMAL;
    op->raised |= some ? FPU_DE : 0;
}

/* ---- 2^x - 1 ---- */

/* e^y - 1 = y (1 + y/2 (1 + y/3 (1 + ...))), |y| below 0.7 */
static struct real exponential_minus_1(struct real y)
{
    const struct real one = real_of_integer(1);
    struct real sum = one;
    for (uint32_t n = terms_for(y.exponent + 1, 30); n > 1; n--) {
        sum = real_add(one, real_multiply(real_divide_small(y, n), sum));
    }
    return real_multiply(y, sum);
}

struct float80 fpu_exp2_minus_1(struct fpu_operation *op, struct float80 a)
{
    const enum float80_class kind = float80_class(a);
    if (kind <= FLOAT80_NAN) {
        return fpu_nan_of(op, a);
    }
    if (kind == FLOAT80_INFINITE) {
        return float80_sign(a) ? float80_of(FLOAT80_SIGN | FLOAT80_BIAS, FLOAT80_INTEGER) : a;
    }
    if (kind == FLOAT80_ZERO) {
        return a;
    }
    note_denormals(op, a, a);
    if (float80_exponent(a) >= FLOAT80_BIAS) { /* beyond 1 the manual leaves it open */
        const bool is_one = float80_exponent(a) == FLOAT80_BIAS && a.significand == FLOAT80_INTEGER;
        return is_one && float80_sign(a) ? float80_of(a.sign_exponent - 1u, FLOAT80_INTEGER) : a;
    }
    return real_round(op, exponential_minus_1(real_multiply(real_of_float80(a), ln_2)), 0);
}

/* ---- logarithms ---- */

/* ln((1 + s) / (1 - s)) = 2 s (1 + s^2/3 + s^4/5 + ...), |s| below 0.1716 */
static struct real log_of_ratio(struct real s)
{
    const struct real one = real_of_integer(1), square = real_multiply(s, s);
    const uint32_t terms = terms_for(square.exponent + 1, 26);
    struct real sum = real_divide_small(one, 2 * terms + 1);
    for (uint32_t n = terms; n > 0; n--) {
        sum = real_add(real_divide_small(one, 2 * n - 1), real_multiply(square, sum));
    }
    s.exponent++;
    return real_multiply(s, sum);
}

#define ROOT_2_HIGH UINT64_C(0xB504F333F9DE6484)

/* log2 of x > 0: power + a fraction between -1/2 and 1/2. */
static struct real log2_of(struct real x)
{
    int32_t power = x.exponent;
    x.exponent = 0;
    if (x.significand.high >= ROOT_2_HIGH) {
        x.exponent = -1;
        power++;
    }
    const struct real one = real_of_integer(1);
    const struct real above = real_add(x, real_negate(one));
    if (wide_is_zero(above.significand)) {
        return real_of_integer(power);
    }
    const struct real s = real_divide(above, real_add(x, one));
    return real_add(real_of_integer(power), real_multiply(log_of_ratio(s), log2_e));
}

/* y times a logarithm that is 0 or infinite, as its operands say; 80387 PRM table FYL2X. */
static struct float80 y_log2_special(struct fpu_operation *op, struct float80 y, bool infinite,
                                     uint32_t sign)
{
    const enum float80_class kind = float80_class(y);
    if (infinite ? kind == FLOAT80_ZERO : kind == FLOAT80_INFINITE) {
        return fpu_invalid(op);
    }
    note_denormals(op, y, y);
    return infinite ? float80_infinity(sign ^ float80_sign(y))
                    : float80_zero(sign ^ float80_sign(y));
}

/* Both operands finite, the logarithm not 0. */
static struct float80 y_times(struct fpu_operation *op, struct float80 y, struct real logarithm,
                              uint32_t exact)
{
    if (float80_class(y) == FLOAT80_INFINITE) {
        return float80_infinity(float80_sign(y) ^ logarithm.sign);
    }
    if (float80_class(y) == FLOAT80_ZERO) {
        return float80_zero(float80_sign(y) ^ logarithm.sign);
    }
    return real_round(op, real_multiply(real_of_float80(y), logarithm), exact);
}

struct float80 fpu_y_log2_x(struct fpu_operation *op, struct float80 x, struct float80 y)
{
    const enum float80_class kind = float80_class(x), kind_y = float80_class(y);
    if (kind <= FLOAT80_NAN || kind_y <= FLOAT80_NAN) {
        return fpu_nan(op, x, y);
    }
    if (kind == FLOAT80_ZERO) {
        if (kind_y != FLOAT80_INFINITE && kind_y != FLOAT80_ZERO) {
            op->raised |= FPU_ZE;
            return float80_infinity(float80_sign(y) ^ 1);
        }
        return y_log2_special(op, y, true, 1);
    }
    if (float80_sign(x)) {
        return fpu_invalid(op);
    }
    if (kind == FLOAT80_INFINITE) {
        return y_log2_special(op, y, true, 0);
    }
    note_denormals(op, x, y);
    const struct real value = real_of_float80(x);
    const bool power_of_2 = value.significand.high == FLOAT80_INTEGER;
    if (power_of_2 && value.exponent == 0) {
        return y_log2_special(op, y, false, 0);
    }
    return y_times(op, y, log2_of(value), power_of_2);
}

struct float80 fpu_y_log2_x_plus_1(struct fpu_operation *op, struct float80 x, struct float80 y)
{
    const enum float80_class kind = float80_class(x), kind_y = float80_class(y);
    if (kind <= FLOAT80_NAN || kind_y <= FLOAT80_NAN) {
        return fpu_nan(op, x, y);
    }
    if (kind == FLOAT80_ZERO) {
        return y_log2_special(op, y, false, float80_sign(x));
    }
    if (float80_sign(x) && float80_exponent(x) >= FLOAT80_BIAS) {
        return fpu_invalid(op); /* 1 + x is not positive */
    }
    if (kind == FLOAT80_INFINITE) {
        return y_log2_special(op, y, true, 0);
    }
    note_denormals(op, x, y);
    const struct real value = real_of_float80(x), one = real_of_integer(1);
    if (value.exponent < -2) { /* |x| below 1/4: 1 + x would lose what matters */
        const struct real s = real_divide(value, real_add(real_of_integer(2), value));
        return y_times(op, y, real_multiply(log_of_ratio(s), log2_e), 0);
    }
    const struct real sum = real_add(one, value);
    const bool power_of_2 = sum.significand.high == FLOAT80_INTEGER && !sum.significand.low;
    return y_times(op, y, log2_of(sum), power_of_2);
}

/* ---- arctangent ---- */

/* arctan t for 0 <= t <= 1: arctan(k/8) + arctan((t - k/8) / (1 + t k/8)) */
static struct real arctangent_of(struct real t)
{
    const struct real one = real_of_integer(1);
    uint32_t k = 0;
    if (t.exponent >= -4) { /* t * 8, rounded: bits from the top of the significand */
        k = (uint32_t)(((t.significand.high >> (-t.exponent + 59)) + 1) >> 1);
    }
    struct real rest = t;
    if (k) {
        const struct real point = real_divide_small(real_of_integer((int32_t)k), 8);
        rest = real_divide(real_add(t, real_negate(point)), real_add(one, real_multiply(t, point)));
    }
    if (wide_is_zero(rest.significand)) {
        return arctangents[k];
    }
    const struct real square = real_negate(real_multiply(rest, rest));
    const uint32_t terms = terms_for(square.exponent + 1, 16);
    struct real sum = real_divide_small(one, 2 * terms + 1);
    for (uint32_t n = terms; n > 0; n--) {
        sum = real_add(real_divide_small(one, 2 * n - 1), real_multiply(square, sum));
    }
    return real_add(arctangents[k], real_multiply(rest, sum));
}

/* `quarters` of pi/2, halves allowed: in units of pi/4. */
static struct float80 part_of_pi(struct fpu_operation *op, uint32_t sign, int32_t eighths)
{
    struct real angle = real_multiply(half_pi, real_of_integer(eighths));
    angle.exponent--;
    angle.sign = sign;
    return real_round(op, angle, 0);
}

/* x or y is 0 or infinite (80387 PRM table FPATAN). */
static struct float80 arctangent_special(struct fpu_operation *op, struct float80 x,
                                         struct float80 y)
{
    const enum float80_class kind_x = float80_class(x), kind_y = float80_class(y);
    const uint32_t sign = float80_sign(y), left = float80_sign(x);
    if (kind_y == FLOAT80_INFINITE) {
        const int32_t slanted = left ? 3 : 1;
        return part_of_pi(op, sign, kind_x == FLOAT80_INFINITE ? slanted : 2);
    }
    if (kind_x == FLOAT80_INFINITE || kind_y == FLOAT80_ZERO) {
        return left ? part_of_pi(op, sign, 4) : float80_zero(sign);
    }
    return part_of_pi(op, sign, 2);
}

struct float80 fpu_arctangent(struct fpu_operation *op, struct float80 x, struct float80 y)
{
    const enum float80_class kind_x = float80_class(x), kind_y = float80_class(y);
    if (kind_x <= FLOAT80_NAN || kind_y <= FLOAT80_NAN) {
        return fpu_nan(op, x, y);
    }
    note_denormals(op, x, y);
    if (kind_x == FLOAT80_ZERO || kind_x == FLOAT80_INFINITE || kind_y == FLOAT80_ZERO ||
        kind_y == FLOAT80_INFINITE) {
        return arctangent_special(op, x, y);
    }
    struct real across = real_of_float80(x), up = real_of_float80(y);
    across.sign = 0;
    up.sign = 0;
    const uint32_t steep = real_is_below(across, up);
    struct real angle = arctangent_of(steep ? real_divide(across, up) : real_divide(up, across));
    if (steep) {
        angle = real_add(half_pi, real_negate(angle));
    }
    if (float80_sign(x)) {
        struct real pi = half_pi;
        pi.exponent++;
        angle = real_add(pi, real_negate(angle));
    }
    angle.sign = float80_sign(y);
    return real_round(op, angle, 0);
}
