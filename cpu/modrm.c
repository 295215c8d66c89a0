/* The effective-address forms as data: 16-bit ones by a table of eight, 32-bit ones by rule.
 * See: 80386 PRM 17.2.1, tables 17-2 to 17-4.
 * SPDX-License-Identifier: MIT */
#include "cpu/modrm.h"

#include "cpu/cpu_state.h"

/* By the r/m field; BP forms address SS. */
static const struct modrm_address forms_16[8] = {
    {REG_EBX, REG_ESI, 0, 0, SEG_DS},  {REG_EBX, REG_EDI, 0, 0, SEG_DS},
    {REG_EBP, REG_ESI, 0, 0, SEG_SS},  {REG_EBP, REG_EDI, 0, 0, SEG_SS},
    {REG_ESI, REG_NONE, 0, 0, SEG_DS}, {REG_EDI, REG_NONE, 0, 0, SEG_DS},
    {REG_EBP, REG_NONE, 0, 0, SEG_SS}, {REG_EBX, REG_NONE, 0, 0, SEG_DS},
};
static const struct modrm_address offset_16 = {REG_NONE, REG_NONE, 0, 2, SEG_DS};
static const uint8_t disp_bytes_16[3] = {0, 1, 2}; /* by mod */
static const uint8_t disp_bytes_32[3] = {0, 1, 4};

struct modrm_address modrm_address_16(uint32_t modrm)
{
    uint32_t mod = modrm >> 6, rm = modrm & 7;
    if (mod == 0 && rm == 6) {
        return offset_16;
    }
    struct modrm_address address = forms_16[rm];
    address.disp_bytes = disp_bytes_16[mod];
    return address;
}

struct modrm_address modrm_address_32(uint32_t modrm, uint32_t sib)
{
    uint32_t mod = modrm >> 6, base = modrm & 7;
    struct modrm_address address = {REG_NONE, REG_NONE, 0, disp_bytes_32[mod], SEG_DS};
    if (modrm_has_sib(modrm)) {
        base = sib & 7;
        if ((sib >> 3 & 7) != REG_ESP) { /* ESP as index: none */
            address.index = sib >> 3 & 7;
            address.scale = (uint8_t)(sib >> 6);
        }
    }
    if (mod == 0 && base == REG_EBP) { /* no base but a displacement */
        address.disp_bytes = 4;
        return address;
    }
    address.base = (uint8_t)base;
    if (base == REG_ESP || base == REG_EBP) {
        address.segment = SEG_SS;
    }
    return address;
}
