/* Copying and filling in other segments than the stack's. ES is put back to SS each time: C code
 * counts on it. SPDX-License-Identifier: MIT */
#include "firmware/firmware.h"

void far_to_near(void *to, uint16_t segment, uint16_t offset, uint16_t bytes)
{
    uint32_t source = offset, target = (uint32_t)to, count = bytes;

    __asm__ volatile("pushw %%ds\n\tmovw %w3, %%ds\n\trep movsb\n\tpopw %%ds"
                     : "+S"(source), "+D"(target), "+c"(count)
                     : "r"(segment)
                     : "memory");
}

void near_to_far(uint16_t segment, uint16_t offset, const void *from, uint16_t bytes)
{
    uint32_t source = (uint32_t)from, target = offset, count = bytes;

    __asm__ volatile("movw %w3, %%es\n\trep movsb\n\tpushw %%ss\n\tpopw %%es"
                     : "+S"(source), "+D"(target), "+c"(count)
                     : "r"(segment)
                     : "memory");
}

void far_fill16(uint16_t segment, uint16_t offset, uint16_t value, uint16_t count)
{
    uint32_t target = offset, words = count;

    __asm__ volatile("movw %w3, %%es\n\trep stosw\n\tpushw %%ss\n\tpopw %%es"
                     : "+D"(target), "+c"(words)
                     : "a"(value), "r"(segment)
                     : "memory");
}

void far_move16(uint16_t segment, uint16_t to, uint16_t from, uint16_t count)
{
    uint32_t target = to, source = from, words = count;

    if (to > from) {
        target += (words - 1) * 2;
        source += (words - 1) * 2;
        __asm__ volatile("std");
    }
    __asm__ volatile("pushw %%ds\n\tmovw %w3, %%ds\n\tmovw %w3, %%es\n\trep movsw\n\t"
                     "popw %%ds\n\tpushw %%ss\n\tpopw %%es\n\tcld"
                     : "+S"(source), "+D"(target), "+c"(words)
                     : "r"(segment)
                     : "memory");
}
