/* Reals with 128 bits of significand, for what the functions compute on the way: every operation is
 * right to within four units of the last place. No infinities, no limits of exponents.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/fpu.h"
#include "cpu/wide.h"

struct real {
    struct wide significand; /* times 2^(exponent - 127); bit 127 set, or all 0 for zero */
    int32_t exponent;
    uint32_t sign; /* 0 or 1 */
};

struct real real_of_float80(struct float80 a); /* finite */
struct real real_of_integer(int32_t value);
/* Rounded by op; `exact`: 0: the real stands for a value that it only comes near to. */
struct float80 real_round(struct fpu_operation *op, struct real a, uint32_t exact);
struct real real_negate(struct real a);
struct real real_add(struct real a, struct real b);
struct real real_multiply(struct real a, struct real b);
struct real real_divide(struct real a, struct real b); /* b is not 0 */
struct real real_divide_small(struct real a, uint32_t divisor);
/* 1 if |a| < |b|. */
uint32_t real_is_below(struct real a, struct real b);
