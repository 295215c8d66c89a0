/* What each processor level says of itself: CPUID.1, for the instruction and for tables that
 * describe the processor.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cpu/cpu.h"

#define FEATURE_APIC 0x200u

/* Family, model, stepping. */
static inline uint32_t cpuid_signature(enum cpu_level level)
{
    static const uint32_t signature[] = {
        [CPU_I386] = 0x0308, [CPU_I486] = 0x0404, [CPU_I586] = 0x0513, [CPU_I686] = 0x0617};

    return signature[level];
}

/* Feature flags but FEATURE_APIC, which depends on the machine. */
static inline uint32_t cpuid_features(enum cpu_level level)
{
    static const uint32_t features[] = {
        [CPU_I386] = 0x0001, [CPU_I486] = 0x0001, [CPU_I586] = 0x0139, [CPU_I686] = 0xA139};

    return features[level];
}
