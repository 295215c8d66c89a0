/* Signals: interrupts for programs. Sending marks a signal as pending; the receiver itself takes
 * it, just before it returns to user mode. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

static inline sigset_t signal_bit(uint32_t signal)
{
    return (sigset_t)1 << (signal - 1);
}

/* SIGKILL and SIGSTOP can not be blocked, ignored or caught. */
#define SIGNALS_UNTOUCHABLE ((sigset_t)1 << (SIGKILL - 1) | (sigset_t)1 << (SIGSTOP - 1))

/* Results of a system call that a signal interrupted; programs never see them:
 * signal_settle_call turns them into EINTR or starts the call again. */
#define ERESTARTSYS    512 /* again, unless a handler without SA_RESTART runs */
#define ERESTARTNOHAND 514 /* again, unless a handler runs */
#define ERESTART_WITH_0                                                                            \
    516 /* as before, but through restart_syscall: only the rest of the sleep                      \
         */

/* Mark `signal` (1..NSIG) as pending for a process (given by its leader) and wake a thread of it
 * that has to see. From processes and interrupt handlers. A signal that would be ignored is
 * dropped. False: too many real-time signals wait. */
bool signal_send(struct process *process, uint32_t signal, const struct signal_cause *cause);

/* It is not pending any more, however often it was sent. */
void signal_forget(struct pending_signals *pending, uint32_t signal);

/* The same for one thread only. */
void signal_send_thread(struct process *thread, uint32_t signal, const struct signal_cause *cause);

/* As signal_send_thread, but it can not be blocked or ignored: the program can not go on as it is.
 */
void signal_force(struct process *process, uint32_t signal, const struct signal_cause *cause);

/* Send to every process of a group; how many there are. */
uint32_t signal_send_group(int32_t group, uint32_t signal, const struct signal_cause *cause);

/* Is there a signal that `process` does not block, or another reason for it to leave a system call?
 */
bool signal_is_pending(const struct process *process);

/* Will it end as soon as it can? */
bool signal_is_deadly(const struct process *process);

/* All signals that were sent to it and not taken, blocked or not. */
sigset_t signal_pending_set(const struct process *process);

/* signal_frame.c: what the program is told. */
void signal_fill_info(struct siginfo *info, uint32_t signal, const struct signal_cause *cause);

/* Take `signal` off the pending ones of the current process; *cause: what came with it. */
void signal_take(uint32_t signal, struct signal_cause *cause);

/* Let a thread that sleeps or is stopped come to signal_deliver. Interrupts are off. */
void signal_interrupt(struct process *thread);

/* Take pending signals of the current process: default action, or a frame for its handler.
 * Interrupts are off. */
void signal_deliver(struct trap_frame *frame);

/* If a signal ended the system call of this trap early: make its result EINTR, or direct the
 * program back to its INT 80h. `action`: of the handler that is about to run, NULL if none runs. */
void signal_settle_call(struct trap_frame *frame, const struct kernel_sigaction *action);

/* The mask that a handler returns to: the present one, or the one before sigsuspend. */
sigset_t signal_mask_to_return_to(void);

/* After a sigsuspend that no handler ended: the old mask again. False if there was none. */
bool signal_restore_mask(void);

/* Would `signal` have no effect on `process` at all? */
bool signal_is_ignored(const struct process *process, uint32_t signal);

/* signal_frame.c: put a frame on the user's stack and direct `frame` to the handler; false if the
 * stack can not be written. */
bool signal_push_frame(struct trap_frame *frame, uint32_t signal,
                       const struct kernel_sigaction *action, const struct signal_cause *cause);

/* Tell the tracer, or else the parent, by SIGCHLD that `child` ended, stopped or went on. */
void signal_tell_parent(struct process *child, int32_t code, int32_t status);
void signal_tell_of_end(struct process *leader);

/* calls/signal_stack.c: SS_ONSTACK, SS_DISABLE or 0, for a program whose stack pointer is `esp`. */
int32_t signal_stack_flags(uint32_t esp);

/* Let handlers run on another stack; 0, -EPERM (the program is on it), -EINVAL, -ENOMEM. */
int32_t signal_stack_set(const struct sigaltstack *stack, uint32_t esp);
