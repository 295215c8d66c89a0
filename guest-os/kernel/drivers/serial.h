/* The serial ports COM1 and COM2 (16550A): /dev/ttyS0 and /dev/ttyS1. SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SERIAL_COUNT 2

extern const struct tty_driver serial_tty_driver;

/* Set the ports up, 115200 baud; a port that is not there loses its terminal's driver. What has
 * come already is kept for the terminal. Output by serial_put_waiting works from here on. */
void serial_initialise(void);

/* From now on input comes and output goes by interrupt. */
void serial_start(void);

/* Send one byte and wait until the port can take it: before the interrupts are there, and in a
 * panic. */
void serial_put_waiting(uint32_t unit, uint8_t c);
