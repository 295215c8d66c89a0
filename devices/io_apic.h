/* The I/O APIC (82093AA) at FEC00000h: 24 inputs, each with an entry that says what message the
 * local APIC gets.
 *
 *   8259A INT --> pin 0        FEC00000h  IOREGSEL: which register IOWIN is
 *   IRQ 0     --> pin 2        FEC00010h  IOWIN: 00h ID, 01h version, 02h arbitration ID,
 *   IRQ n     --> pin n                           10h + 2n low, 11h + 2n high half of entry n
 *
 *   entry: 63:56 destination | 16 mask | 15 level | 14 remote IRR | 13 low active
 *          12 delivery status (always 0) | 11 logical | 10:8 delivery mode | 7:0 vector
 *
 * An edge at a masked input is lost, as the data sheet says; a level asks again after its EOI.
 * Read or written in other pieces than aligned doublewords: parts of the register, and nothing.
 * See: Intel 82093AA data sheet, order 290566, sections 3 and 4; MultiProcessor Specification 1.4.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "devices/local_apic.h"

#define IO_APIC_PINS  24
#define IO_APIC_BYTES 0x1000u /* decoded; only 00h and 10h answer */

struct io_apic_state {
    uint32_t low[IO_APIC_PINS];  /* bits 16:0 of each entry */
    uint32_t high[IO_APIC_PINS]; /* bits 63:56, in place */
    uint32_t pins;               /* bit n: input n is electrically high */
    uint32_t select;             /* IOREGSEL, 0..FFh */
    uint32_t id;                 /* bits 27:24 */
    uint32_t present;            /* 1: the machine has one */
};
_Static_assert(sizeof(struct io_apic_state) == (2 * IO_APIC_PINS + 4) * 4, "no padding");

struct io_apic {
    struct io_apic_state *state;
    struct local_apic *local;
};

void io_apic_reset(struct io_apic *apic, uint32_t present);
uint32_t io_apic_read(void *apic, uint32_t physical, uint32_t size, uint64_t now);
void io_apic_write(void *apic, uint32_t physical, uint32_t size, uint32_t value, uint64_t now);
const char *io_apic_check(const struct io_apic_state *state);
/* in: pin 0..23, level 0 or 1 */
void io_apic_set_pin(struct io_apic *apic, uint32_t pin, uint32_t level);
/* The processor has ended a level-triggered interrupt of this vector. */
void io_apic_end(struct io_apic *apic, uint32_t vector);
/* An open input of mode ExtINT is active: the processor is to ask the 8259A. */
uint32_t io_apic_external(const struct io_apic_state *state, const struct local_apic_state *local);
/* Whether any open input would bring an NMI. */
uint32_t io_apic_brings_nmi(const struct io_apic_state *state);
