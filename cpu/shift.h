/* Shifts and rotates of one operand size with their flags. bits: 8, 16 or 32, constant.
 * count is 1..31: the bodies mask it and leave the flags alone when nothing is left of it.
 * OF, defined for a count of 1 only, follows the same formula for the others, as if the
 * operand were shifted one bit at a time; AF is cleared by shifts.
 * See: 80386 PRM 3.4.2, 3.4.3 and chapter 17: RCL, SAL, SHLD, SHRD.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/alu.h"

#define SHIFT_COUNT_MASK 31u

INLINE uint32_t top_bit(uint32_t bits, uint32_t value)
{
    return (value >> (bits - 1)) & 1;
}

INLINE uint32_t shift_shl(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t count)
{
    uint64_t shifted = (uint64_t)a << count;
    uint32_t result = (uint32_t)shifted, cf = (uint32_t)(shifted >> bits) & 1;
    flags_logic(flags, bits, result);
    flags_put_cf_of(flags, cf, cf ^ top_bit(bits, result));
    return result;
}
INLINE uint32_t shift_shr(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t count)
{
    uint32_t before_last = a >> (count - 1);
    flags_logic(flags, bits, before_last >> 1);
    flags_put_cf_of(flags, before_last & 1, top_bit(bits, before_last));
    return before_last >> 1;
}
INLINE uint32_t shift_sar(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t count)
{
    int32_t before_last = (int32_t)sign_extend(bits, a) >> (count - 1);
    uint32_t result = (uint32_t)(before_last >> 1);
    flags_logic(flags, bits, result);
    flags_put_cf_of(flags, (uint32_t)before_last & 1, 0);
    return result;
}

/* ---- rotates: CF and OF only ---- */
INLINE uint32_t shift_rol(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t count)
{
    uint32_t by = count % bits;
    uint32_t result = by ? zero_extend(bits, (a << by) | (a >> (bits - by))) : a;
    flags_put_cf_of(flags, result & 1, (result & 1) ^ top_bit(bits, result));
    return result;
}
INLINE uint32_t shift_ror(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t count)
{
    uint32_t by = count % bits;
    uint32_t result = by ? zero_extend(bits, (a >> by) | (a << (bits - by))) : a;
    flags_put_cf_of(flags, top_bit(bits, result),
                    top_bit(bits, result) ^ top_bit(bits, result << 1));
    return result;
}
/* Through the carry: a register of bits + 1 bits, CF on top. */
INLINE uint32_t shift_rcl(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t count)
{
    uint32_t by = count % (bits + 1);
    if (by == 0) {
        return a;
    }
    uint64_t wide = ((uint64_t)flag_cf(flags) << bits) | a;
    wide = (wide << by) | (wide >> (bits + 1 - by));
    uint32_t result = (uint32_t)wide, cf = (uint32_t)(wide >> bits) & 1;
    flags_put_cf_of(flags, cf, cf ^ top_bit(bits, result));
    return result;
}
INLINE uint32_t shift_rcr(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t count)
{
    uint32_t by = count % (bits + 1);
    if (by == 0) {
        return a;
    }
    uint64_t wide = ((uint64_t)flag_cf(flags) << bits) | a;
    wide = (wide >> by) | (wide << (bits + 1 - by));
    uint32_t result = (uint32_t)wide, cf = (uint32_t)(wide >> bits) & 1;
    flags_put_cf_of(flags, cf, top_bit(bits, result) ^ top_bit(bits, result << 1));
    return result;
}

/* ---- double shifts: `fill` supplies the bits shifted in ----
 * A 16-bit one by more than 16, undefined in the manual, goes on with `fill` again; later
 * parts of some makers take the destination there. */
INLINE uint32_t shift_shld(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t fill,
                           uint32_t count)
{
    uint32_t result, cf;
    if (bits == 32) {
        result = (a << count) | (fill >> (32 - count));
        cf = (a >> (32 - count)) & 1;
    } else {
        uint64_t wide = (((uint64_t)a << 32) | (fill << 16) | fill) << count;
        result = (uint32_t)(wide >> 32) & 0xFFFF;
        cf = (uint32_t)(wide >> 48) & 1;
    }
    flags_logic(flags, bits, result);
    flags_put_cf_of(flags, cf, cf ^ top_bit(bits, result));
    return result;
}
INLINE uint32_t shift_shrd(struct lazy_flags *flags, uint32_t bits, uint32_t a, uint32_t fill,
                           uint32_t count)
{
    uint32_t result, cf;
    if (bits == 32) {
        result = (a >> count) | (fill << (32 - count));
        cf = (a >> (count - 1)) & 1;
    } else {
        uint64_t wide = ((uint64_t)fill << 32) | (fill << 16) | a;
        result = (uint32_t)(wide >> count) & 0xFFFF;
        cf = (uint32_t)(wide >> (count - 1)) & 1;
    }
    flags_logic(flags, bits, result);
    flags_put_cf_of(flags, cf, top_bit(bits, result) ^ top_bit(bits, result << 1));
    return result;
}
