/* The operations of cpu/fpu.h against MPFR: basic ones must be rounded correctly in each precision
 * and direction, functions must be within one unit in the last place of the exact result (docs:
 * cpu/fpu_transcendental.c), whatever the host.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MPFR_USE_INTMAX_T 1
#include <mpfr.h>

#include "cpu/fpu.h"

#define BITS      320 /* of the exact results */
#define BIT_63    (UINT64_C(1) << 63)
#define BASIC     60000u
#define FUNCTIONS 60000u
#define MASKED    0x3Fu

static uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static uint32_t below(uint32_t limit)
{
    return (uint32_t)((random64() >> 32) * limit >> 32);
}

/* A normal number with an exponent of least..least + span - 1; many with few bits. */
static struct float80 number(int32_t least, uint32_t span, uint32_t sign)
{
    uint64_t fraction = random64();
    switch (below(6)) {
    case 0:
        fraction = 0;
        break;
    case 1:
        fraction <<= below(63);
        break;
    case 2:
        fraction = ~UINT64_C(0) << below(63);
        break;
    default:
        break;
    }
    return float80_of(sign << 15 | (uint32_t)(FLOAT80_BIAS + least + (int32_t)below(span)),
                      fraction | BIT_63);
}

static void to_mpfr(mpfr_t out, struct float80 a)
{
    const int32_t exponent = float80_exponent(a) ? float80_exponent(a) : 1;
    mpfr_set_uj_2exp(out, a.significand, exponent - FLOAT80_BIAS - 63, MPFR_RNDN);
    if (float80_sign(a)) {
        mpfr_neg(out, out, MPFR_RNDN);
    }
}

static const mpfr_rnd_t directions[] = {MPFR_RNDN, MPFR_RNDD, MPFR_RNDU, MPFR_RNDZ};

static struct fpu_operation operation(uint32_t direction, uint32_t precision)
{
    const struct fpu_operation op = {.control = MASKED | direction << 10, .precision = precision};
    return op;
}

/* ---- + - * / and square root ---- */

typedef struct float80 binary(struct fpu_operation *op, struct float80 a, struct float80 b);
typedef int exact_binary(mpfr_t out, const mpfr_t a, const mpfr_t b, mpfr_rnd_t direction);

static struct float80 root(struct fpu_operation *op, struct float80 a, struct float80 b)
{
    (void)b;
    a.sign_exponent &= FLOAT80_EXPONENT;
    return fpu_square_root(op, a);
}

static int exact_root(mpfr_t out, const mpfr_t a, const mpfr_t b, mpfr_rnd_t direction)
{
    (void)b;
    mpfr_t positive;
    mpfr_init2(positive, 64);
    mpfr_abs(positive, a, MPFR_RNDN);
    const int way = mpfr_sqrt(out, positive, direction);
    mpfr_clear(positive);
    return way;
}

static void check_binary(binary *ours, exact_binary *theirs)
{
    static const uint32_t precisions[] = {24, 53, 64};
    mpfr_t a, b, got, want;
    mpfr_inits2(64, a, b, got, (mpfr_ptr)0);
    for (uint32_t i = 0; i < BASIC; i++) {
        const uint32_t direction = below(4), precision = precisions[below(3)];
        struct fpu_operation op = operation(direction, precision);
        const struct float80 x = number(-70, 140, below(2)), y = number(-70, 140, below(2));
        to_mpfr(a, x);
        to_mpfr(b, y);
        mpfr_init2(want, (mpfr_prec_t)precision);
        const int way = theirs(want, a, b, directions[direction]);

        const struct float80 result = ours(&op, x, y);

        to_mpfr(got, result);
        assert_true(mpfr_equal_p(got, want));
        assert_int_equal((op.raised & FPU_PE) != 0, way != 0);
        /* C1: away from zero */
        const bool up = way && (way > 0) != (mpfr_sgn(want) < 0);
        assert_int_equal((op.raised & FPU_C1) != 0, up);
        mpfr_clear(want);
    }
    mpfr_clears(a, b, got, (mpfr_ptr)0);
}

static void test_fpu_addition_is_rounded_correctly(void **state)
{
    (void)state;
    check_binary(fpu_add, mpfr_add);
    check_binary(fpu_subtract, mpfr_sub);
}

static void test_fpu_multiplication_is_rounded_correctly(void **state)
{
    (void)state;
    check_binary(fpu_multiply, mpfr_mul);
}

