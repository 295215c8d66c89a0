/* Threads of the kernel: processes without a program. They run in kernel mode only, have the CPU
 * before all programs, and leave it where they sleep. Bottom halves are such threads: an interrupt
 * handler does the minimum, with interrupts off, and wakes one for the rest.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

typedef void thread_function(void *argument);

/* Start a thread that runs function(argument), with interrupts on. The function does not return.
 * 0, -EAGAIN (no slot), -ENOMEM. */
int32_t kernel_thread_start(const char *name, thread_function *function, void *argument);

/* The calling thread has been given a program by exec_replace: run it. */
_Noreturn void kernel_thread_become_program(void);

/* Work that an interrupt handler leaves to a thread. */
struct bottom_half {
    const char *name;      /* of the thread, as ps shows it */
    thread_function *work; /* called with interrupts on, may sleep */
    void *argument;        /* handed to `work` */
    volatile bool raised;  /* there is work; set by handlers, cleared before `work` is called */
};

/* Start the thread of a bottom half; `half` stays where it is. As kernel_thread_start. */
int32_t bottom_half_start(struct bottom_half *half);

/* Let `work` run once more, soon. From interrupt handlers and processes, before
 * bottom_half_start, too. Raised twice before it runs, it runs once. */
void bottom_half_raise(struct bottom_half *half);

/* As sleep_on, but for at most `most_ticks`; false: the time is over. Threads only: programs have
 * alarms and signals. Interrupts are off. */
bool sleep_on_for(const void *channel, uint32_t most_ticks);
