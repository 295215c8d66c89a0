/* Between tty.c (characters) and tty_jobs.c (whose terminal it is). SPDX-License-Identifier: MIT */
#pragma once

#include "include/abi.h"

/* Send `signal` to the foreground group. Interrupts may be off. */
void tty_signal(uint32_t signal);

/* May the current process use the terminal now? 0, or it was sent `signal` (SIGTTIN, SIGTTOU):
 * -ERESTARTSYS, so that it tries again when it is continued; or -EIO: nobody could continue it. */
int32_t tty_check_foreground(uint32_t signal);

/* The requests about sessions and groups; -ENOTTY for others. */
int32_t tty_jobs_control(uint32_t request, uint32_t argument);
