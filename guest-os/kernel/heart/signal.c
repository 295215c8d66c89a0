/* Sending and taking signals. Interrupts are off wherever a pending set or a state changes, since
 * the timer and the terminal send signals from interrupt handlers. See: signal(7).
 * SPDX-License-Identifier: MIT */
#include "heart/signal.h"

#include "heart/cpu.h"
#include "heart/group.h"
#include "heart/scheduler.h"
#include "support/log.h"

#define SYSTEM_CALL_BYTES 2 /* length of INT 80h */

enum default_action { ACTION_TERMINATE, ACTION_IGNORE, ACTION_STOP };

static enum default_action default_action(uint32_t signal)
{
    switch (signal) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
        return ACTION_IGNORE;
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return ACTION_STOP;
    default:
        return ACTION_TERMINATE;
    }
}

static bool is_stop_signal(uint32_t signal)
{
    return default_action(signal) == ACTION_STOP;
}

bool signal_is_ignored(const struct process *process, uint32_t signal)
{
    uint32_t handler = process->actions[signal].sa_handler;

    if (process->pid == PID_INIT && handler == SIG_DFL) {
        return true; /* nobody can end or stop init, as long as it does not ask for it */
    }
    return handler == SIG_IGN || (handler == SIG_DFL && default_action(signal) == ACTION_IGNORE);
}

static sigset_t deliverable(const struct process *process)
{
    return process->pending & ~process->blocked;
}

bool signal_is_pending(const struct process *process)
{
    return deliverable(process) != 0;
}

/* SIGCONT and the stop signals cancel each other, and SIGCONT continues even if it is blocked. */
static void stop_or_continue(struct process *process, uint32_t signal)
{
    if (signal == SIGCONT) {
        for (uint32_t stop = SIGSTOP; stop <= SIGTTOU; stop++) {
            process->pending &= ~signal_bit(stop);
        }
    } else if (is_stop_signal(signal)) {
        process->pending &= ~signal_bit(SIGCONT);
    }
    if (process->state == PROCESS_STOPPED && (signal == SIGCONT || signal == SIGKILL)) {
        if (signal == SIGCONT) {
            process->stop_unseen = false;
            process->continue_unseen = true;
            signal_tell_parent(process, CLD_CONTINUED, SIGCONT);
        }
        make_ready(process);
    }
}

static void mark_pending(struct process *process, uint32_t signal, const struct signal_cause *cause)
{
    log_event(EVENT_SIGNAL, process->pid, signal);
    process->pending |= signal_bit(signal);
    process->causes[signal] = *cause;
    if (signal_is_pending(process)) {
        wake(process);
    }
}

void signal_send(struct process *process, uint32_t signal, const struct signal_cause *cause)
{
    bool were_on = interrupts_save_off();
    bool alive = process->state != PROCESS_UNUSED && process->state != PROCESS_ZOMBIE &&
                 !process->is_kernel_thread;

    if (alive) {
        stop_or_continue(process, signal);
        if ((process->blocked & signal_bit(signal)) || !signal_is_ignored(process, signal)) {
            mark_pending(process, signal, cause);
        }
    }
    interrupts_restore(were_on);
}

void signal_force(struct process *process, uint32_t signal, const struct signal_cause *cause)
{
    bool were_on = interrupts_save_off();
    struct kernel_sigaction *action = &process->actions[signal];

    if (action->sa_handler == SIG_IGN || (process->blocked & signal_bit(signal))) {
        action->sa_handler = SIG_DFL;
    }
    process->blocked &= ~signal_bit(signal);
    mark_pending(process, signal, cause);
    interrupts_restore(were_on);
}

uint32_t signal_send_group(int32_t group, uint32_t signal, const struct signal_cause *cause)
{
    uint32_t count = 0;

    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        struct process *process = &process_table[i];

        if (process->state != PROCESS_UNUSED && process->group == group) {
            count++;
            if (signal != 0) {
                signal_send(process, signal, cause);
            }
        }
    }
    return count;
}