static void test_fpu_division_is_rounded_correctly(void **state)
{
    (void)state;
    check_binary(fpu_divide, mpfr_div);
}

static void test_fpu_square_root_is_rounded_correctly(void **state)
{
    (void)state;
    check_binary(root, exact_root);
}

/* FPREM and FPREM1 are exact when they are complete. */
static void test_fpu_remainder_is_exact(void **state)
{
    (void)state;
    mpfr_t a, b, got, want;
    mpfr_inits2(64, a, b, got, want, (mpfr_ptr)0);
    for (uint32_t i = 0; i < BASIC; i++) {
        struct fpu_operation op = operation(0, 64);
        const struct float80 x = number(-30, 60, below(2)), y = number(-30, 60, below(2));
        const uint32_t nearest = below(2);
        long quotient;
        to_mpfr(a, x);
        to_mpfr(b, y);
        if (nearest) {
            mpfr_remquo(want, &quotient, a, b, MPFR_RNDN);
        } else {
            mpfr_fmodquo(want, &quotient, a, b, MPFR_RNDN);
        }

        const struct fpu_remainder result = fpu_remainder(&op, x, y, nearest);

        assert_int_equal(result.partial, 0);
        to_mpfr(got, result.value);
        assert_true(mpfr_equal_p(got, want));
        const uint64_t magnitude = (uint64_t)(quotient < 0 ? -quotient : quotient);
        assert_int_equal(result.quotient & 7, magnitude & 7);
    }
    mpfr_clears(a, b, got, want, (mpfr_ptr)0);
}

/* ---- functions ---- */

/* Distance of `result` from `exact` in units of the last place of the exact value, which may be
 * below the normal range. */
static double error_in_ulp(struct float80 result, const mpfr_t exact)
{
    mpfr_t got;
    mpfr_init2(got, BITS);
    to_mpfr(got, result);
    mpfr_sub(got, got, exact, MPFR_RNDN);
    mpfr_abs(got, got, MPFR_RNDU);
    mpfr_exp_t place = mpfr_get_exp(exact) - 64;
    if (place < 1 - FLOAT80_BIAS - 63) {
        place = 1 - FLOAT80_BIAS - 63;
    }
    mpfr_mul_2si(got, got, -place, MPFR_RNDU);
    const double error = mpfr_get_d(got, MPFR_RNDU);
    mpfr_clear(got);
    return error;
}

/* For the message when one is wrong. */
static struct arguments {
    struct float80 x, y, result;
    uint32_t direction;
} current;

static void require(int holds, const char *what)
{
    if (!holds) {
        fail_msg("%s: x %04x_%016jx y %04x_%016jx result %04x_%016jx, rounding %u", what,
                 current.x.sign_exponent, (uintmax_t)current.x.significand, current.y.sign_exponent,
                 (uintmax_t)current.y.significand, current.result.sign_exponent,
                 (uintmax_t)current.result.significand, current.direction);
    }
}

struct worst {
    double nearest;  /* ulp */
    double directed; /* ulp */
};

/* Bounds of fpu_transcendental.c, and the direction of the rounding. */
static void judge(struct worst *worst, uint32_t direction, struct float80 result,
                  const mpfr_t exact)
{
    const double error = error_in_ulp(result, exact);
    double *most = direction ? &worst->directed : &worst->nearest;
    *most = error > *most ? error : *most;
    require(error <= (direction ? 1.0 : 0.5000001), "too far from the exact value");
    mpfr_t got;
    mpfr_init2(got, 64);
    to_mpfr(got, result);
    require(direction != FPU_ROUND_DOWN || mpfr_lessequal_p(got, exact), "not rounded down");
    require(direction != FPU_ROUND_UP || mpfr_greaterequal_p(got, exact), "not rounded up");
    mpfr_clear(got);
}

static void tell(const char *name, const struct worst *worst)
{
    print_message("%s: at most %.9f ulp to nearest, %.9f ulp directed\n", name, worst->nearest,
                  worst->directed);
}

/* Two arguments, exact(x, y) into out. */
struct function {
    const char *name;
    binary *ours;
    void (*exact)(mpfr_t out, const mpfr_t x, const mpfr_t y);
    int32_t least_x, least_y; /* exponents */
    uint32_t span_x, span_y;
    uint32_t positive_x; /* 1: x is above 0 */
};

