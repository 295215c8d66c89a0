/* Whose terminal it is: sessions and groups. SPDX-License-Identifier: MIT */
#pragma once

#include "drivers/tty.h"

/* `tty` becomes the controlling terminal of `leader`'s session. */
void tty_attach(struct tty *tty, struct process *leader);

/* A process opened it: the leader of a session without a terminal takes one that nobody has. */
void tty_opened(struct tty *tty);

/* Send `signal` to the foreground group. Interrupts may be off. */
void tty_signal(struct tty *tty, uint32_t signal);

/* May the current process use the terminal now? 0, or it was sent `signal` (SIGTTIN, SIGTTOU):
 * -ERESTARTSYS, so that it tries again when it is continued; or -EIO: nobody could continue it. */
int32_t tty_check_foreground(const struct tty *tty, uint32_t signal);

/* The requests about sessions and groups; -ENOTTY for others. */
int32_t tty_jobs_control(struct tty *tty, uint32_t request, uint32_t argument);

/* The leader of a session ends: its terminal is free again, the foreground hears SIGHUP. */
void tty_session_ends(struct process *leader);

/* The line was hung up: the leader of the session and the foreground hear SIGHUP. */
void tty_hang_up(struct tty *tty);

/* The session's processes have no terminal any more. */
void tty_detach_session(struct tty *tty);
