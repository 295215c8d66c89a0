/* The PC: all devices wired to one bus, one event queue and the host's ends.
 * The machine (emu/machine.c) joins it with a CPU; neither knows the other.
 * All state that a guest can see or derive is in struct pc_state, without pointers or padding.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/ata_pio.h"
#include "devices/cmos_rtc.h"
#include "devices/events.h"
#include "devices/host_ends.h"
#include "devices/interrupts.h"
#include "devices/kbd8042.h"
#include "devices/pit8254.h"
#include "devices/system_ports.h"
#include "devices/timer_jitter.h"
#include "devices/uart16550.h"
#include "devices/vga_text.h"

struct pc_state {
    struct events_state events;
    struct pic_pair_state pic;
    struct apics_state apics; /* all zero in a machine without */
    struct pit_state pit;
    struct timer_jitter_state jitter; /* all zero without --jitter */
    struct uart_state com1;
    struct uart_state com2;
    struct kbd_state keyboard;
    struct cmos_state cmos;
    struct ata_state ata[2];         /* first and second channel */
    struct vga_state vga;            /* registers and the 32 KiB of text memory */
    struct system_ports_state ports; /* 61h, 92h, POST, debug console, exit */
};

struct pc_config {
    uint64_t clock_hz;                /* emulated CPU frequency, Hz, >= 1 */
    uint64_t ram_bytes;               /* for the CMOS memory size bytes */
    uint64_t rtc_epoch;               /* what the clock starts at, seconds since 1970 */
    uint32_t debugcon;                /* 1: port E9h present */
    uint32_t power_on;                /* 1: reset leaves everything to firmware */
    struct ata_drive disks[PC_DISKS]; /* master and slave of each channel; their content: host */
    const uint8_t *rom;               /* ends at 4 GiB; NULL: none */
    uint32_t rom_bytes;               /* its size */
    uint32_t apics;                   /* 1: local APIC and I/O APIC */
    uint32_t jitter;                  /* 1: ticks of the timers come a little late */
    uint64_t seed;                    /* what differs between machines, seeded.h; 0: nothing */
};

struct pc; /* wires; the caller hands over pc_bytes() of memory */

size_t pc_bytes(void);
/* Wire the devices to `state`, which is not touched: give it zeroed and call pc_reset, or load
 * it, pass it by pc_check and call pc_reconnect. `memory` is aligned as malloc does it. */
struct pc *pc_init(void *memory, struct pc_state *state, const struct pc_config *config,
                   const struct pc_host *host);
/* Power-on or hardware reset of all devices at clock `now`. The first one of a zeroed state fills
 * the CMOS memory and sets the clock; later ones keep both, as the battery does. Without `power_on`
 * what a loaded kernel expects of firmware is there: A20 on, VGA mode 3, COM1 and COM2 at 115200
 * 8N1, the keyboard enabled and translated, all interrupts masked at vectors 08h and 70h. With it
 * only what the chips themselves do at RESET: a blank screen, no interrupt controllers to speak
 * of, a keyboard that is switched off; A20 is open, as the 8042's pin is high then. */
void pc_reset(struct pc *pc, uint64_t now);

/* Ports. size 1, 2 or 4 bytes; unclaimed ports read all ones. `now`: clock of the access. */
uint32_t pc_port_read(struct pc *pc, uint16_t port, uint32_t size, uint64_t now);
void pc_port_write(struct pc *pc, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
/* What is not RAM: video hole A0000h-BFFFFh, APICs, ROM. size 1, 2 or 4; bytes nobody answers for
 * read FFh. */
uint32_t pc_memory_read(struct pc *pc, uint32_t physical, uint32_t size, uint64_t now);
void pc_memory_write(struct pc *pc, uint32_t physical, uint32_t size, uint32_t value, uint64_t now);

/* Both INTA cycles: returns the vector (a spurious one if the request has gone). */
uint8_t pc_interrupt_acknowledge(struct pc *pc, uint64_t now);
uint32_t pc_interrupt_line(const struct pc *pc);
/* The processor's register IA32_APIC_BASE, low half. out: 1, or 0 if the value is refused. */
uint32_t pc_apic_base(const struct pc *pc);
uint32_t pc_set_apic_base(struct pc *pc, uint32_t value, uint64_t now);
/* Virtual wire mode, as firmware leaves it to a kernel; nothing in a machine without APICs. */
void pc_apics_hand_over(struct pc *pc, uint64_t now);
/* Whether a device could still bring an NMI. */
uint32_t pc_brings_nmi(const struct pc *pc);

/* The processor's FERR# pin has changed: IRQ 13. */
void pc_fpu_error(struct pc *pc, uint32_t level, uint64_t now);

/* The event queue: run everything due at or before `now`, each at its own clock. */
uint64_t pc_next_event(const struct pc *pc);
void pc_run_events(struct pc *pc, uint64_t now);

/* Input, each already stamped by the input log. */
/* One set-1 scancode byte enters the keyboard's queue; false if the queue is full. */
bool pc_key(struct pc *pc, uint8_t scancode, uint64_t now);
/* One byte, or UART_BREAK, is put on the line to COM1 (unit 0) or COM2 (unit 1), where up to 16
 * wait to be received one frame apart; false if there is no room. */
bool pc_serial_receive(struct pc *pc, uint32_t unit, uint32_t byte, uint64_t now);
/* What the other end of COM1 or COM2 says by its modem lines; at first DCD, DSR and CTS are on. */
#define MODEM_DCD 0x80
#define MODEM_RI  0x40
#define MODEM_DSR 0x20
#define MODEM_CTS 0x10
void pc_serial_modem(struct pc *pc, uint32_t unit, uint8_t inputs, uint64_t now);
/* How many more bytes the line takes now, 0..16. None of them can be lost by an overrun. */
uint32_t pc_serial_room(const struct pc *pc, uint32_t unit);

/* After loading a pc_state: NULL if every field is possible, else what is wrong (static text). */
const char *pc_check(const struct pc_state *state);
/* After loading: recompute lines and tell the host's ends (interrupt line, A20, next event). */
void pc_reconnect(struct pc *pc);
/* The same for the queue alone, for a state that rests at clock `now` with its events run. */
const char *pc_check_clock(const struct pc_state *state, uint64_t now);

/* For views; none of these changes anything. Text cells: vga_screen, vga_cell. */
uint8_t pc_cmos_peek(const struct pc *pc, uint32_t index, uint64_t now);      /* 0..127 */
uint32_t pc_timer_out(const struct pc *pc, uint32_t channel, uint64_t now);   /* OUT 0 or 1 */
uint16_t pc_timer_count(const struct pc *pc, uint32_t channel, uint64_t now); /* as latched */
