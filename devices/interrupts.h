/* How the interrupt controllers are joined, and what the processor's INTR pin gets of it.
 *
 *   IRQ 0..15 --+--> 8259A pair --INT--+--> (IMCR 0: PIC mode) ----------------> INTR
 *               |                      +--> (IMCR 1) LINT0 --> local APIC -----> INTR
 *               |                      +--> pin 0 --+
 *               +--> I/O APIC (IRQ 0 at pin 2) -----+---------> local APIC ----> INTR
 *
 *   22h  write 70h: selects the IMCR     23h  bit 0: the 8259A goes through the local APIC
 *
 * PIC mode is what RESET leaves; a local APIC switched off in IA32_APIC_BASE lets the 8259A
 * through whatever the IMCR says. Without APICs there is the 8259A pair alone and no IMCR.
 * See: MultiProcessor Specification 1.4, 3.6.2 (PIC, virtual wire and symmetric I/O mode).
 * SPDX-License-Identifier: MIT */
#pragma once

#include "devices/io_apic.h"
#include "devices/local_apic.h"
#include "devices/pic8259.h"

struct imcr_state {
    uint32_t selected;     /* as written to port 22h, 0..FFh */
    uint32_t through_apic; /* bit 0 of the IMCR */
};

struct apics_state {
    struct local_apic_state local;
    struct io_apic_state io;
    struct imcr_state imcr;
};
_Static_assert(sizeof(struct apics_state) ==
                   sizeof(struct local_apic_state) + sizeof(struct io_apic_state) + 8,
               "no padding");

struct interrupts {
    struct pic pic;
    struct local_apic local;
    struct io_apic io;
    struct imcr_state *imcr;
    uint32_t present; /* 1: the machine has APICs */
};

void interrupts_init(struct interrupts *interrupts, struct pic_pair_state *pic,
                     struct apics_state *apics, struct events_state *events,
                     const struct pc_host *host);
/* The APICs only. */
void interrupts_reset(struct interrupts *interrupts);
uint32_t interrupts_read(void *interrupts, uint16_t port, uint32_t size, uint64_t now);
void interrupts_write(void *interrupts, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
const char *interrupts_check(const struct apics_state *state);

/* Drive IRQ 0..15 except 2; a line_wire target. */
void interrupts_set_line(void *interrupts, uint32_t irq, uint32_t level);
/* After whatever may have changed the 8259A's output: the pins it leads to. */
void interrupts_settle(struct interrupts *interrupts);
/* The level of INTR. */
uint32_t interrupts_output(const struct interrupts *interrupts);
/* INTA: the vector. */
uint8_t interrupts_acknowledge(struct interrupts *interrupts);
/* What firmware hands over to a kernel: virtual wire mode, I/O APIC with an ID of its own. */
void interrupts_hand_over(struct interrupts *interrupts, uint64_t now);
