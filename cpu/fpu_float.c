/* The basic operations of the x87: rounding, NaNs, + - * / square root, comparison.
 * Tiny results are detected after rounding; unmasked overflow and underflow give a result whose
 * exponent is off by 24576.
 * See: 80387 PRM 2.2, 3.1 to 3.5; i486 PRM 16.2.
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu.h"

#include "cpu/wide.h"

enum float80_class float80_class(struct float80 a)
{
    const int32_t exponent = float80_exponent(a);
    if (exponent == 0) {
        return a.significand ? FLOAT80_DENORMAL : FLOAT80_ZERO;
    }
    if (!(a.significand & FLOAT80_INTEGER)) {
        return FLOAT80_UNSUPPORTED;
    }
    if (exponent == (int32_t)FLOAT80_EXPONENT) {
        return a.significand << 1 ? FLOAT80_NAN : FLOAT80_INFINITE;
    }
    return FLOAT80_NORMAL;
}

uint64_t float80_normalize(struct float80 a, int32_t *exponent)
{
    const uint32_t zeros = (uint32_t)__builtin_clzll(a.significand);
    *exponent = (float80_exponent(a) ? float80_exponent(a) : 1) - (int32_t)zeros;
    return a.significand << zeros;
}

/* ---- rounding ---- */

uint32_t fpu_rounds_up(uint32_t control, uint32_t sign, uint32_t last, uint32_t half,
                       uint32_t sticky)
{
    switch (FPU_ROUNDING(control)) {
    case FPU_ROUND_NEAREST:
        return half & (sticky | last);
    case FPU_ROUND_DOWN:
        return sign & (half | sticky);
    case FPU_ROUND_UP:
        return (sign ^ 1) & (half | sticky);
    default:
        return 0;
    }
}

/* What is behind the last kept bit, and which way it goes. */
struct tail {
    uint64_t last_bit; /* weight of the last kept bit */
    uint32_t inexact;  /* 0 or 1 */
    uint32_t up;       /* 0 or 1 */
};

static inline struct tail tail_of(const struct fpu_operation *op, uint32_t sign, uint64_t high,
                                  uint64_t low)
{
    struct tail tail;
    uint32_t half, sticky;
    if (op->precision == 64) {
        tail.last_bit = 1;
        half = (uint32_t)(low >> 63);
        sticky = low << 1 != 0;
    } else {
        tail.last_bit = UINT64_C(1) << (64 - op->precision);
        half = (high & tail.last_bit >> 1) != 0;
        sticky = (high & ((tail.last_bit >> 1) - 1)) != 0 || low;
    }
    tail.inexact = half | sticky;
    tail.up = fpu_rounds_up(op->control, sign, (high & tail.last_bit) != 0, half, sticky);
    return tail;
}

static struct float80 overflow(struct fpu_operation *op, uint32_t sign, int32_t exponent,
                               uint64_t significand)
{
    const uint32_t way = FPU_ROUNDING(op->control);
    op->raised |= FPU_OE;
    if (!(op->control & FPU_OE)) {
        exponent -= FLOAT80_UNMASK_BIAS;
        return float80_of(sign << 15 | (uint32_t)exponent, significand);
    }
    op->raised |= FPU_PE;
    if (way == FPU_ROUND_NEAREST || way == (sign ? FPU_ROUND_DOWN : FPU_ROUND_UP)) {
        op->raised |= FPU_C1;
        return float80_infinity(sign);
    }
    op->raised &= ~FPU_C1;
    return float80_of(sign << 15 | (FLOAT80_EXPONENT - 1), ~UINT64_C(0) << (64 - op->precision));
}

/* Would it still be below the smallest normal number, were exponents without limit? */
static bool stays_tiny(const struct fpu_operation *op, uint32_t sign, int32_t exponent,
                       uint64_t high, uint64_t low)
{
    if (exponent < 0) {
        return true;
    }
    const struct tail tail = tail_of(op, sign, high, low);
    return !tail.up || (high & (0 - tail.last_bit)) != (0 - tail.last_bit);
}

