/* The serial port COM1 (16550A), 115200 baud. SPDX-License-Identifier: MIT */
#pragma once

/* Set the port up; output works from here on. */
void serial_initialise(void);

/* From now on bytes that arrive go to the terminal, by interrupt. */
void serial_start_input(void);

/* Send one byte; waits until the port can take it. */
void serial_put(char c);
