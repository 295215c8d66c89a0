/* Writing the MultiProcessor tables.
 * SPDX-License-Identifier: MIT */
#include "emu/mp_tables.h"

#include <string.h>

#include "cpu/cpuid.h"
#include "devices/platform_map.h"

#define ENTRY_PROCESSOR 0
#define ENTRY_BUS       1
#define ENTRY_IO_APIC   2
#define ENTRY_IO_INT    3
#define ENTRY_LOCAL_INT 4
#define INT_VECTORED    0 /* interrupt types, table 4-10 */
#define INT_NMI         1
#define INT_EXTERNAL    3
#define SPECIFICATION   4 /* 1.4 */
#define IMCR_PRESENT    0x80
#define IS_ENABLED      1
#define IS_BOOT         2
#define LOCAL_VERSION   0x11
#define IO_VERSION      0x11
#define ALL_LOCAL_APICS 0xFF
#define ISA_LINES       16
#define TIMER_PIN       2
#define INTERRUPTS      (ISA_LINES - 1 + 1 + 2) /* cascade left out, ExtINT, LINT0 and LINT1 */

struct mp_pointer {
    char signature[4]; /* _MP_ */
    uint32_t table;    /* physical */
    uint8_t paragraphs;
    uint8_t specification;
    uint8_t checksum;
    uint8_t features[5];
};
_Static_assert(sizeof(struct mp_pointer) == 16, "4.1");

struct mp_header {
    char signature[4]; /* PCMP */
    uint16_t bytes;    /* of the whole table */
    uint8_t specification;
    uint8_t checksum;
    char oem[8];
    char product[12];
    uint32_t oem_table;
    uint16_t oem_bytes;
    uint16_t entries;
    uint32_t local_apic;
    uint32_t reserved;
};
_Static_assert(sizeof(struct mp_header) == 44, "4.2");

struct mp_processor {
    uint8_t type, id, version, flags;
    uint32_t signature, features;
    uint32_t reserved[2];
};

struct mp_bus {
    uint8_t type, id;
    char name[6];
};

struct mp_io_apic {
    uint8_t type, id, version, flags;
    uint32_t physical;
};

struct mp_interrupt {
    uint8_t type, kind;
    uint16_t flags; /* 0: polarity and trigger as the bus has them */
    uint8_t bus, line, apic, pin;
};

struct mp_table {
    struct mp_header header;
    struct mp_processor processor;
    struct mp_bus bus;
    struct mp_io_apic io_apic;
    struct mp_interrupt interrupts[INTERRUPTS];
};
_Static_assert(sizeof(struct mp_table) == 44 + 20 + 8 + 8 + 8 * INTERRUPTS, "4.3");
_Static_assert(MP_TABLE_PLACE + sizeof(struct mp_table) <= VIDEO_HOLE_FIRST, "inside 1 KiB");

static uint8_t checksum(const void *bytes, size_t size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
    }
    return (uint8_t)(0 - sum);
}

static void interrupts_fill(struct mp_interrupt *at)
{
    for (uint8_t line = 0; line < ISA_LINES; line++) {
        if (line != IRQ_CASCADE) {
            *at++ = (struct mp_interrupt){.type = ENTRY_IO_INT,
                                          .kind = INT_VECTORED,
                                          .line = line,
                                          .apic = IO_APIC_ID,
                                          .pin = line == IRQ_TIMER ? TIMER_PIN : line};
        }
    }
    *at++ = (struct mp_interrupt){.type = ENTRY_IO_INT, .kind = INT_EXTERNAL, .apic = IO_APIC_ID};
    *at++ = (struct mp_interrupt){
        .type = ENTRY_LOCAL_INT, .kind = INT_EXTERNAL, .apic = ALL_LOCAL_APICS};
    *at = (struct mp_interrupt){
        .type = ENTRY_LOCAL_INT, .kind = INT_NMI, .apic = ALL_LOCAL_APICS, .pin = 1};
}

static void table_fill(enum cpu_level level, struct mp_table *table)
{
    memset(table, 0, sizeof(*table));
    memcpy(table->header.signature, "PCMP", 4);
    table->header.bytes = sizeof(*table);
    table->header.specification = SPECIFICATION;
    memcpy(table->header.oem, "RINGSIDE", 8);
    memcpy(table->header.product, "PC          ", 12);
    table->header.entries = 3 + INTERRUPTS;
    table->header.local_apic = LOCAL_APIC_BASE;
    table->processor = (struct mp_processor){.type = ENTRY_PROCESSOR,
                                             .version = LOCAL_VERSION,
                                             .flags = IS_ENABLED | IS_BOOT,
                                             .signature = cpuid_signature(level),
                                             .features = cpuid_features(level) | FEATURE_APIC};
    table->bus.type = ENTRY_BUS;
    memcpy(table->bus.name, "ISA   ", 6);
    table->io_apic = (struct mp_io_apic){.type = ENTRY_IO_APIC,
                                         .id = IO_APIC_ID,
                                         .version = IO_VERSION,
                                         .flags = IS_ENABLED,
                                         .physical = IO_APIC_BASE};
    interrupts_fill(table->interrupts);
    table->header.checksum = checksum(table, sizeof(*table));
}

bool mp_tables_write(struct machine *machine)
{
    const struct machine_config *config = machine_get_config(machine);
    struct mp_pointer pointer = {.signature = {'_', 'M', 'P', '_'},
                                 .table = MP_TABLE_PLACE,
                                 .paragraphs = 1,
                                 .specification = SPECIFICATION,
                                 .features = {0, IMCR_PRESENT}};
    struct mp_table table;

    if (!config->apics) {
        return true;
    }
    pointer.checksum = checksum(&pointer, sizeof(pointer));
    table_fill(config->level, &table);
    return machine_write_physical(machine, MP_POINTER_PLACE, &pointer, sizeof(pointer)) &&
           machine_write_physical(machine, MP_TABLE_PLACE, &table, sizeof(table));
}
