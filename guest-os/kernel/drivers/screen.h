/* The VGA text screen, 80 by 25, as a terminal of the kind that Linux calls "linux".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SCREEN_ROWS    25u
#define SCREEN_COLUMNS 80u

extern const struct tty_driver screen_tty_driver;

/* Clear it. */
void screen_initialise(void);

/* Show one character, or act on it: control characters and escape sequences. */
void screen_put(uint8_t c);

/* Bring the cursor to where the next character goes; after a run of screen_put. */
void screen_show_cursor(void);

/* Did a program ask (ESC [ ? 1 h) that the cursor keys send ESC O instead of ESC [? */
bool screen_keys_are_application(void);
