/* The MultiProcessor tables, by which a kernel finds the APICs when no firmware wrote them.
 *
 *   9FC10h, extended BIOS data area   floating pointer structure (feature 2: IMCR present)
 *   9FC20h                            configuration table: 1 processor, ISA bus, I/O APIC,
 *                                     ISA interrupts 0 (pin 2), 1, 3-15 and ExtINT (pin 0),
 *                                     LINT0 = ExtINT, LINT1 = NMI
 *
 * See: MultiProcessor Specification 1.4, chapter 4.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "emu/machine.h"

#define MP_POINTER_PLACE 0x9FC10u
#define MP_TABLE_PLACE   0x9FC20u

/* Write them if the machine has APICs. */
bool mp_tables_write(struct machine *machine);
