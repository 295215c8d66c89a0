/* Which memory there is (INT 15h: E820h, or else E801h, or else 88h), and gate A20.
 * SPDX-License-Identifier: MIT */
#include "loader/loader.h"

#define SMAP        0x534D4150u
#define E820_BYTES  20u
#define RAM         1
#define KIB_15M     (15u * 1024)
#define SIXTEEN_MIB 0x1000000u
#define A20_TRIES   1000u

extern volatile uint32_t a20_low_word, a20_high_word; /* loader.ld */

/* ---- gate A20 ---- */

static bool a20_is_open(void)
{
    uint32_t kept = a20_low_word;
    bool open;

    a20_low_word = ~a20_high_word;
    open = a20_low_word != a20_high_word;
    a20_low_word = kept;
    return open;
}

static void keyboard_controller_write(uint16_t port, uint8_t value)
{
    for (uint32_t i = 0; i < A20_TRIES && (port_read8(PORT_KBD_STATUS) & 2); i++) {}
    port_write8(port, value);
}

/* Three ways, from the politest to the oldest. */
void a20_open(void)
{
    struct bios_registers registers = {0};

    post_code(POST_LOADER_A20);
    if (!a20_is_open()) {
        registers.eax = 0x2401;
        bios_call(0x15, &registers);
    }
    if (!a20_is_open()) {
        port_write8(PORT_SYSTEM_CONTROL_A, (uint8_t)((port_read8(PORT_SYSTEM_CONTROL_A) | 2) & ~1));
    }
    if (!a20_is_open()) {
        keyboard_controller_write(PORT_KBD_COMMAND, 0xD1);
        keyboard_controller_write(PORT_KBD_DATA, 0xDF);
    }
    for (uint32_t i = 0; i < A20_TRIES; i++) {
        if (a20_is_open()) {
            return;
        }
    }
    fail("gate A20 does not open");
}

/* ---- the map ---- */

static void add(struct memory_map *map, uint64_t base, uint64_t length, uint32_t type)
{
    if (map->count < MEMORY_RANGES && length) {
        map->ranges[map->count++] = (struct memory_range){20, base, length, type};
    }
}

static bool read_e820(struct memory_map *map)
{
    struct memory_range range;
    struct bios_registers registers;
    uint32_t next = 0;

    do {
        registers = (struct bios_registers){0};
        registers.eax = 0xE820;
        registers.ebx = next;
        registers.ecx = E820_BYTES;
        registers.edx = SMAP;
        registers.es = (uint16_t)((uint32_t)&range.base >> 4);
        registers.edi = (uint32_t)&range.base & 15;
        bios_call(0x15, &registers);
        if ((registers.flags & FLAG_CARRY) || registers.eax != SMAP) {
            break;
        }
        add(map, range.base, range.length, range.type);
        next = registers.ebx;
    } while (next);
    return map->count > 0;
}

static void read_sizes(struct memory_map *map)
{
    struct bios_registers registers = {0};

    bios_call(0x12, &registers);
    add(map, 0, (registers.eax & 0xFFFF) * KIB, RAM);
    registers = (struct bios_registers){0};
    registers.eax = 0xE801;
    bios_call(0x15, &registers);
    if ((registers.flags & FLAG_CARRY) == 0) {
        add(map, ONE_MIB, (registers.eax & 0xFFFF) * KIB, RAM);
        add(map, SIXTEEN_MIB, (uint64_t)(registers.ebx & 0xFFFF) * 64 * KIB, RAM);
        return;
    }
    registers = (struct bios_registers){0};
    registers.eax = 0x8800;
    bios_call(0x15, &registers);
    add(map, ONE_MIB, (registers.eax & 0xFFFF) * KIB, RAM);
}

/* The end of the usable range that contains `at`, or `at`. */
static uint64_t ram_end(const struct memory_map *map, uint64_t at)
{
    for (uint32_t i = 0; i < map->count; i++) {
        const struct memory_range *range = &map->ranges[i];

        if (range->type == RAM && at >= range->base && at - range->base < range->length) {
            return range->base + range->length;
        }
    }
    return at;
}

bool memory_is_ram(const struct memory_map *map, uint32_t first, uint32_t bytes)
{
    return ram_end(map, first) - first >= bytes;
}

void memory_read_map(struct memory_map *map)
{
    uint64_t end = ONE_MIB;
    uint64_t next;

    post_code(POST_LOADER_MEMORY);
    map->count = 0;
    if (!read_e820(map)) {
        read_sizes(map);
    }
    while ((next = ram_end(map, end)) != end) {
        end = next;
    }
    map->lower_kib = (uint32_t)(ram_end(map, 0) / KIB);
    map->upper_kib = (uint32_t)((end - ONE_MIB) / KIB);
    if (map->upper_kib == 0) {
        fail("the BIOS reports no memory above 1 MiB");
    }
}
