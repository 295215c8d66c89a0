/* The VGA text screen, 80 by 25. SPDX-License-Identifier: MIT */
#pragma once

/* Clear it. */
void screen_initialise(void);

/* Show one character; understands newline, carriage return, backspace and tab, and scrolls. */
void screen_put(char c);
