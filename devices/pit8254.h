/* The 8254 interval timer, three channels on one 1.193182 MHz clock.
 *
 *   port 40h  channel 0   GATE high         OUT --> IRQ0
 *   port 41h  channel 1   GATE high         OUT --> memory refresh (only seen at port 61h)
 *   port 42h  channel 2   GATE = 61h bit 0  OUT --> speaker, 61h bit 5
 *   port 43h  control     SC1 SC0 RW1 RW0 M2 M1 M0 BCD; RW = 0 latches; SC = 3 is read-back
 *
 * Nothing ticks. Tick number T = floor(clock * 1193182 / clock_hz) counts the falling edges of
 * the input clock since clock 0; a channel knows at which tick its counting element was loaded, so
 * count and OUT at any tick are arithmetic. A count written at tick T is loaded at T + 1.
 * Only channel 0 has events: one for each edge of OUT.
 * At reset (undefined in the data sheet): mode 3, no count written, OUT high.
 * A count of 1 in modes 2 and 3, which the data sheet forbids, keeps OUT high.
 * In mode 4 a strobe lasts as long as the element shows zero, also when GATE stops it there.
 * NOT IMPLEMENTED: counts with BCD digits above 9 as the silicon has them (taken by weight).
 * See: Intel 82C54 data sheet, order 231244.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "devices/bus.h"
#include "devices/events.h"
#include "devices/timer_jitter.h"

#define PIT_CHANNELS 3
#define PIT_NEVER    UINT64_MAX

enum pit_run {
    PIT_IDLE,     /* the element holds `held`, OUT is `held_out` */
    PIT_COUNTING, /* `loaded` went in at `start_tick` */
    PIT_FROZEN,   /* GATE low: `elapsed` ticks had passed */
};

struct pit_channel_state {
    uint64_t start_tick;     /* ticks; first at which the element is `loaded` (COUNTING), else 0 */
    uint64_t load_tick;      /* ticks; when the count register moves over, or PIT_NEVER */
    uint64_t elapsed;        /* ticks counted before GATE fell (FROZEN), else 0 */
    uint32_t loaded;         /* count in force, 1..65536 (up to 16665 with odd BCD digits) */
    uint16_t count_register; /* as written */
    uint16_t held;           /* counting element while IDLE */
    uint16_t latched_count;  /* by the latch or read-back command */
    uint8_t latched_status;  /* by the read-back command */
    uint8_t control;         /* bits 5..0 of the control word: RW, mode, BCD */
    uint8_t run;             /* enum pit_run */
    uint8_t start_low;       /* mode 3: 1 if the half period at start_tick has OUT low */
    uint8_t held_out;        /* OUT while IDLE, 0 or 1 */
    uint8_t gate;            /* 0 or 1 */
    uint8_t count_written;   /* 1: a whole count came after the control word */
    uint8_t null_count;      /* 1: the register holds what the element has not got yet */
    uint8_t write_high;      /* 1: the next byte written is the high one of two */
    uint8_t write_low;       /* low byte waiting for its high byte */
    uint8_t read_high;       /* 1: the next byte read is the high one of two */
    uint8_t count_latches;   /* bytes of latched_count still to be read, 0..2 */
    uint8_t status_latched;  /* 0 or 1 */
    uint8_t reserved[1];     /* 0 */
};
_Static_assert(sizeof(struct pit_channel_state) == 48, "no padding");

struct pit_state {
    struct pit_channel_state channels[PIT_CHANNELS];
};
_Static_assert(sizeof(struct pit_state) == 144, "no padding");

struct pit {
    struct pit_state *state;
    struct events_state *events;
    struct timer_jitter_state *jitter; /* NULL: none */
    struct line_wire out0;             /* to IRQ0 */
    uint64_t clock_hz;                 /* CPU clocks per second */
};

void pit_init(struct pit *pit, struct pit_state *state, struct events_state *events,
              struct line_wire out0, uint64_t clock_hz);
void pit_reset(struct pit *pit, uint64_t now);
uint32_t pit_port_read(void *pit, uint16_t port, uint32_t size, uint64_t now);
void pit_port_write(void *pit, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
/* EVENT_PIT_CHANNEL0 is due at `clock`. */
void pit_event(struct pit *pit, uint64_t clock);
/* EVENT_PIT_LATE is due: the tick that jitter held back. */
void pit_late_event(struct pit *pit);
const char *pit_check(const struct pit_state *state);

/* The GATE input of channel 2. in: level 0 or 1 */
void pit_set_gate2(struct pit *pit, uint32_t level, uint64_t now);
/* OUT of a channel (0..2) at clock `now`; changes nothing. */
uint32_t pit_out(const struct pit *pit, uint32_t channel, uint64_t now);
/* The counting element of a channel (0..2) as software would latch it; changes nothing. */
uint16_t pit_count(const struct pit *pit, uint32_t channel, uint64_t now);
