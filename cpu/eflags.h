/* EFLAGS as one word: the lazy arithmetic flags, the stored ones, and the MODE extension.
 * See: 80386 PRM 2.3.4, 4.1.1; EFLAGS.MODE is an extension of this machine: bit 31 is 1
 * exactly when CPL is 3, and shown only while the extension is on.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_priv.h"

/* All 32 bits as an instruction or a frame sees them. */
INLINE uint32_t eflags_read(const struct cpu *cpu)
{
    uint32_t mode = cpu->state.mode_in_eflags && cpu->state.cpl == 3 ? EFLAGS_MODE : 0;
    return (cpu->state.eflags & ~EFLAGS_ARITHMETIC) | flags_get(&cpu->flags) | mode;
}

/* Bits that exist on this processor, MODE apart. AC came with the 486, ID with its CPUID. */
INLINE uint32_t eflags_existing(const struct cpu *cpu)
{
    uint32_t bits = EFLAGS_ARITHMETIC | EFLAGS_TF | EFLAGS_IF | EFLAGS_DF | EFLAGS_IOPL |
                    EFLAGS_NT | EFLAGS_RF | EFLAGS_VM;
    if (cpu->config.level >= CPU_I486) {
        bits |= EFLAGS_AC | EFLAGS_ID;
    }
    return bits;
}

/* Replace the bits in `mask` by those of `value`; bits that do not exist stay as they are. */
void eflags_write(struct cpu *cpu, uint32_t value, uint32_t mask);

/* Bits that POPF and IRET may change at this level: IF if CPL <= IOPL, IOPL if CPL is 0
 * (80386 PRM POPF page). VM and RF not among them. */
INLINE uint32_t eflags_changeable(const struct cpu *cpu)
{
    const uint32_t always =
        EFLAGS_ARITHMETIC | EFLAGS_TF | EFLAGS_DF | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID;
    const uint32_t iopl = (cpu->state.eflags & EFLAGS_IOPL) >> 12;
    return always | (cpu->state.cpl <= iopl ? EFLAGS_IF : 0) |
           (cpu->state.cpl == 0 ? EFLAGS_IOPL : 0);
}
