/* The keyboard behind the 8042: keys become characters for tty1. SPDX-License-Identifier: MIT */
#pragma once

struct tty;

void keyboard_initialise(void);

/* Bottom half: turn the scancodes that have come into characters. */
void keyboard_gather(struct tty *tty);
