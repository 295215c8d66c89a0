/* Unsigned numbers of 128 bits, for significands: the compiler's own where it has them, else out
 * of two halves. Nothing here divides by calling the compiler's library.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct wide {
    uint64_t high; /* bits 127-64 */
    uint64_t low;  /* bits 63-0 */
};

static inline struct wide wide_of(uint64_t high, uint64_t low)
{
    const struct wide value = {high, low};
    return value;
}

static inline bool wide_is_zero(struct wide a)
{
    return !(a.high | a.low);
}

static inline bool wide_less(struct wide a, struct wide b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static inline struct wide wide_add(struct wide a, struct wide b)
{
    const uint64_t low = a.low + b.low;
    return wide_of(a.high + b.high + (low < a.low), low);
}

static inline struct wide wide_subtract(struct wide a, struct wide b)
{
    return wide_of(a.high - b.high - (a.low < b.low), a.low - b.low);
}

/* count: 0..127. */
static inline struct wide wide_left(struct wide a, uint32_t count)
{
    if (count >= 64) {
        return wide_of(a.low << (count - 64), 0);
    }
    return count ? wide_of(a.high << count | a.low >> (64 - count), a.low << count) : a;
}

/* count: 0..127. */
static inline struct wide wide_right(struct wide a, uint32_t count)
{
    if (count >= 64) {
        return wide_of(0, a.high >> (count - 64));
    }
    return count ? wide_of(a.high >> count, a.low >> count | a.high << (64 - count)) : a;
}

/* Any count; bits that fall off leave a 1 in the lowest place. */
static inline struct wide wide_right_sticky(struct wide a, uint32_t count)
{
    if (count >= 128) {
        return wide_of(0, !wide_is_zero(a));
    }
    struct wide shifted = wide_right(a, count);
    const struct wide back = wide_left(shifted, count);
    shifted.low |= back.high != a.high || back.low != a.low;
    return shifted;
}

/* a != 0. returns 0..127 */
static inline uint32_t wide_leading_zeros(struct wide a)
{
    return a.high ? (uint32_t)__builtin_clzll(a.high) : 64 + (uint32_t)__builtin_clzll(a.low);
}

/* The whole product. */
static inline struct wide wide_multiply(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    const unsigned __int128 product = (unsigned __int128)a * b;
    return wide_of((uint64_t)(product >> 64), (uint64_t)product);
#else
    const uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    const uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
    const uint64_t other = a0 * b1 + (uint32_t)middle;
    return wide_of(a1 * b1 + (middle >> 32) + (other >> 32), a * b);
#endif
}

/* One digit of 32 bits of a quotient: (remainder:digit) / divisor, divisor >= 2^63. */
static inline uint64_t wide_divide_digit(uint64_t *remainder, uint64_t next, uint64_t divisor)
{
    const uint64_t top = divisor >> 32, rest = (uint32_t)divisor;
    uint64_t quotient = *remainder / top, left = *remainder % top;
    while (quotient >> 32 || quotient * rest > (left << 32 | next)) {
        quotient--;
        left += top;
        if (left >> 32) {
            break;
        }
    }
    *remainder = (*remainder << 32 | next) - quotient * divisor;
    return quotient;
}

/* a / divisor, for a.high < divisor and divisor >= 2^63. */
static inline uint64_t wide_divide(struct wide a, uint64_t divisor, uint64_t *remainder)
{
    uint64_t left = a.high;
    const uint64_t high = wide_divide_digit(&left, a.low >> 32, divisor);
    const uint64_t low = wide_divide_digit(&left, (uint32_t)a.low, divisor);
    *remainder = left;
    return high << 32 | low;
}
