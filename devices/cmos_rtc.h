/* The MC146818 clock and the CMOS memory around it.
 *
 *   port 70h  index in bits 6..0, bit 7 masks NMI (write-only)      port 71h  data
 *   00h second  01h alarm  02h minute  03h alarm  04h hour  05h alarm  06h day of the week
 *   07h day  08h month  09h year  32h century
 *   0Ah  UIP DV2 DV1 DV0 RS3 RS2 RS1 RS0      0Bh  SET PIE AIE UIE SQWE DM 24/12 DSE
 *   0Ch  IRQF PF AF UF - - - - (reading clears)   0Dh  VRT
 *   0Eh-7Fh  memory; 0Fh shutdown, 14h equipment, 15h/16h base, 17h/18h and 30h/31h extended KiB,
 *   34h/35h units of 64 KiB above 16 MiB, 12h and 19h-2Ch disks, 2Eh/2Fh checksum of 10h-2Dh,
 *   3Dh boot order as Bochs' BIOS and SeaBIOS read it (a nibble a try; 2 = disk)
 *   IRQ8 = IRQF
 *
 * Nothing ticks. The divider started at `divider_clock`; seconds and periodic ticks are counted
 * from there. Flags that came up since `settled_clock` are computed when somebody asks; events
 * exist only for enabled interrupts. While SET is on or the divider is off, the time registers hold
 * still and are plain memory. Values beyond a field's range carry into the next one when the
 * clock starts. UIP is on for the last 2228 microseconds of a second, during which the old
 * time still reads. The battery lasts: reset keeps time and memory; the first one fills them.
 * NOT IMPLEMENTED: daylight saving (DSE), the square wave output, oscillator types other than
 * DV = 010 (they stop the clock).
 * See: Motorola MC146818A data sheet; IBM PC/AT Technical Reference for the memory.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "devices/bus.h"
#include "devices/events.h"

#define CMOS_BYTES 128

enum cmos_register {
    CMOS_SECOND,
    CMOS_SECOND_ALARM,
    CMOS_MINUTE,
    CMOS_MINUTE_ALARM,
    CMOS_HOUR,
    CMOS_HOUR_ALARM,
    CMOS_WEEKDAY,
    CMOS_DAY,
    CMOS_MONTH,
    CMOS_YEAR,
    CMOS_A,
    CMOS_B,
    CMOS_C,
    CMOS_D,
    CMOS_SHUTDOWN = 0x0F,
    CMOS_FLOPPIES = 0x10,
    CMOS_DISKS = 0x12,
    CMOS_EQUIPMENT = 0x14,
    CMOS_BASE_KIB = 0x15,
    CMOS_EXTENDED_KIB = 0x17,
    CMOS_DISK_TYPES = 0x19,
    CMOS_DISK_GEOMETRY = 0x1B,
    CMOS_CHECKSUM = 0x2E,
    CMOS_EXTENDED_KIB_2 = 0x30,
    CMOS_CENTURY = 0x32,
    CMOS_ABOVE_16_MIB = 0x34,
    CMOS_BOOT_ORDER = 0x3D,
    CMOS_SEED = 0x70, /* eight bytes that differ between machines (--seed), or zeros */
};

struct cmos_state {
    uint8_t memory[CMOS_BYTES]; /* by index; time registers are valid only while stopped */
    uint64_t divider_clock;     /* CPU clock at which the divider chain was at zero */
    uint64_t start_index;       /* whole seconds of the divider at which `start_seconds` was */
    uint64_t start_seconds;     /* seconds since the year 0 */
    uint64_t settled_clock;     /* flags up to here are in memory[CMOS_C] */
    uint8_t index;              /* port 70h as written, with the NMI mask */
    uint8_t weekday_shift;      /* 0..6 added to the calendar's day of the week */
    uint8_t reserved[6];        /* 0 */
};
_Static_assert(sizeof(struct cmos_state) == 168, "no padding");

struct cmos {
    struct cmos_state *state;
    struct events_state *events;
    struct line_wire irq;
    uint64_t clock_hz;  /* CPU clocks per second */
    uint64_t epoch;     /* seconds since 1970 at the first reset */
    uint64_t seed;      /* seeded.h; 0: no bytes at CMOS_SEED, power-on at a whole second */
    uint64_t ram_bytes; /* for the memory size bytes */
    uint32_t disks[2];  /* sectors of the first channel's master and slave, 0: absent */
};

void cmos_init(struct cmos *cmos, const struct cmos *wires);
void cmos_reset(struct cmos *cmos, uint64_t now);
uint32_t cmos_port_read(void *cmos, uint16_t port, uint32_t size, uint64_t now);
void cmos_port_write(void *cmos, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
/* EVENT_RTC_PERIODIC or EVENT_RTC_UPDATE is due at `clock`. */
void cmos_event(struct cmos *cmos, uint64_t clock);
const char *cmos_check(const struct cmos_state *state);

/* What index `index` (0..127) reads at clock `now`; changes nothing, not even register C. */
uint8_t cmos_peek(const struct cmos *cmos, uint32_t index, uint64_t now);
/* 1 if port 70h keeps NMI from the CPU. */
uint32_t cmos_nmi_masked(const struct cmos_state *state);
