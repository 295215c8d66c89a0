/* Lazy arithmetic flags: the last result and a vector of what else is needed, so that no
 * operation has to be remembered and every flag is at most five bit operations.
 *   result  ZF = result is 0;  SF = bit 31 of result ^ bit 0 of aux;
 *           PF = even parity of (low byte of result ^ aux bits 8-15)
 *   aux     bit 31 = CF, bit 30 = CF ^ OF, bit 3 = AF, bits 8-15 and 0 as above
 * Results of 8 and 16 bits are kept sign-extended.
 * See: 80386 PRM 2.3.4, appendix C; truth table test in tests/cpu/test_flags.c.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cpu/cpu_state.h"

#define AUX_CF    0x80000000u
#define AUX_CFXOF 0x40000000u
#define AUX_AF    0x00000008u
#define AUX_KEEP  (AUX_CF | AUX_CFXOF | AUX_AF)

struct lazy_flags {
    uint32_t result; /* sign-extended result */
    uint32_t aux;    /* AUX_* and the deltas for SF (bit 0) and PF (bits 8-15) */
};

/* Carry-out vectors: bit i = carry (borrow) out of bit i. */
static inline uint32_t carries_of_add(uint32_t a, uint32_t b, uint32_t result)
{
    return (a & b) | ((a | b) & ~result);
}

static inline uint32_t carries_of_sub(uint32_t a, uint32_t b, uint32_t result)
{
    return (~a & b) | ((~a | b) & result);
}

/* Set all six flags from a result and its carry-out vector; bits: operand size 8, 16 or 32. */
static inline void flags_set(struct lazy_flags *flags, uint32_t bits, uint32_t result,
                             uint32_t carries)
{
    if (bits == 32) {
        flags->result = result;
        flags->aux = carries & AUX_KEEP;
    } else if (bits == 16) {
        flags->result = (uint32_t)(int32_t)(int16_t)result;
        flags->aux = ((carries << 16) & (AUX_CF | AUX_CFXOF)) | (carries & AUX_AF);
    } else {
        flags->result = (uint32_t)(int32_t)(int8_t)result;
        flags->aux = ((carries << 24) & (AUX_CF | AUX_CFXOF)) | (carries & AUX_AF);
    }
    /* carries hold bit 31 = carry out, bit 30 = carry into the sign bit: their XOR is OF, and
     * "bit 30 = CF ^ OF" is exactly the carry into the sign bit. */
}

static inline uint32_t flag_cf(const struct lazy_flags *flags)
{
    return flags->aux >> 31;
}
static inline uint32_t flag_of(const struct lazy_flags *flags)
{
    return (flags->aux ^ (flags->aux << 1)) >> 31;
}
static inline uint32_t flag_zf(const struct lazy_flags *flags)
{
    return flags->result == 0;
}
static inline uint32_t flag_sf(const struct lazy_flags *flags)
{
    return (flags->result ^ (flags->aux << 31)) >> 31;
}
static inline uint32_t flag_af(const struct lazy_flags *flags)
{
    return (flags->aux >> 3) & 1;
}
static inline uint32_t flag_pf(const struct lazy_flags *flags)
{
    uint32_t byte = (flags->result ^ (flags->aux >> 8)) & 0xFF;
    return (0x9669u >> ((byte ^ (byte >> 4)) & 15)) & 1;
}

/* All six as EFLAGS bits. */
static inline uint32_t flags_get(const struct lazy_flags *flags)
{
    return flag_cf(flags) | (flag_pf(flags) << 2) | (flag_af(flags) << 4) | (flag_zf(flags) << 6) |
           (flag_sf(flags) << 7) | (flag_of(flags) << 11);
}

/* Take the six flags from EFLAGS bits, any combination. */
static inline void flags_put(struct lazy_flags *flags, uint32_t eflags)
{
    uint32_t cf = eflags & 1, of = (eflags >> 11) & 1, sf = (eflags >> 7) & 1;
    uint32_t zf = (eflags >> 6) & 1, pf = (eflags >> 2) & 1, af = (eflags >> 4) & 1;
    /* result 0 or 1 gives ZF; its parity is even or odd, and its sign 0: the deltas mend both */
    flags->result = zf ? 0 : 1;
    flags->aux =
        (cf << 31) | ((cf ^ of) << 30) | (af << 3) | sf | ((pf == (zf ? 1u : 0u)) ? 0 : 0x100u);
}

/* CF alone, OF and the others kept. */
static inline void flag_put_cf(struct lazy_flags *flags, uint32_t cf)
{
    uint32_t of = flag_of(flags);
    flags->aux = (flags->aux & ~(AUX_CF | AUX_CFXOF)) | (cf << 31) | ((cf ^ of) << 30);
}
/* OF alone. */
static inline void flag_put_of(struct lazy_flags *flags, uint32_t of)
{
    flags->aux = (flags->aux & ~AUX_CFXOF) | ((flag_cf(flags) ^ of) << 30);
}
/* ZF alone. */
static inline void flag_put_zf(struct lazy_flags *flags, uint32_t zf)
{
    flags_put(flags, (flags_get(flags) & ~EFLAGS_ZF) | (zf << 6));
}
