/* What the kernel has to know about the CPU: is it an i486 at least, and does it keep the mode in
 * EFLAGS, as the lecture's model does? Ringside's emulated CPU says
 * so in a CPUID leaf; a real one keeps it in CS only. See: docs, "CPU extension registers".
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/cpu.h"

#define LEAF_SIGNATURE 0x40000000u /* EBX, ECX, EDX: "RingsideCPU " */
#define LEAF_FEATURES  0x40000001u /* EAX bit 0: EFLAGS.MODE can be turned on */
#define MSR_EXTENSIONS 0x40000000u /* bit 0: EFLAGS.MODE is on */

/* Can a program change this flag? By that the generations of the CPU are told apart. */
static bool can_toggle(uint32_t flag)
{
    uint32_t before, after;

    __asm__ volatile("pushfl\n\t"
                     "popl %0\n\t"
                     "movl %0, %1\n\t"
                     "xorl %2, %1\n\t"
                     "pushl %1\n\t"
                     "popfl\n\t"
                     "pushfl\n\t"
                     "popl %1\n\t"
                     "pushl %0\n\t"
                     "popfl"
                     : "=&r"(before), "=&r"(after)
                     : "r"(flag)
                     : "cc");
    return ((before ^ after) & flag) != 0;
}

bool cpu_is_i486(void)
{
    return can_toggle(EFLAGS_ALIGNMENT);
}

static void cpuid(uint32_t leaf, uint32_t registers[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]),
                       "=d"(registers[3])
                     : "a"(leaf), "c"(0));
}

uint32_t cpu_features(void)
{
    uint32_t registers[4];

    if (!can_toggle(EFLAGS_ID)) {
        return CPU_HAS_X87; /* it may; trying shows it */
    }
    cpuid(1, registers);
    return registers[3];
}

bool cpu_enable_eflags_mode(void)
{
    uint32_t registers[4];

    if (!can_toggle(EFLAGS_ID)) { /* the first i486 have no CPUID */
        return false;
    }
    cpuid(LEAF_SIGNATURE, registers);
    if (memcmp(&registers[1], "RingsideCPU ", 12) != 0) {
        return false;
    }
    cpuid(LEAF_FEATURES, registers);
    if ((registers[0] & 1) == 0) {
        return false;
    }
    __asm__ volatile("wrmsr" : : "c"(MSR_EXTENSIONS), "a"(1), "d"(0));
    return true;
}
