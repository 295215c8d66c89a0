/* What a device may ask of the host: places where bytes, requests and wires end.
 * Every member may be NULL: the device then behaves as if nothing were connected.
 * No input comes in through here; that enters by the pc_* functions, with a clock. Sectors of
 * the disks do: what is on them is part of the machine.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* What the guest asked the whole machine to do; the machine acts on it after the instruction. */
enum pc_request {
    PC_REQUEST_NONE,
    PC_REQUEST_EXIT,      /* write to PORT_EXIT; value = bytes written */
    PC_REQUEST_PANIC,     /* guest kernel panic */
    PC_REQUEST_POWER_OFF, /* PORT_POWER_OFF or PORT_POWER_OFF_B */
    PC_REQUEST_RESET,     /* 8042 FEh or port 92h bit 0 */
};

enum byte_channel {
    CHANNEL_COM1,
    CHANNEL_COM2,
    CHANNEL_DEBUGCON,
    CHANNEL_POST,
    CHANNEL_COUNT,
};

#define PC_DISKS 4 /* master and slave of the first channel, then of the second */

struct pc_host {
    void *context; /* handed back as the first argument */
    /* One byte leaves the machine at clock `now`. */
    void (*byte_out)(void *context, enum byte_channel channel, uint8_t byte, uint64_t now);
    /* The guest asks for something that concerns the whole machine. */
    void (*request)(void *context, enum pc_request request, uint32_t value);
    /* The INTR line from the interrupt controllers changed to `level` (0 or 1). */
    void (*interrupt_line)(void *context, uint32_t level);
    /* A message of the APICs: the NMI pin is pulsed. */
    void (*nmi)(void *context);
    /* The A20 gate changed: 1 = address bit 20 passes, 0 = forced to zero. */
    void (*a20_gate)(void *context, uint32_t enabled);
    /* The IGNNE# line to the processor (port F0h). */
    void (*ignore_errors)(void *context, uint32_t level);
    /* The clock of the earliest pending event changed (CLOCK_NEVER: none). */
    void (*next_event_changed)(void *context, uint64_t clock);
    /* One sector of 512 bytes of disk 0..3 from or to its store; 0: it cannot be done. */
    uint32_t (*disk_read)(void *context, uint32_t disk, uint32_t sector, uint8_t *bytes);
    uint32_t (*disk_write)(void *context, uint32_t disk, uint32_t sector, const uint8_t *bytes);
    /* What has been written to disk 0..3 is to outlast the machine. */
    void (*disk_flush)(void *context, uint32_t disk);
};
