/* Lazy flags and the arithmetic of alu.h and shift.h against the definitions of the manual, over
 * all pairs of 8-bit operands, and against 64-bit arithmetic at the edges of the wider sizes.
 * See: 80386 PRM 2.3.4, 3.2, appendix C.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cpu/alu.h"
#include "cpu/shift.h"

/* Definitions: width 8, 16 or 32; all values as plain integers. */
static uint32_t parity_even(uint32_t value)
{
    uint32_t ones = 0;
    for (uint32_t n = 0; n < 8; n++) {
        ones += (value >> n) & 1;
    }
    return ones % 2 == 0;
}

static uint32_t eflags(uint32_t cf, uint32_t pf, uint32_t af, uint32_t zf, uint32_t sf, uint32_t of)
{
    return cf | pf << 2 | af << 4 | zf << 6 | sf << 7 | of << 11;
}

static int64_t as_signed(uint32_t width, uint32_t value)
{
    return value >> (width - 1) & 1 ? (int64_t)value - (INT64_C(1) << width) : (int64_t)value;
}

/* a + sign * (b + carry) done in the integers. */
static uint32_t expected(uint32_t width, int sign, uint32_t a, uint32_t b, uint32_t carry,
                         uint32_t *result)
{
    int64_t whole = (int64_t)a + sign * ((int64_t)b + carry);
    int64_t with_sign = as_signed(width, a) + sign * (as_signed(width, b) + (int64_t)carry);
    int64_t nibble = (int64_t)(a & 15) + sign * ((int64_t)(b & 15) + carry);
    *result = (uint32_t)((uint64_t)whole & ((UINT64_C(1) << width) - 1));
    return eflags(whole < 0 || whole >> width, parity_even(*result), nibble < 0 || nibble > 15,
                  *result == 0, *result >> (width - 1), with_sign != as_signed(width, *result));
}

static struct lazy_flags with_carry(uint32_t carry)
{
    struct lazy_flags flags;
    flags_put(&flags, carry);
    return flags;
}

static void test_addition_and_subtraction_of_all_8_bit_pairs_and_carries(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 256u * 256 * 2; n++) {
        uint32_t a = n & 255, b = n >> 8 & 255, carry = n >> 16, result;

        struct lazy_flags add = with_carry(carry), adc = add, sub = add, sbb = add;
        uint32_t sum = alu_add(&add, 8, a, b) & 255, with = alu_adc(&adc, 8, a, b) & 255;
        uint32_t less = alu_sub(&sub, 8, a, b) & 255, borrowed = alu_sbb(&sbb, 8, a, b) & 255;

        assert_int_equal(flags_get(&add), expected(8, 1, a, b, 0, &result));
        assert_int_equal(sum, result);
        assert_int_equal(flags_get(&adc), expected(8, 1, a, b, carry, &result));
        assert_int_equal(with, result);
        assert_int_equal(flags_get(&sub), expected(8, -1, a, b, 0, &result));
        assert_int_equal(less, result);
        assert_int_equal(flags_get(&sbb), expected(8, -1, a, b, carry, &result));
        assert_int_equal(borrowed, result);
    }
}

static const uint32_t edges[] = {0,      1,      0xF,        0x10,       0x7F,       0x80,
                                 0xFF,   0x100,  0x7FFF,     0x8000,     0x8001,     0xFFFF,
                                 0x1234, 0xFEDC, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF};
#define EDGES (sizeof edges / sizeof *edges)

static void test_addition_and_subtraction_at_the_edges_of_16_and_32_bits(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < EDGES * EDGES * 2; n++) {
        uint32_t a = edges[n / 2 % EDGES], b = edges[n / 2 / EDGES], carry = n & 1, result;
        struct lazy_flags wide = with_carry(carry), narrow = wide;

        assert_int_equal(alu_sbb(&wide, 32, a, b),
                         (expected(32, -1, a, b, carry, &result), result));
        assert_int_equal(flags_get(&wide), expected(32, -1, a, b, carry, &result));
        wide = with_carry(carry);
        alu_adc(&wide, 32, a, b);
        assert_int_equal(flags_get(&wide), expected(32, 1, a, b, carry, &result));

        alu_adc(&narrow, 16, a & 0xFFFF, b & 0xFFFF);
        assert_int_equal(flags_get(&narrow),
                         expected(16, 1, a & 0xFFFF, b & 0xFFFF, carry, &result));
        narrow = with_carry(carry);
        alu_sbb(&narrow, 16, a & 0xFFFF, b & 0xFFFF);
        assert_int_equal(flags_get(&narrow),
                         expected(16, -1, a & 0xFFFF, b & 0xFFFF, carry, &result));
    }
}

static void test_logic_clears_carry_and_overflow(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 65536; n++) {
        uint32_t a = n & 255, b = n >> 8;
        struct lazy_flags flags = with_carry(1);

        uint32_t result = alu_xor(&flags, 8, a, b);

        assert_int_equal(result, a ^ b);
        assert_int_equal(flags_get(&flags),
                         eflags(0, parity_even(result), 0, result == 0, result >> 7, 0));
    }
}

static void test_inc_and_dec_keep_carry_and_set_the_rest(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 512; n++) {
        uint32_t a = n & 255, carry = n >> 8, result;
        struct lazy_flags up = with_carry(carry), down = up;

        alu_inc(&up, 8, a);
        alu_dec(&down, 8, a);

        uint32_t others = ~EFLAGS_CF;
        assert_int_equal(flags_get(&up), (expected(8, 1, a, 1, 0, &result) & others) | carry);
        assert_int_equal(flags_get(&down), (expected(8, -1, a, 1, 0, &result) & others) | carry);
    }
}

