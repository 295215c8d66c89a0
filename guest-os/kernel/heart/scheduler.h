/* Who has the CPU: preemptive round robin. The kernel itself is not preempted: the CPU changes
 * hands where a process waits, ends, yields, or is about to return to user mode.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

extern uint32_t ticks;     /* of the timer since the start */
extern uint32_t tick_hz;   /* ticks per second */
extern bool switch_wanted; /* the current process's slice is used up */

#define LOAD_SHIFT 11
extern uint32_t
    load_average[3];          /* processes that want the CPU; of 1, 5, 15 minutes; << LOAD_SHIFT */
extern uint32_t switch_count; /* since the start */

/* `slice` in ticks. */
void scheduler_initialise(uint32_t hz, uint32_t slice);

/* Let a new process begin with its trap frame when it is first switched to. */
void scheduler_prepare(struct process *process);

/* Put at the end of the ready queue; threads of the kernel at its beginning, and they get the CPU
 * before the next return to user mode. */
void make_ready(struct process *process);

/* Give the CPU to the next in the queue (or idle) and come back when it is the caller's turn again.
 * Interrupts are off, before and after. The caller has set its own state and queued itself, if it
 * is to run again. */
void schedule(void);

/* To the end of the queue, if others wait there. Interrupts are off. */
void yield_cpu(void);

/* Wait until wake_all(channel) or a signal. Interrupts are off, so that the waker can not come
 * between the caller's look at its condition and here; the caller looks again afterwards. */
void sleep_on(const void *channel);

/* Make everybody who waits for `channel` ready; from processes and interrupt handlers. */
void wake_all(const void *channel);

/* Make one waiting process ready, whatever it waits for. */
void wake(struct process *process);

/* Wake the current process after so many ticks, whatever it waits for then; wake_set is false from
 * that moment on. 0: not at all, at once. */
void wake_after(uint32_t tick_count);

/* Once per timer tick, interrupts off: charge the current process, end sleeps, send alarms. */
void scheduler_tick(bool user_mode);

/* What process 0 does for ever. */
_Noreturn void idle(void);