struct float80 fpu_round(struct fpu_operation *op, uint32_t sign, int32_t exponent, uint64_t high,
                         uint64_t low)
{
    bool tiny = false;
    if (!(high >> 63)) {
        if (!(high | low)) {
            return float80_zero(sign);
        }
        const struct wide whole = wide_of(high, low);
        const uint32_t zeros = wide_leading_zeros(whole);
        const struct wide moved = wide_left(whole, zeros);
        high = moved.high;
        low = moved.low;
        exponent -= (int32_t)zeros;
    }
    if (exponent <= 0) {
        tiny = stays_tiny(op, sign, exponent, high, low);
        if (tiny && !(op->control & FPU_UE)) {
            op->raised |= FPU_UE;
            exponent += FLOAT80_UNMASK_BIAS;
            tiny = false;
        } else {
            const struct wide moved =
                wide_right_sticky(wide_of(high, low), (uint32_t)(1 - exponent));
            high = moved.high;
            low = moved.low;
            exponent = 0;
        }
    }
    const struct tail tail = tail_of(op, sign, high, low);
    high &= 0 - tail.last_bit;
    if (tail.up) {
        high += tail.last_bit;
        if (!high) {
            high = FLOAT80_INTEGER;
            exponent++;
        } else if (exponent == 0 && high >> 63) {
            exponent = 1;
        }
        op->raised |= FPU_C1;
    }
    if (tail.inexact) {
        op->raised |= tiny ? FPU_PE | FPU_UE : FPU_PE;
    }
    if (exponent >= (int32_t)FLOAT80_EXPONENT) {
        return overflow(op, sign, exponent, high);
    }
    return float80_of(sign << 15 | (uint32_t)exponent, high);
}

/* The same for what is nearly always asked: a normal result with all 64 bits. */
static inline struct float80 round_quickly(struct fpu_operation *op, uint32_t sign,
                                           int32_t exponent, uint64_t high, uint64_t low)
{
    if (op->precision != 64 || (uint32_t)(exponent - 1) >= FLOAT80_EXPONENT - 2 || !(high >> 63)) {
        return fpu_round(op, sign, exponent, high, low);
    }
    if (low) {
        const uint32_t half = (uint32_t)(low >> 63), sticky = low << 1 != 0;
        const uint32_t up = FPU_ROUNDING(op->control)
                                ? fpu_rounds_up(op->control, sign, high & 1, half, sticky)
                                : half & (sticky | (uint32_t)(high & 1));
        op->raised |= FPU_PE | (up ? FPU_C1 : 0);
        high += up;
        if (up && !high) {
            high = FLOAT80_INTEGER;
            exponent++;
        }
    }
    return float80_of(sign << 15 | (uint32_t)exponent, high);
}

/* ---- invalid operations and NaNs ---- */

struct float80 fpu_invalid(struct fpu_operation *op)
{
    op->raised |= FPU_IE;
    return float80_indefinite();
}

struct float80 fpu_nan_of(struct fpu_operation *op, struct float80 a)
{
    if (float80_class(a) != FLOAT80_NAN) {
        return fpu_invalid(op);
    }
    op->raised |= float80_is_signalling(a) ? FPU_IE : 0;
    a.significand |= FLOAT80_QUIET;
    return a;
}

/* 80387 PRM table 3-1: a quiet one before a signalling one, then the larger significand, then
 * the positive one. */
struct float80 fpu_nan(struct fpu_operation *op, struct float80 a, struct float80 b)
{
    const enum float80_class kind_a = float80_class(a), kind_b = float80_class(b);
    if (kind_a == FLOAT80_UNSUPPORTED || kind_b == FLOAT80_UNSUPPORTED) {
        return fpu_invalid(op);
    }
    if (kind_a != FLOAT80_NAN) {
        return fpu_nan_of(op, b);
    }
    if (kind_b != FLOAT80_NAN) {
        return fpu_nan_of(op, a);
    }
    const bool loud_a = float80_is_signalling(a), loud_b = float80_is_signalling(b);
    op->raised |= loud_a || loud_b ? FPU_IE : 0;
    bool take_a = a.significand > b.significand ||
                  (a.significand == b.significand && a.sign_exponent <= b.sign_exponent);
    if (loud_a != loud_b) {
        take_a = loud_b;
    }
    struct float80 taken = take_a ? a : b;
    taken.significand |= FLOAT80_QUIET;
    return taken;
}