void signal_tell_parent(struct process *child, int32_t code, int32_t status)
{
    struct process *parent = child->parent;
    struct signal_cause cause = {
        .code = code, .value = (uint32_t)child->pid, .user = child->uid, .status = status};
    bool is_end = code == CLD_EXITED || code == CLD_KILLED;

    if (parent == NULL) {
        return;
    }
    if (is_end || (parent->actions[SIGCHLD].sa_flags & SA_NOCLDSTOP) == 0) {
        signal_send(parent, SIGCHLD, &cause);
    }
    wake_all(parent); /* in waitpid: it waits for its own PCB */
}

/* The signal to take next: exceptions first, since their handlers must see the registers as the
 * exception left them; otherwise the smallest number. */
static uint32_t choose(sigset_t set)
{
    sigset_t from_exceptions = signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) |
                               signal_bit(SIGTRAP) | signal_bit(SIGFPE);
    uint32_t signal = 1;

    if (set & from_exceptions) {
        set &= from_exceptions;
    }
    while ((set & signal_bit(signal)) == 0) {
        signal++;
    }
    return signal;
}

static void stop_current(uint32_t signal)
{
    log_event(EVENT_STOP, current->pid, signal);
    current->wait_status = (int32_t)(signal << 8 | 0x7F);
    current->stop_unseen = true;
    current->continue_unseen = false;
    current->state = PROCESS_STOPPED;
    signal_tell_parent(current, CLD_STOPPED, (int32_t)signal);
    schedule();
}

void signal_settle_call(struct trap_frame *frame, const struct kernel_sigaction *action)
{
    int32_t result = (int32_t)frame->eax;
    bool was_call = current->call_number >= 0;
    bool again;

    if (!was_call ||
        (result != -ERESTARTSYS && result != -ERESTARTNOHAND && result != -ERESTART_WITH_0)) {
        return;
    }
    again = action == NULL || (result == -ERESTARTSYS && (action->sa_flags & SA_RESTART) != 0);
    if (again) {
        frame->eax =
            result == -ERESTART_WITH_0 ? SYS_restart_syscall : (uint32_t)current->call_number;
        frame->eip -= SYSTEM_CALL_BYTES;
    } else {
        frame->eax = (uint32_t)-EINTR;
    }
    current->call_number = -1;
}

static void run_handler(struct trap_frame *frame, uint32_t signal)
{
    struct kernel_sigaction action = current->actions[signal];
    sigset_t during = (sigset_t)action.sa_mask[1] << 32 | action.sa_mask[0];

    signal_settle_call(frame, &action);
    if (action.sa_flags & SA_RESETHAND) {
        current->actions[signal].sa_handler = SIG_DFL;
    }
    if (!signal_push_frame(frame, signal, &action, &current->causes[signal])) {
        current->actions[SIGSEGV].sa_handler = SIG_DFL;
        signal_force(current, SIGSEGV, &(struct signal_cause){.code = SI_KERNEL});
        return;
    }
    if ((action.sa_flags & SA_NODEFER) == 0) {
        during |= signal_bit(signal);
    }
    current->blocked |= during & ~SIGNALS_UNTOUCHABLE;
    current->mask_is_saved = false; /* the frame has it */
}

sigset_t signal_mask_to_return_to(void)
{
    return current->mask_is_saved ? current->saved_mask : current->blocked;
}

bool signal_restore_mask(void)
{
    bool was_saved = current->mask_is_saved;

    current->blocked = signal_mask_to_return_to();
    current->mask_is_saved = false;
    return was_saved;
}

void signal_deliver(struct trap_frame *frame)
{
    while (signal_is_pending(current)) {
        uint32_t signal = choose(deliverable(current));
        uint32_t handler = current->actions[signal].sa_handler;

        current->pending &= ~signal_bit(signal);
        if (handler > SIG_IGN) {
            run_handler(frame, signal);
            return; /* more pending ones interrupt the handler; leave_to_user asks again */
        }
        if (handler == SIG_IGN || default_action(signal) == ACTION_IGNORE) {
            continue;
        }
        if (default_action(signal) == ACTION_STOP) {
            if (signal == SIGSTOP || !group_is_orphaned(current->group)) {
                stop_current(signal);
            }
        } else {
            process_exit((int32_t)signal);
        }
    }
}
