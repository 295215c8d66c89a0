/* The keyboard behind the 8042: keys become characters for the terminal.
 * SPDX-License-Identifier: MIT */
#pragma once

void keyboard_initialise(void);