static bool needs_nan(enum float80_class a, enum float80_class b)
{
    return a <= FLOAT80_NAN || b <= FLOAT80_NAN;
}

/* Denormal operands, of registers or memory. */
static void note_denormal(struct fpu_operation *op, enum float80_class a, enum float80_class b)
{
    op->raised |= op->denormal | (a == FLOAT80_DENORMAL || b == FLOAT80_DENORMAL ? FPU_DE : 0);
}

/* ---- addition ---- */

/* |a| + |b| or |a| - |b|, neither of them special; a result of 0 has `zero_sign`. */
static inline struct float80 add_finite(struct fpu_operation *op, struct float80 a,
                                        struct float80 b, uint32_t sign, uint32_t differ,
                                        uint32_t zero_sign)
{
    int32_t exponent = float80_exponent(a) ? float80_exponent(a) : 1;
    int32_t other = float80_exponent(b) ? float80_exponent(b) : 1;
    if (other > exponent || (other == exponent && b.significand > a.significand)) {
        const struct float80 swap = a;
        const int32_t swap_exponent = exponent;
        a = b;
        b = swap;
        exponent = other;
        other = swap_exponent;
        sign ^= differ;
    }
    struct wide moved = wide_of(b.significand, 0);
    const uint32_t apart = (uint32_t)(exponent - other);
    if (apart >= 64) {
        moved = wide_right_sticky(moved, apart);
    } else if (apart) {
        moved = wide_of(b.significand >> apart, b.significand << (64 - apart));
    }
    if (!differ) {
        const uint64_t sum = a.significand + moved.high;
        if (sum < moved.high) {
            const uint64_t lost = moved.low & 1;
            return round_quickly(op, sign, exponent + 1, sum >> 1 | FLOAT80_INTEGER,
                                 sum << 63 | moved.low >> 1 | lost);
        }
        return round_quickly(op, sign, exponent, sum, moved.low);
    }
    const struct wide rest = wide_subtract(wide_of(a.significand, 0), moved);
    if (wide_is_zero(rest)) {
        return float80_zero(zero_sign);
    }
    if (!rest.high) {
        return fpu_round(op, sign, exponent, rest.high, rest.low);
    }
    const uint32_t zeros = (uint32_t)__builtin_clzll(rest.high);
    const struct wide whole = wide_left(rest, zeros);
    return round_quickly(op, sign, exponent - (int32_t)zeros, whole.high, whole.low);
}

static __attribute__((noinline)) struct float80
add_special(struct fpu_operation *op, struct float80 a, struct float80 b, uint32_t sign_b)
{
    const enum float80_class kind_a = float80_class(a), kind_b = float80_class(b);
    const uint32_t sign_a = float80_sign(a);
    if (needs_nan(kind_a, kind_b)) {
        return fpu_nan(op, a, b);
    }
    if (kind_a == FLOAT80_INFINITE && kind_b == FLOAT80_INFINITE && sign_a != sign_b) {
        return fpu_invalid(op);
    }
    note_denormal(op, kind_a, kind_b);
    if (kind_a == FLOAT80_INFINITE || kind_b == FLOAT80_INFINITE) {
        return float80_infinity(kind_a == FLOAT80_INFINITE ? sign_a : sign_b);
    }
    const uint32_t down = FPU_ROUNDING(op->control) == FPU_ROUND_DOWN;
    const uint32_t zero_sign = sign_a == sign_b ? sign_a : down;
    return add_finite(op, a, b, sign_a, sign_a ^ sign_b, zero_sign);
}

static inline struct float80 add_signed(struct fpu_operation *op, struct float80 a,
                                        struct float80 b, uint32_t sign_b)
{
    if (float80_is_normal(a) && float80_is_normal(b) && !op->denormal) {
        const uint32_t sign = float80_sign(a);
        const uint32_t down = FPU_ROUNDING(op->control) == FPU_ROUND_DOWN;
        return add_finite(op, a, b, sign, sign ^ sign_b, down);
    }
    return add_special(op, a, b, sign_b);
}

