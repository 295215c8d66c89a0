/* The x87 state of processes: saved only when another process uses the x87.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

/* Find out whether there is one, and let its instructions trap until a process uses them. */
void x87_initialise(void);

bool x87_is_there(void);

/* Another process gets the CPU: its first x87 instruction will trap. Interrupts are off. */
void x87_leave(const struct process *next);

/* Vector 7: give the x87 to the current process; false: there is none. */
bool x87_take(void);

/* A forked process begins with a copy of the current one's state. */
void x87_inherit(struct process *child);

/* The process has no x87 state any more: another program, or it ended. */
void x87_forget(struct process *process);

/* Make process->x87 what the registers have, for a signal frame; false: it has no state. */
bool x87_save(struct process *process);

/* si_code of the exception that vector 16 reports: FPE_... */
int32_t x87_exception_code(void);