static void test_any_combination_of_flags_can_be_put_and_got(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 64; n++) {
        uint32_t all = eflags(n & 1, n >> 1 & 1, n >> 2 & 1, n >> 3 & 1, n >> 4 & 1, n >> 5);
        struct lazy_flags flags;

        flags_put(&flags, all);

        assert_int_equal(flags_get(&flags), all);
    }
}

static void test_putting_one_flag_keeps_the_other_five(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 128; n++) {
        uint32_t all = eflags(n & 1, n >> 1 & 1, n >> 2 & 1, n >> 3 & 1, n >> 4 & 1, n >> 5 & 1);
        uint32_t value = n >> 6;
        struct lazy_flags cf, of, zf;
        flags_put(&cf, all);
        of = zf = cf;

        flag_put_cf(&cf, value);
        flag_put_of(&of, value);
        flag_put_zf(&zf, value);

        assert_int_equal(flags_get(&cf), (all & ~EFLAGS_CF) | value);
        assert_int_equal(flags_get(&of), (all & ~EFLAGS_OF) | value << 11);
        assert_int_equal(flags_get(&zf), (all & ~EFLAGS_ZF) | value << 6);
    }
}

static void test_conditions_follow_their_definition_for_all_flags(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 64; n++) {
        uint32_t cf = n & 1, pf = n >> 1 & 1, zf = n >> 3 & 1, sf = n >> 4 & 1, of = n >> 5;
        const uint32_t even[8] = {of, cf, zf, cf | zf, sf, pf, sf != of, zf | (sf != of)};
        struct lazy_flags flags;
        flags_put(&flags, eflags(cf, pf, n >> 2 & 1, zf, sf, of));
        for (uint32_t condition = 0; condition < 16; condition++) {
            assert_int_equal(condition_holds(&flags, condition),
                             even[condition / 2] ^ (condition & 1));
        }
    }
}

/* One bit at a time, as the manual describes shifts. direction: 1 left, 0 right. */
struct stepwise {
    uint32_t value, cf, of;
};
static struct stepwise rotate_carry_by_steps(uint32_t value, uint32_t cf, uint32_t count, bool left)
{
    struct stepwise now = {value, cf, 0};
    while (count--) {
        uint32_t out = left ? now.value >> 7 : now.value & 1;
        now.value = left ? (now.value << 1 | now.cf) & 255 : now.value >> 1 | now.cf << 7;
        now.cf = out;
        now.of = left ? now.value >> 7 ^ now.cf : (now.value >> 7 ^ now.value >> 6) & 1;
    }
    return now;
}

static void test_rotates_through_carry_of_all_bytes_counts_and_carries(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 256u * 31 * 2; n++) {
        uint32_t value = n & 255, carry = n >> 8 & 1, count = n / 512 + 1;
        struct lazy_flags left = with_carry(carry), right = left;

        uint32_t rcl = shift_rcl(&left, 8, value, count) & 255;
        uint32_t rcr = shift_rcr(&right, 8, value, count) & 255;

        struct stepwise by_left = rotate_carry_by_steps(value, carry, count, true);
        struct stepwise by_right = rotate_carry_by_steps(value, carry, count, false);
        assert_int_equal(rcl, by_left.value);
        assert_int_equal(flag_cf(&left), by_left.cf);
        assert_int_equal(rcr, by_right.value);
        assert_int_equal(flag_cf(&right), by_right.cf);
        if (count == 1) {
            assert_int_equal(flag_of(&left), by_left.of);
            assert_int_equal(flag_of(&right), by_right.of);
        }
    }
}

static void test_shifts_of_all_bytes_and_counts(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 256u * 31; n++) {
        uint32_t value = n & 255, count = n / 256 + 1;
        struct lazy_flags left = with_carry(0), right = left, arithmetic = left;

        uint32_t shl = shift_shl(&left, 8, value, count) & 255;
        uint32_t shr = shift_shr(&right, 8, value, count) & 255;
        uint32_t sar = shift_sar(&arithmetic, 8, value, count) & 255;

        assert_int_equal(shl, (uint64_t)value << count & 255);
        assert_int_equal(flag_cf(&left), (uint64_t)value << count >> 8 & 1);
        assert_int_equal(shr, value >> count);
        assert_int_equal(flag_cf(&right), value >> (count - 1) & 1);
        assert_int_equal(sar, (uint64_t)(as_signed(8, value) >> count) & 255);
        assert_int_equal(flag_cf(&arithmetic), as_signed(8, value) >> (count - 1) & 1);
        if (count == 1) {
            assert_int_equal(flag_of(&left), (shl >> 7) ^ flag_cf(&left));
            assert_int_equal(flag_of(&right), value >> 7);
            assert_int_equal(flag_of(&arithmetic), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addition_and_subtraction_of_all_8_bit_pairs_and_carries),
        cmocka_unit_test(test_addition_and_subtraction_at_the_edges_of_16_and_32_bits),
        cmocka_unit_test(test_logic_clears_carry_and_overflow),
        cmocka_unit_test(test_inc_and_dec_keep_carry_and_set_the_rest),
        cmocka_unit_test(test_any_combination_of_flags_can_be_put_and_got),
        cmocka_unit_test(test_putting_one_flag_keeps_the_other_five),
        cmocka_unit_test(test_conditions_follow_their_definition_for_all_flags),
        cmocka_unit_test(test_rotates_through_carry_of_all_bytes_counts_and_carries),
        cmocka_unit_test(test_shifts_of_all_bytes_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