static struct float80 ours_exp2(struct fpu_operation *op, struct float80 x, struct float80 y)
{
    (void)y;
    return fpu_exp2_minus_1(op, x);
}
static struct float80 ours_sine(struct fpu_operation *op, struct float80 x, struct float80 y)
{
    (void)y;
    return fpu_trigonometric(op, x, FPU_SINE);
}
static struct float80 ours_cosine(struct fpu_operation *op, struct float80 x, struct float80 y)
{
    (void)y;
    return fpu_trigonometric(op, x, FPU_COSINE);
}
static struct float80 ours_tangent(struct fpu_operation *op, struct float80 x, struct float80 y)
{
    (void)y;
    return fpu_trigonometric(op, x, FPU_TANGENT);
}

static void exact_exp2(mpfr_t out, const mpfr_t x, const mpfr_t y)
{
    (void)y;
    mpfr_t ln_2;
    mpfr_init2(ln_2, 2 * BITS);
    mpfr_const_log2(ln_2, MPFR_RNDN);
    mpfr_mul(ln_2, ln_2, x, MPFR_RNDN);
    mpfr_expm1(out, ln_2, MPFR_RNDN);
    mpfr_clear(ln_2);
}
static void exact_log2(mpfr_t out, const mpfr_t x, const mpfr_t y)
{
    mpfr_log2(out, x, MPFR_RNDN);
    mpfr_mul(out, out, y, MPFR_RNDN);
}
static void exact_log2_plus_1(mpfr_t out, const mpfr_t x, const mpfr_t y)
{
    mpfr_t sum;
    mpfr_init2(sum, BITS);
    mpfr_add_ui(sum, x, 1, MPFR_RNDN); /* exact */
    mpfr_log2(out, sum, MPFR_RNDN);
    mpfr_mul(out, out, y, MPFR_RNDN);
    mpfr_clear(sum);
}
static void exact_arctangent(mpfr_t out, const mpfr_t x, const mpfr_t y)
{
    mpfr_atan2(out, y, x, MPFR_RNDN);
}
static void exact_sine(mpfr_t out, const mpfr_t x, const mpfr_t y)
{
    (void)y;
    mpfr_sin(out, x, MPFR_RNDN);
}
static void exact_cosine(mpfr_t out, const mpfr_t x, const mpfr_t y)
{
    (void)y;
    mpfr_cos(out, x, MPFR_RNDN);
}
static void exact_tangent(mpfr_t out, const mpfr_t x, const mpfr_t y)
{
    (void)y;
    mpfr_tan(out, x, MPFR_RNDN);
}

static void check_function(const struct function *function)
{
    struct worst worst = {0, 0};
    mpfr_t x, y, exact;
    mpfr_inits2(64, x, y, (mpfr_ptr)0);
    mpfr_init2(exact, BITS);
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        const uint32_t direction = below(4);
        struct fpu_operation op = operation(direction, 64);
        const struct float80 a =
            number(function->least_x, function->span_x, function->positive_x ? 0 : below(2));
        const struct float80 b = number(function->least_y, function->span_y, below(2));
        to_mpfr(x, a);
        to_mpfr(y, b);
        function->exact(exact, x, y);

        const struct float80 result = function->ours(&op, a, b);

        if (!mpfr_zero_p(exact)) {
            current = (struct arguments){a, b, result, direction};
            judge(&worst, direction, result, exact);
        }
    }
    mpfr_clears(x, y, exact, (mpfr_ptr)0);
    tell(function->name, &worst);
}

/* Name, ours, theirs, exponents of x and y from .. and how many. */
static const struct function functions[] = {
    {"F2XM1", ours_exp2, exact_exp2, -70, 0, 70, 1, 0},
    {"F2XM1 near 1", ours_exp2, exact_exp2, -3, 0, 3, 1, 0},
    {"FYL2X", fpu_y_log2_x, exact_log2, -16000, -60, 32000, 120, 1},
    {"FYL2X near 1", fpu_y_log2_x, exact_log2, -2, -60, 3, 120, 1},
    {"FYL2XP1", fpu_y_log2_x_plus_1, exact_log2_plus_1, -70, -60, 68, 120, 0},
    {"FYL2XP1 large", fpu_y_log2_x_plus_1, exact_log2_plus_1, -2, -60, 100, 120, 1},
    {"FPATAN", fpu_arctangent, exact_arctangent, -70, -70, 140, 140, 0},
    {"FPATAN about 1", fpu_arctangent, exact_arctangent, -3, -3, 6, 6, 0},
    {"FSIN", ours_sine, exact_sine, -70, 0, 133, 1, 0},
    {"FSIN about 1", ours_sine, exact_sine, -4, 0, 12, 1, 0},
    {"FCOS", ours_cosine, exact_cosine, -40, 0, 103, 1, 0},
    {"FCOS about 1", ours_cosine, exact_cosine, -4, 0, 12, 1, 0},
    {"FPTAN", ours_tangent, exact_tangent, -70, 0, 133, 1, 0},
    {"FPTAN about 1", ours_tangent, exact_tangent, -4, 0, 12, 1, 0},
};

