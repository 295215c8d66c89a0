/* The 8259A pair alone at its registers, everything unmasked, vectors 20h and 28h.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "devices/pic8259.h"

static struct pic_pair_state state;
static struct pic pic;

static inline void out(uint16_t port, uint8_t value)
{
    pic_port_write(&pic, port, 1, value, 0);
}

static inline uint32_t in(uint16_t port)
{
    return pic_port_read(&pic, port, 1, 0);
}

static inline void raise_irq(uint32_t irq)
{
    pic_set_line(&pic, irq, 1);
}

static inline void lower_irq(uint32_t irq)
{
    pic_set_line(&pic, irq, 0);
}

static inline uint32_t acknowledge(void)
{
    pic_acknowledge_first(&pic);
    return pic_acknowledge_second(&pic);
}

/* Vectors 20h and 28h, everything unmasked. */
static inline void program(uint8_t icw1, uint8_t master_icw4, uint8_t slave_icw4)
{
    memset(&state, 0, sizeof(state));
    pic_init(&pic, &state);
    pic_reset(&pic);
    out(0x20, icw1);
    out(0x21, 0x20);
    out(0x21, 0x04);
    out(0x21, master_icw4);
    out(0xA0, icw1);
    out(0xA1, 0x28);
    out(0xA1, 0x02);
    out(0xA1, slave_icw4);
}

static inline int setup(void **context)
{
    (void)context;
    program(0x11, 0x01, 0x01);
    return 0;
}

static inline uint32_t isr(uint16_t port)
{
    out(port, 0x0B);
    return in(port);
}

static inline uint32_t irr(uint16_t port)
{
    out(port, 0x0A);
    return in(port);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)
