/* The 8254 alone at its registers. Most tests let one clock be one tick of 1.193182 MHz.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "devices/clock_ratio.h"
#include "devices/pit8254.h"

static struct pit_state state;
static struct events_state events;
static struct pit pit;
static uint32_t irq0;      /* level of the line */
static uint32_t irq0_rise; /* rising edges so far */

static inline void set_irq0(void *context, uint32_t number, uint32_t level)
{
    (void)context;
    (void)number;
    irq0_rise += level && !irq0;
    irq0 = level;
}

static inline void start(uint64_t clock_hz)
{
    struct line_wire wire = {set_irq0, NULL, 0};

    memset(&state, 0, sizeof(state));
    events_reset(&events);
    irq0 = 1;
    irq0_rise = 0;
    pit_init(&pit, &state, &events, wire, clock_hz);
    pit_reset(&pit, 0);
}

static inline int setup(void **context)
{
    (void)context;
    start(1193182);
    return 0;
}

static inline void out(uint16_t port, uint32_t value, uint64_t now)
{
    pit_port_write(&pit, port, 1, value, now);
}

static inline uint32_t in(uint16_t port, uint64_t now)
{
    return pit_port_read(&pit, port, 1, now);
}

static inline void run_events(uint64_t now)
{
    enum event_id id;
    uint64_t clock;

    while (events_take_due(&events, now, &id, &clock)) {
        pit_event(&pit, clock);
    }
}

/* Channel 2 in `control`, both count bytes written at clock 100: loaded at 101. */
static inline void program2(uint32_t control, uint32_t count, uint32_t gate)
{
    pit_set_gate2(&pit, gate, 90);
    out(0x43, control, 100);
    out(0x42, count & 0xFF, 100);
    out(0x42, count >> 8, 100);
}

/* The clocks after `first` at which OUT2 changes; returns how many (at most 8). */
static inline uint32_t edges(uint64_t first, uint64_t last, uint64_t *clocks)
{
    uint32_t count = 0;
    uint32_t level = pit_out(&pit, 2, first);

    for (uint64_t now = first + 1; now <= last && count < 8; now++) {
        if (pit_out(&pit, 2, now) != level) {
            level ^= 1;
            clocks[count++] = now;
        }
    }
    return count;
}

#define CASE(name) cmocka_unit_test_setup(name, setup)
