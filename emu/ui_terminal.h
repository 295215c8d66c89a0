/* The user's terminal in raw mode, put back on any way out of the process: return, exit(),
 * deadly signal, crash. One terminal per process, so this is front-end state.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/* Raw mode for a file descriptor that is a terminal; does nothing for others. */
bool ui_terminal_raw(int file);
/* Put it back now (also done on every way out). */
void ui_terminal_restore(void);
