/* 8254 driver. See: Intel 8254 data sheet, "Mode 2: Rate generator", "Counter latch command".
 * SPDX-License-Identifier: MIT */
#include "drivers/pit.h"

#include "devices/platform_map.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/trap.h"

#define CHANNEL0_MODE2 0x34 /* low byte, high byte; rate generator; binary */
#define CHANNEL0_LATCH 0x00

static uint32_t divisor; /* input clocks per tick */
static uint64_t last;    /* the latest time given out, microseconds */

static void on_tick(struct trap_frame *frame)
{
    scheduler_tick(trap_from_user(frame));
}

void pit_initialise(uint32_t hz)
{
    divisor = (PIT_HZ + hz / 2) / hz;
    port_write8(PORT_PIT_CONTROL, CHANNEL0_MODE2);
    port_write8(PORT_PIT_CHANNEL0, (uint8_t)divisor);
    port_write8(PORT_PIT_CHANNEL0, (uint8_t)(divisor >> 8));
    trap_on_irq(IRQ_TIMER, on_tick);
}

/* The counter runs down from the divisor. If it has begun anew and the interrupt still waits, the
 * sum would be a tick short: time must not run backwards, so the last answer is the least. */
uint64_t pit_microseconds(void)
{
    bool were_on = interrupts_save_off();
    uint32_t count;
    uint64_t clocks, now;

    port_write8(PORT_PIT_CONTROL, CHANNEL0_LATCH);
    count = port_read8(PORT_PIT_CHANNEL0);
    count |= (uint32_t)port_read8(PORT_PIT_CHANNEL0) << 8;
    clocks = (uint64_t)ticks * divisor + (count <= divisor ? divisor - count : 0);
    now = clocks * 1000000 / PIT_HZ;
    last = now > last ? now : last;
    now = last;
    interrupts_restore(were_on);
    return now;
}
