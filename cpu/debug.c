/* Breakpoints of the debug registers.
 *
 *   DR7  17-16 R/W0  19-18 LEN0  21-20 R/W1 ...      1-0 G0 L0  3-2 G1 L1 ...
 *        R/W: 0 execution, 1 writes, 3 reads and writes;  LEN: 0 one byte, 1 two, 3 four
 *
 * Data breakpoints cost nothing elsewhere: their pages are kept out of the mirrors, so that every
 * access to them goes the careful way, which asks here. They are always exact (LE, GE change
 * nothing). Descriptor tables, TSS and page tables that the processor itself reads do not count.
 * See: 80386 PRM 12.2, 12.3.
 * SPDX-License-Identifier: MIT */
#include "cpu/cpu_priv.h"

#define BREAKPOINTS 4u

enum { ON_EXECUTION = 0, ON_WRITE = 1, ON_ACCESS = 3 };

struct watched {
    uint32_t kind;  /* R/W field */
    uint32_t first; /* linear, aligned to its length */
    uint32_t last;  /* linear, inclusive */
    uint32_t enabled;
};

static struct watched watched(const struct cpu *cpu, uint32_t number)
{
    const uint32_t control = cpu->state.dr[7];
    const uint32_t length = (control >> (18 + 4 * number)) & 3;
    const uint32_t bytes = length == 2 ? 1 : length + 1; /* 2 is undefined on these processors */
    const struct watched found = {
        .kind = (control >> (16 + 4 * number)) & 3,
        .first = cpu->state.dr[number] & ~(bytes - 1),
        .last = cpu->state.dr[number] | (bytes - 1),
        .enabled = (control >> (2 * number)) & 3,
    };
    return found;
}

void watch_changed(struct cpu *cpu)
{
    uint32_t watch = cpu->watch & WATCH_OBSERVED;
    for (uint32_t i = 0; i < BREAKPOINTS; i++) {
        const struct watched at = watched(cpu, i);
        if (at.enabled) {
            watch |= at.kind == ON_EXECUTION ? WATCH_EXECUTION : WATCH_DATA;
        }
    }
    if ((watch | cpu->watch) & WATCH_DATA) {
        mirrors_drop(cpu);
    }
    cpu->watch = watch;
}

bool watch_in_page(const struct cpu *cpu, uint32_t linear)
{
    for (uint32_t i = 0; i < BREAKPOINTS; i++) {
        const struct watched at = watched(cpu, i);
        if (at.enabled && at.kind != ON_EXECUTION && !((at.first ^ linear) & PAGE_MASK)) {
            return true;
        }
    }
    return false;
}

void watch_access(struct cpu *cpu, uint32_t linear, uint32_t bytes, uint32_t access)
{
    for (uint32_t i = 0; i < BREAKPOINTS; i++) {
        const struct watched at = watched(cpu, i);
        const bool kind = at.kind == ON_ACCESS || (at.kind == ON_WRITE && (access & ACCESS_WRITE));
        /* as distances, so that an access may run through the end of the address space */
        const bool meets = at.first - linear < bytes || linear - at.first <= at.last - at.first;
        if (at.enabled && kind && meets) {
            cpu->watch_hits |= 1u << i;
            cpu->leave |= LEAVE_EVENT;
        }
    }
}

uint32_t watch_execution(const struct cpu *cpu, uint32_t linear)
{
    uint32_t hits = 0;
    for (uint32_t i = 0; i < BREAKPOINTS; i++) {
        const struct watched at = watched(cpu, i);
        if (at.enabled && at.kind == ON_EXECUTION && at.first == linear) {
            hits |= 1u << i;
        }
    }
    return hits;
}
