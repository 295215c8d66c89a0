/* What every way of starting a kernel without firmware does to memory and processor.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/err.h"
#include "emu/machine.h"

#define LOW_MEMORY_END 0x9FC00u /* the extended BIOS data area begins here */
#define FIRST_MEGABYTE 0x100000u
#define INFO_PLACE     0x90000u /* what the loader tells the kernel; stack below */

/* How the kernel finds the processor: flat segments, no paging, interrupts off. */
struct boot_entry {
    uint32_t eip;           /* physical address of the first instruction */
    uint16_t code_selector; /* in CS */
    uint16_t data_selector; /* in the other segment registers */
    uint32_t eax, ebx, esi; /* the other general registers are zero, but ESP is INFO_PLACE */
    struct table_state gdt; /* where the table is, if there is one */
};

/* PT_LOAD segments at their p_paddr, the rest of each zeroed. */
bool boot_write_segments(struct machine *machine, const struct elf_image *image,
                         const uint8_t *file);
/* What programs look for at 400h, and the tables of a machine with APICs. */
bool boot_write_bios_data(struct machine *machine);
bool boot_enter(struct machine *machine, const struct boot_entry *entry, struct err *err);