static void test_fpu_functions_are_within_one_ulp(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        check_function(&functions[i]);
    }
}

/* FYL2X of x = 1 + 2^-n, where the logarithm nearly vanishes. */
static void test_fpu_logarithm_next_to_1_keeps_its_places(void **state)
{
    (void)state;
    mpfr_t x, y, exact;
    mpfr_inits2(64, x, y, (mpfr_ptr)0);
    mpfr_init2(exact, BITS);
    struct worst worst = {0, 0};
    for (uint32_t n = 1; n < 64; n++) {
        for (uint32_t below_1 = 0; below_1 < 2; below_1++) {
            struct fpu_operation op = operation(0, 64);
            const struct float80 a =
                below_1 ? float80_of(FLOAT80_BIAS - 1, 0 - (UINT64_C(1) << (63 - n)))
                        : float80_of(FLOAT80_BIAS, BIT_63 | UINT64_C(1) << (63 - n));
            const struct float80 b = number(0, 1, 0);
            to_mpfr(x, a);
            to_mpfr(y, b);
            exact_log2(exact, x, y);
            judge(&worst, 0, fpu_y_log2_x(&op, a, b), exact);
        }
    }
    mpfr_clears(x, y, exact, (mpfr_ptr)0);
}

/* The operands below 2^63 that lie nearest to multiples of pi/2 for their exponents: convergents
 * of its continued fraction, found by stepping through neighbours of k * pi/2. */
static void test_fpu_sine_next_to_multiples_of_pi_keeps_its_places(void **state)
{
    (void)state;
    struct worst worst = {0, 0};
    mpfr_t multiple, x, exact;
    mpfr_init2(multiple, BITS);
    mpfr_init2(x, 64);
    mpfr_init2(exact, BITS);
    for (uint32_t i = 0; i < FUNCTIONS / 2; i++) {
        struct fpu_operation op = operation(0, 64);
        const uint64_t k = random64() >> (2 + below(61));
        mpfr_const_pi(multiple, MPFR_RNDN);
        mpfr_mul_2si(multiple, multiple, -1, MPFR_RNDN);
        mpfr_set_uj(exact, k | 1, MPFR_RNDN);
        mpfr_mul(multiple, multiple, exact, MPFR_RNDN);
        mpfr_set(x, multiple, MPFR_RNDN);
        const mpfr_exp_t exponent = mpfr_get_exp(x);
        mpfr_t scaled;
        mpfr_init2(scaled, 64);
        mpfr_mul_2si(scaled, x, 64 - exponent, MPFR_RNDN);
        const struct float80 a =
            float80_of((uint32_t)(FLOAT80_BIAS + exponent - 1), mpfr_get_uj(scaled, MPFR_RNDN));
        mpfr_clear(scaled);
        if (!fpu_in_trigonometric_range(a)) {
            continue;
        }
        mpfr_cos(exact, x, MPFR_RNDN);
        judge(&worst, 0, fpu_trigonometric(&op, a, FPU_COSINE), exact);
    }
    mpfr_clears(multiple, x, exact, (mpfr_ptr)0);
    tell("FCOS next to odd multiples of pi/2", &worst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fpu_addition_is_rounded_correctly),
        cmocka_unit_test(test_fpu_multiplication_is_rounded_correctly),
        cmocka_unit_test(test_fpu_division_is_rounded_correctly),
        cmocka_unit_test(test_fpu_square_root_is_rounded_correctly),
        cmocka_unit_test(test_fpu_remainder_is_exact),
        cmocka_unit_test(test_fpu_functions_are_within_one_ulp),
        cmocka_unit_test(test_fpu_logarithm_next_to_1_keeps_its_places),
        cmocka_unit_test(test_fpu_sine_next_to_multiples_of_pi_keeps_its_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