struct float80 fpu_add(struct fpu_operation *op, struct float80 a, struct float80 b)
{
    return add_signed(op, a, b, float80_sign(b));
}

struct float80 fpu_subtract(struct fpu_operation *op, struct float80 a, struct float80 b)
{
    return add_signed(op, a, b, float80_sign(b) ^ 1);
}

/* ---- multiplication ---- */

static inline struct float80 multiply_finite(struct fpu_operation *op, uint32_t sign,
                                             int32_t exponents, uint64_t factor_a,
                                             uint64_t factor_b)
{
    const struct wide product = wide_multiply(factor_a, factor_b);
    const int32_t exponent = exponents - FLOAT80_BIAS;
    if (product.high >> 63) {
        return round_quickly(op, sign, exponent + 1, product.high, product.low);
    }
    return round_quickly(op, sign, exponent, product.high << 1 | product.low >> 63,
                         product.low << 1);
}

static __attribute__((noinline)) struct float80
multiply_special(struct fpu_operation *op, struct float80 a, struct float80 b, uint32_t sign)
{
    const enum float80_class kind_a = float80_class(a), kind_b = float80_class(b);
    if (needs_nan(kind_a, kind_b)) {
        return fpu_nan(op, a, b);
    }
    const bool infinite = kind_a == FLOAT80_INFINITE || kind_b == FLOAT80_INFINITE;
    const bool zero = kind_a == FLOAT80_ZERO || kind_b == FLOAT80_ZERO;
    if (infinite && zero) {
        return fpu_invalid(op);
    }
    note_denormal(op, kind_a, kind_b);
    if (infinite || zero) {
        return infinite ? float80_infinity(sign) : float80_zero(sign);
    }
    int32_t exponent_a, exponent_b;
    const uint64_t factor_a = float80_normalize(a, &exponent_a);
    const uint64_t factor_b = float80_normalize(b, &exponent_b);
    return multiply_finite(op, sign, exponent_a + exponent_b, factor_a, factor_b);
}

struct float80 fpu_multiply(struct fpu_operation *op, struct float80 a, struct float80 b)
{
    const uint32_t sign = float80_sign(a) ^ float80_sign(b);
    if (float80_is_normal(a) && float80_is_normal(b) && !op->denormal) {
        return multiply_finite(op, sign, float80_exponent(a) + float80_exponent(b), a.significand,
                               b.significand);
    }
    return multiply_special(op, a, b, sign);
}

/* ---- division ---- */

static struct float80 divide_finite(struct fpu_operation *op, struct float80 a, struct float80 b,
                                    uint32_t sign)
{
    int32_t exponent_a, exponent_b;
    uint64_t left;
    const uint64_t dividend = float80_normalize(a, &exponent_a);
    const uint64_t divisor = float80_normalize(b, &exponent_b);
    const uint32_t shift = dividend >= divisor; /* so that the quotient has 64 bits */
    const struct wide whole = shift ? wide_of(dividend >> 1, dividend << 63) : wide_of(dividend, 0);
    const uint64_t quotient = wide_divide(whole, divisor, &left);
    uint64_t low = left != 0;
    if (left >= divisor - left) { /* half or more of another unit */
        low = FLOAT80_INTEGER | (left != divisor - left);
    }
    return round_quickly(op, sign, exponent_a - exponent_b + FLOAT80_BIAS - !shift, quotient, low);
}

struct float80 fpu_divide(struct fpu_operation *op, struct float80 a, struct float80 b)
{
    const uint32_t sign = float80_sign(a) ^ float80_sign(b);
    if (float80_is_normal(a) && float80_is_normal(b) && !op->denormal) {
        return divide_finite(op, a, b, sign);
    }
    const enum float80_class kind_a = float80_class(a), kind_b = float80_class(b);
    if (needs_nan(kind_a, kind_b)) {
        return fpu_nan(op, a, b);
    }
    if ((kind_a == FLOAT80_INFINITE && kind_b == FLOAT80_INFINITE) ||
        (kind_a == FLOAT80_ZERO && kind_b == FLOAT80_ZERO)) {
        return fpu_invalid(op);
    }
    if (kind_b == FLOAT80_ZERO && kind_a != FLOAT80_INFINITE) {
        op->raised |= FPU_ZE;
        return float80_infinity(sign);
    }
    note_denormal(op, kind_a, kind_b);
    if (kind_a == FLOAT80_INFINITE) {
        return float80_infinity(sign);
    }
    if (kind_a == FLOAT80_ZERO || kind_b == FLOAT80_INFINITE) {
        return float80_zero(sign);
    }
    return divide_finite(op, a, b, sign);
}

