/* A PC with APICs: the MultiProcessor tables, in the extended BIOS data area, and virtual wire
 * mode, in which the 8259A's requests go through the local APIC as they are. See: MultiProcessor
 * Specification 1.4, chapter 4 and 3.6.2.2. SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define EFLAGS_ID    0x200000u
#define FEATURE_APIC 0x200u

#define POINTER_PLACE 0x300u /* in the extended BIOS data area, a multiple of 16 */
#define POINTER_BYTES 16u
#define TABLE_PLACE   0x310u
#define TABLE_BYTES   224u
#define TABLE_SUM     7u /* offsets in the table */
#define CPU_SIGNATURE 48u
#define CPU_FEATURES  52u

#define LOCAL_SPURIOUS 0xF0u
#define LOCAL_LINT0    0x350u
#define LOCAL_LINT1    0x360u
#define SPURIOUS_ON    0x1FFu
#define AS_EXTINT      0x700u
#define AS_NMI         0x400u
#define IO_WINDOW      0x10u

extern ROM uint8_t mp_table[], mp_pointer[]; /* mp_table.S */

struct identity {
    uint32_t signature, features; /* CPUID.1: EAX, EDX */
};

static bool has_cpuid(void)
{
    uint32_t before, after;

    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl %2, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1\n\tpushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after)
                     : "i"(EFLAGS_ID));
    return ((before ^ after) & EFLAGS_ID) != 0;
}

static struct identity identify(void)
{
    struct identity identity = {0, 0};
    uint32_t leaf = 1, b, c;

    if (has_cpuid()) {
        __asm__ volatile("cpuid" : "+a"(leaf), "=b"(b), "=c"(c), "=d"(identity.features));
        identity.signature = leaf;
    }
    return identity;
}

static void write32(uint16_t offset, uint32_t value)
{
    far_write16(BDA->ebda_segment, offset, (uint16_t)value);
    far_write16(BDA->ebda_segment, (uint16_t)(offset + 2), (uint16_t)(value >> 16));
}

/* Make the bytes from `place` add up to 0. */
static void put_sum(uint16_t place, uint16_t bytes, uint16_t at)
{
    uint8_t sum = 0;

    for (uint16_t i = 0; i < bytes; i++) {
        sum = (uint8_t)(sum + far_read8(BDA->ebda_segment, (uint16_t)(place + i)));
    }
    far_write8(BDA->ebda_segment, (uint16_t)(place + at), (uint8_t)(0 - sum));
}

static void tables_write(const struct identity *identity)
{
    for (uint16_t i = 0; i < TABLE_BYTES; i++) {
        far_write8(BDA->ebda_segment, (uint16_t)(TABLE_PLACE + i), mp_table[i]);
    }
    write32(TABLE_PLACE + CPU_SIGNATURE, identity->signature);
    write32(TABLE_PLACE + CPU_FEATURES, identity->features);
    put_sum(TABLE_PLACE, TABLE_BYTES, TABLE_SUM);
    for (uint16_t i = 0; i < POINTER_BYTES; i++) {
        far_write8(BDA->ebda_segment, (uint16_t)(POINTER_PLACE + i), mp_pointer[i]);
    }
    write32(POINTER_PLACE + 4, (uint32_t)BDA->ebda_segment * 16 + TABLE_PLACE);
    put_sum(POINTER_PLACE, POINTER_BYTES, 10);
}

void apic_initialise(void)
{
    struct identity identity = identify();

    if (!(identity.features & FEATURE_APIC)) {
        return;
    }
    tables_write(&identity);
    write_physical(IO_APIC_BASE, 0); /* its ID */
    write_physical(IO_APIC_BASE + IO_WINDOW, (uint32_t)IO_APIC_ID << 24);
    write_physical(LOCAL_APIC_BASE + LOCAL_SPURIOUS, SPURIOUS_ON);
    write_physical(LOCAL_APIC_BASE + LOCAL_LINT0, AS_EXTINT);
    write_physical(LOCAL_APIC_BASE + LOCAL_LINT1, AS_NMI);
    port_write8(PORT_IMCR_SELECT, IMCR_NUMBER);
    port_write8(PORT_IMCR_DATA, 1);
}
