/* The odd ports of a PC: system control, POST codes, debug console, exit, power.
 *
 *   61h   read  - - OUT2 REF IOCHK PAR SPK GATE2     write  - - - - IOCHK PAR SPK GATE2
 *   92h   - - - - - - A20 RESET                      after reset A20 on
 *   80h, 190h, E0h   POST code, reads back           to the host channel POST
 *   F0h   coprocessor error: a write takes IRQ 13 back and drives IGNNE# until FERR# has gone
 *   E9h   debug console: write one byte, reads E9h
 *   F4h   exit: 8, 16 or 32 bits; a 32-bit 50414E43h is a kernel panic
 *   604h, B004h   a 16-bit 2000h switches the power off
 *
 * OUT2 is the timer's channel 2; REF toggles with each refresh request, taken as every 18
 * ticks of the timer clock whatever channel 1 is programmed to. A20 of the PC is the OR of
 * port 92h and the keyboard controller's output port. There are no events.
 * NOT IMPLEMENTED: parity and I/O channel errors (never happen), the lock bits of port 92h.
 * See: IBM PC/AT Technical Reference; PS/2 Technical Reference for port 92h.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "devices/bus.h"
#include "devices/host_ends.h"
#include "devices/pit8254.h"

struct system_ports_state {
    uint8_t control_b;     /* port 61h bits 3..0 as written */
    uint8_t control_a;     /* port 92h bits 1..0 as written */
    uint8_t post[3];       /* last code at 80h, 190h, E0h */
    uint8_t fpu_error;     /* FERR# of the processor, 0 or 1 */
    uint8_t fpu_interrupt; /* IRQ 13, latched when FERR# rises: 0 or 1 */
    uint8_t ignore_errors; /* IGNNE#, 0 or 1 */
};
_Static_assert(sizeof(struct system_ports_state) == 8, "no padding");

struct system_ports {
    struct system_ports_state *state;
    struct pit *pit; /* gate and output of channel 2 */
    const struct pc_host *host;
    struct line_wire fpu_irq;
    uint64_t clock_hz; /* CPU clocks per second */
};

void system_ports_init(struct system_ports *ports, const struct system_ports *wires);
void system_ports_reset(struct system_ports *ports, uint64_t now);
/* After system_ports_reset(): this gate does not open A20, only the 8042's does. */
void system_ports_power_on(struct system_ports *ports);
uint32_t system_ports_read(void *ports, uint16_t port, uint32_t size, uint64_t now);
void system_ports_write(void *ports, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
/* FERR# has changed. */
void system_ports_fpu_error(struct system_ports *ports, uint32_t level);
const char *system_ports_check(const struct system_ports_state *state);
/* Port 92h's share of the A20 line, 0 or 1. */
uint32_t system_ports_a20(const struct system_ports_state *state);
/* 1 if the speaker is connected to channel 2 (port 61h bits 0 and 1). */
uint32_t system_ports_speaker(const struct system_ports_state *state);