/* ---- square root ---- */

/* floor(sqrt(a)) for a >= 2^126; *left gets a - root^2. */
static uint64_t integer_root(struct wide a, struct wide *left)
{
    struct wide rest = {0, 0}; /* of the pairs of bits taken so far */
    uint64_t root = 0;
    for (uint32_t i = 0; i < 64; i++) {
        rest = wide_of(rest.high << 2 | rest.low >> 62, rest.low << 2 | a.high >> 62);
        a = wide_left(a, 2);
        const struct wide trial = wide_of(root >> 62, root << 2 | 1);
        root <<= 1;
        if (!wide_less(rest, trial)) {
            rest = wide_subtract(rest, trial);
            root |= 1;
        }
    }
    *left = rest;
    return root;
}

struct float80 fpu_square_root(struct fpu_operation *op, struct float80 a)
{
    const enum float80_class kind = float80_class(a);
    if (kind <= FLOAT80_NAN) {
        return fpu_nan_of(op, a);
    }
    if (kind == FLOAT80_ZERO) {
        return a;
    }
    if (float80_sign(a)) {
        return fpu_invalid(op);
    }
    note_denormal(op, kind, kind);
    if (kind == FLOAT80_INFINITE) {
        return a;
    }
    int32_t exponent;
    struct wide left;
    const uint64_t significand = float80_normalize(a, &exponent);
    const int32_t power = exponent - FLOAT80_BIAS;
    const struct wide radicand =
        power & 1 ? wide_of(significand, 0) : wide_of(significand >> 1, significand << 63);
    const uint64_t root = integer_root(radicand, &left);
    uint64_t low = !wide_is_zero(left);
    if (left.high || left.low > root) { /* (root + 1/2)^2 = root^2 + root + 1/4 */
        low = FLOAT80_INTEGER | 1;
    }
    return fpu_round(op, 0, (power - (power & 1)) / 2 + FLOAT80_BIAS, root, low);
}

/* ---- comparison ---- */

enum fpu_relation fpu_compare(struct fpu_operation *op, struct float80 a, struct float80 b,
                              uint32_t quiet)
{
    const enum float80_class kind_a = float80_class(a), kind_b = float80_class(b);
    if (needs_nan(kind_a, kind_b)) {
        const bool loud = (kind_a == FLOAT80_NAN && float80_is_signalling(a)) ||
                          (kind_b == FLOAT80_NAN && float80_is_signalling(b));
        const bool wrong = kind_a == FLOAT80_UNSUPPORTED || kind_b == FLOAT80_UNSUPPORTED;
        op->raised |= loud || wrong || !quiet ? FPU_IE : 0;
        return FPU_UNORDERED;
    }
    note_denormal(op, kind_a, kind_b);
    const uint32_t sign_a = float80_sign(a), sign_b = float80_sign(b);
    if (kind_a == FLOAT80_ZERO && kind_b == FLOAT80_ZERO) {
        return FPU_EQUAL;
    }
    if (sign_a != sign_b) {
        return sign_a ? FPU_LESS : FPU_GREATER;
    }
    const int32_t exponent_a = float80_exponent(a) ? float80_exponent(a) : 1;
    const int32_t exponent_b = float80_exponent(b) ? float80_exponent(b) : 1;
    if (exponent_a == exponent_b && a.significand == b.significand) {
        return FPU_EQUAL;
    }
    const bool smaller =
        exponent_a != exponent_b ? exponent_a < exponent_b : a.significand < b.significand;
    return smaller != (sign_a != 0) ? FPU_LESS : FPU_GREATER;
}
