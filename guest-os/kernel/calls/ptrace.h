/* Where the kernel stops a traced thread, and what ends tracing. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

/* The current process is about to take `signal`: the one that its tracer wants instead, 0 none.
 * NULL: it has taken it, and stops. */
uint32_t ptrace_signal(uint32_t signal, struct signal_cause *cause);

/* At both ends of a system call. */
void ptrace_before_call(struct trap_frame *frame);
void ptrace_after_call(void);

/* A child is traced by the same tracer, if that wants it; the tracer hears of it. */
void ptrace_inherit(struct process *child, uint32_t clone_flags);
void ptrace_made_child(int32_t pid, uint32_t clone_flags);

/* The current process has another program. */
void ptrace_executed(void);

/* No longer traced; it goes on, with `signal` if that is not 0. */
void ptrace_release(struct process *thread, uint32_t signal);

/* All that it traced go on without it. */
void ptrace_tracer_ends(const struct process *tracer);
