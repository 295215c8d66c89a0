/* Memory and processor as a boot loader leaves them.
 * See: IBM PC/AT Technical Reference, BIOS listing (data area at 400h); 80386 PRM 10.
 * SPDX-License-Identifier: MIT */
#include "emu/boot_memory.h"

#include <stdlib.h>
#include <string.h>

#include "devices/platform_map.h"
#include "emu/mp_tables.h"

#define PAGE_SIZE 4096u

static bool zero_physical(struct machine *machine, uint32_t physical, uint32_t bytes)
{
    static const uint8_t zeros[PAGE_SIZE];

    while (bytes) {
        uint32_t piece = bytes < PAGE_SIZE ? bytes : PAGE_SIZE;

        if (!machine_write_physical(machine, physical, zeros, piece)) {
            return false;
        }
        physical += piece;
        bytes -= piece;
    }
    return true;
}

bool boot_write_segments(struct machine *machine, const struct elf_image *image,
                         const uint8_t *file)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct elf_segment *segment = &image->segments[i];

        if (!machine_write_physical(machine, segment->physical, file + segment->file_offset,
                                    segment->file_bytes) ||
            !zero_physical(machine, segment->physical + segment->file_bytes,
                           segment->memory_bytes - segment->file_bytes)) {
            return false;
        }
    }
    return true;
}

bool boot_write_bios_data(struct machine *machine)
{
    static const struct {
        uint16_t physical; /* 400h..4FFh */
        uint16_t value;
    } words[] = {
        {0x400, PORT_COM1},
        {0x402, PORT_COM2},
        {0x40E, LOW_MEMORY_END >> 4},   /* segment of the extended data area */
        {0x410, 0x0422},                /* two serial ports, 80x25 colour, coprocessor */
        {0x413, LOW_MEMORY_END / 1024}, /* KiB of base memory */
        {0x449, 80 << 8 | 3},           /* video mode; columns, low byte */
        {0x44B, 0},                     /* columns, high byte */
        {0x44C, 0x1000},                /* bytes in a page of the screen */
        {0x463, PORT_VGA_CRTC_INDEX},
        {0x484, 16 << 8 | 24}, /* rows less one; lines of a character */
    };

    for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!machine_write_physical(machine, words[i].physical, &words[i].value, 2)) {
            return false;
        }
    }
    return mp_tables_write(machine);
}

static struct segment_state flat(uint16_t selector, uint16_t access)
{
    return (struct segment_state){
        .base = 0,
        .limit = 0xFFFFFFFFu,
        .selector = selector,
        .attributes = (uint16_t)(access | ATTR_BIG | ATTR_GRANULAR),
        .usable = 1,
    };
}

bool boot_enter(struct machine *machine, const struct boot_entry *entry, struct err *err)
{
    struct machine_state *state = malloc(sizeof(*state));
    const uint16_t code = ATTR_PRESENT | ATTR_SEGMENT | ATTR_CODE | ATTR_READABLE | ATTR_ACCESSED;
    const uint16_t data = ATTR_PRESENT | ATTR_SEGMENT | ATTR_WRITABLE | ATTR_ACCESSED;
    bool good;

    if (!state) {
        return err_set(err, "no memory");
    }
    *state = *machine_state(machine);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        state->cpu.segments[i] =
            i == SEG_CS ? flat(entry->code_selector, code) : flat(entry->data_selector, data);
    }
    memset(state->cpu.gpr, 0, sizeof(state->cpu.gpr));
    state->cpu.gpr[REG_EAX] = entry->eax;
    state->cpu.gpr[REG_EBX] = entry->ebx;
    state->cpu.gpr[REG_ESI] = entry->esi;
    state->cpu.gpr[REG_ESP] = INFO_PLACE; /* undefined by the books; kind to careless kernels */
    state->cpu.eip = entry->eip;
    state->cpu.eflags = EFLAGS_ONE;
    state->cpu.cr0 = (state->cpu.cr0 | CR0_PE) & ~(CR0_PG | CR0_CD | CR0_NW);
    state->cpu.gdtr = entry->gdt;
    state->cpu.idtr = (struct table_state){0, 0};
    state->cpu.a20_mask = 0xFFFFFFFFu;
    good = machine_load_state(machine, state, err);
    free(state);
    machine_open_a20(machine);
    machine_hand_over_apics(machine);
    return good;
}
