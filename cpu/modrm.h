/* ModR/M and SIB bytes: which registers, how many displacement bytes, which segment.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* An effective address but for the value of its displacement. */
struct modrm_address {
    uint8_t base;       /* 0..8, REG_NONE = none */
    uint8_t index;      /* 0..8, REG_NONE = none */
    uint8_t scale;      /* 0..3 */
    uint8_t disp_bytes; /* 0, 1, 2 or 4; 1: sign-extended */
    uint8_t segment;    /* enum segment: default, without prefix */
};

/* 1 if this ModR/M byte of a 32-bit address (mod not 3) is followed by a SIB byte. */
static inline uint32_t modrm_has_sib(uint32_t modrm)
{
    return (modrm & 7) == 4 && modrm < 0xC0;
}

/* modrm: mod 0..2. sib: the SIB byte, not looked at unless there is one. */
struct modrm_address modrm_address_16(uint32_t modrm);
struct modrm_address modrm_address_32(uint32_t modrm, uint32_t sib);
