/* The terminal: lines from the console's input for programs, and their output to the console. Input
 * comes from the serial port and the keyboard alike. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* The group that Ctrl-C and Ctrl-\ send their signals to. */
void tty_set_foreground(int32_t group);

/* A character was typed: line editing and echo. Interrupts are off. */
void tty_input(char c);

/* read(2) and write(2) on the terminal, with user addresses. Interrupts are on. */
int32_t tty_read(uint32_t to_user, uint32_t bytes);
int32_t tty_write(uint32_t from_user, uint32_t bytes);
