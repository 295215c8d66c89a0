/* Decimal adjustments: AAA, AAS, AAM, AAD, DAA, DAS.
 * Flags the manual leaves undefined: OF is cleared; after AAA and AAS SF, ZF and PF follow AL.
 * See: 80386 PRM 3.3 and chapter 17.
 * Rare: careful variants only.
 * SPDX-License-Identifier: MIT */
#include "cpu/alu.h"

#ifdef EXEC_CAREFUL

/* SF, ZF, PF from AL with the given CF and AF. */
INLINE void flags_decimal(struct cpu *cpu, bool cf, bool af)
{
    flags_logic(&cpu->flags, 8, GPR8(OFFSET_AL));
    cpu->flags.aux = (cf ? AUX_CF | AUX_CFXOF : 0) | (af ? AUX_AF : 0);
}
/* True if the low digit has to be corrected. */
INLINE bool digit_wrong(const struct cpu *cpu)
{
    return (cpu->state.gpr[REG_EAX] & 15) > 9 || flag_af(&cpu->flags);
}

OP(aaa)
{
    const bool adjust = digit_wrong(cpu);
    if (adjust) {
        SET_GPR(16, REG_EAX, GPR16(REG_EAX) + 0x106u);
    }
    GPR8(OFFSET_AL) &= 15;
    flags_decimal(cpu, adjust, adjust);
    NEXT;
}

OP(aas)
{
    const bool adjust = digit_wrong(cpu);
    if (adjust) {
        SET_GPR(16, REG_EAX, GPR16(REG_EAX) - 0x106u);
    }
    GPR8(OFFSET_AL) &= 15;
    flags_decimal(cpu, adjust, adjust);
    NEXT;
}

OP(daa)
{
    const uint32_t al = GPR8(OFFSET_AL);
    const bool low = digit_wrong(cpu), high = al > 0x99 || flag_cf(&cpu->flags);
    SET_GPR(8, OFFSET_AL, al + (low ? 6u : 0u) + (high ? 0x60u : 0u));
    flags_decimal(cpu, high, low);
    NEXT;
}

OP(das)
{
    const uint32_t al = GPR8(OFFSET_AL), borrowed = flag_cf(&cpu->flags);
    const bool low = digit_wrong(cpu), high = al > 0x99 || borrowed;
    SET_GPR(8, OFFSET_AL, al - (low ? 6u : 0u) - (high ? 0x60u : 0u));
    flags_decimal(cpu, high || (low && al < 6), low);
    NEXT;
}

OP(aam_ib)
{
    const uint32_t base = uop->imm & 0xFF, al = GPR8(OFFSET_AL);
    if (base == 0) {
        FAULT(trap_raise(cpu, PATH_de_zero, 0));
    }
    SET_GPR(16, REG_EAX, (al / base) << 8 | al % base);
    flags_decimal(cpu, false, false);
    NEXT;
}

OP(aad_ib)
{
    const uint32_t ax = GPR16(REG_EAX);
    SET_GPR(16, REG_EAX, (ax + (ax >> 8) * uop->imm) & 0xFF);
    flags_decimal(cpu, false, false);
    NEXT;
}

#endif
