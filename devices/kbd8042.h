/* The 8042 keyboard controller and the keyboard behind it.
 *
 *   port 60h  read: output buffer            write: to the keyboard, or data of a command
 *   port 64h  read: status  PAR TO AUX KEYL CMD SYS IBF OBF   write: controller command
 *   IRQ1 = output buffer full and command byte bit 0
 *
 *   command byte  - XLATE AUXOFF KBDOFF - SYS AUXIRQ KBDIRQ        after reset 65h
 *   output port   - - AUXOBF OBF - - A20 RESET#                    after reset A20 on
 *
 *   controller commands (port 64h)
 *     20h-3Fh, 60h-7Fh  internal memory, [0] = command byte
 *     A7h A8h A9h       mouse port off, on, test          AAh ABh  self test, interface test
 *     ADh AEh           keyboard off, on                  C0h E0h  input port, test inputs
 *     D0h D1h           output port                       DDh DFh  A20 off, on
 *     D2h D4h           byte as if from keyboard, to mouse
 *     F0h-FFh           pulses; an even one resets the machine
 *   keyboard commands (port 60h): EDh EEh F0h F2h-FFh; others answer FEh
 *
 * The keyboard sends one byte at a time, KBD_BYTE_MICROSECONDS each, when the buffer is empty;
 * the controller answers at once and overwrites an unread byte, as the AT's does. Keys come in
 * as set 1 codes; the keyboard is in set 2 and the controller translates, so with translation
 * off they are turned into set 2. In set 3 each key has one code and a type (keyboard_set3.c). The
 * A20 line of the PC is the OR of output port bit 1 and port 92h bit 1; both are on after reset, as
 * a loaded kernel expects.
 * NOT IMPLEMENTED: a mouse (D4h times out), typematic repeat (the host's keyboard repeats),
 * password commands A4h-A6h, D3h.
 * See: IBM PC/AT Technical Reference, "Keyboard controller", "Keyboard".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "devices/bus.h"
#include "devices/byte_queue.h"
#include "devices/events.h"
#include "devices/host_ends.h"

#define KBD_BYTE_MICROSECONDS 880 /* 11 bits at 12.5 kHz */
#define KBD_MEMORY            32  /* bytes inside the controller */
#define KBD_SET3_BYTES        18  /* a bit for each make code 00h-8Fh of set 3 */

struct kbd_state {
    struct byte_queue_state keys;    /* scan codes not sent yet */
    struct byte_queue_state replies; /* answers to commands; sent before keys */
    uint8_t memory[KBD_MEMORY];      /* [0] is the command byte */
    uint8_t output;                  /* output buffer */
    uint8_t status;                  /* as port 64h reads, without KEYL and SYS */
    uint8_t output_port;             /* bits 1..0 as written, the rest derived */
    uint8_t controller_command;      /* waiting for its data byte, 0 = none */
    uint8_t keyboard_command;        /* waiting for its data byte, 0 = none */
    uint8_t leds;                    /* bits 2..0 caps, num, scroll */
    uint8_t typematic;               /* as sent with F3h */
    uint8_t scan_set;                /* 1, 2 or 3 */
    uint8_t scanning;                /* 1: the keyboard reports keys */
    uint8_t last_sent;               /* for FEh, resend */
    uint8_t prefix;                  /* set 3: of the host's set 1 code: 0, E0h, E1h, 1Dh */
    uint8_t repeats[KBD_SET3_BYTES]; /* set 3: this key's makes come again */
    uint8_t breaks[KBD_SET3_BYTES];  /* set 3: this key's release is told */
    uint8_t held[KBD_SET3_BYTES];    /* set 3: this key is down */
    uint8_t reserved[7];             /* 0 */
};
_Static_assert(sizeof(struct kbd_state) == 152, "no padding");

struct kbd {
    struct kbd_state *state;
    struct events_state *events;
    struct line_wire irq;
    const struct pc_host *host; /* for the reset request */
    uint64_t clock_hz;          /* CPU clocks per second */
};

void kbd_init(struct kbd *kbd, const struct kbd *wires);
void kbd_reset(struct kbd *kbd);
/* After kbd_reset(): undo what firmware does; the interface is off, its test not yet run. */
void kbd_power_on(struct kbd *kbd);
uint32_t kbd_port_read(void *kbd, uint16_t port, uint32_t size, uint64_t now);
void kbd_port_write(void *kbd, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
/* EVENT_KEYBOARD: a byte from the keyboard has arrived. */
void kbd_event(struct kbd *kbd, uint64_t clock);
const char *kbd_check(const struct kbd_state *state);

/* One set 1 code byte from the host; false if the keyboard's buffer is full. */
bool kbd_key(struct kbd *kbd, uint8_t scancode, uint64_t now);
/* The controller's share of the A20 line, 0 or 1. */
uint32_t kbd_a20(const struct kbd_state *state);
