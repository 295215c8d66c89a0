/* The 8254 timer: channel 0 interrupts `hz` times a second. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define PIT_LEAST_HZ 19 /* the counter has 16 bits */
#define PIT_MOST_HZ  1000

/* Start the ticks and with them the scheduler's clock. */
void pit_initialise(uint32_t hz);

/* Time since then in microseconds, between the ticks too. */
uint64_t pit_microseconds(void);
