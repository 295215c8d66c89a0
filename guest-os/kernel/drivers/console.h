/* The console: everything the kernel and the terminal write goes to the serial port and to the
 * screen. SPDX-License-Identifier: MIT */
#pragma once

void console_initialise(void);

/* One character; a newline becomes carriage return and line feed on the serial port. */
void console_put(char c);

/* One character as it is. */
void console_put_raw(char c);

/* From now on to the debug port too: for a panic. */
void console_copy_to_debug_port(void);
