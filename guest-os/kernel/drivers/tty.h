/* The terminal: what is typed becomes lines (or, in raw mode, characters) for programs and signals
 * for the foreground group; what programs write goes to the console. Input comes from the serial
 * port and the keyboard alike. There is one terminal. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

/* The terminal becomes the controlling terminal of `leader`'s session. */
void tty_attach(struct process *leader);

/* The group that is in the foreground, 0 none. */
int32_t tty_foreground(void);

/* A character was typed: line editing, echo, signals. Interrupts are off. */
void tty_input(char c);

/* read(2), write(2), ioctl(2) and poll(2) on the terminal, with user addresses. Interrupts are on.
 */
int32_t tty_read(uint32_t to_user, uint32_t bytes, bool wait);
int32_t tty_write(uint32_t from_user, uint32_t bytes);
int32_t tty_control(uint32_t request, uint32_t argument);
uint32_t tty_poll(void);

/* The leader of a session ends: the terminal is free again, its foreground hears SIGHUP. */
void tty_session_ends(struct process *leader);
