/* The system calls about signals: kill, the actions, the mask, alarm and pause. Interrupts are on;
 * they are turned off where the timer or the terminal could send a signal in between.
 * See: kill(2), sigaction(2), sigprocmask(2). SPDX-License-Identifier: MIT */
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

/* Whom kill(pid) means: one process, the own group (0), all but init and oneself (-1), a group. */
static bool is_meant(const struct process *process, int32_t pid)
{
    if (process->state == PROCESS_UNUSED) {
        return false;
    }
    if (pid == -1) {
        return process->pid != PID_INIT && process != current;
    }
    return pid > 0 ? process->pid == pid : process->group == (pid == 0 ? current->group : -pid);
}

/* Root may send to all, others to processes of the same user, and SIGCONT within the session. */
static bool may_signal(const struct process *process, uint32_t signal)
{
    return current->euid == 0 || current->euid == process->uid || current->euid == process->suid ||
           current->uid == process->uid || current->uid == process->suid ||
           (signal == SIGCONT && process->session == current->session);
}

/* Signal 0 only asks whether there is somebody who could be told. */
int32_t sys_kill(struct trap_frame *frame)
{
    int32_t pid = (int32_t)frame->ebx;
    uint32_t signal = frame->ecx;
    struct signal_cause cause = {
        .code = SI_USER, .value = (uint32_t)current->pid, .user = current->uid};
    uint32_t meant = 0, told = 0;

    if (signal > NSIG) {
        return -EINVAL;
    }
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        struct process *process = &process_table[i];

        if (!is_meant(process, pid)) {
            continue;
        }
        meant++;
        if (may_signal(process, signal)) {
            told++;
            if (signal != 0) {
                signal_send(process, signal, &cause);
            }
        }
    }
    return told > 0 ? 0 : meant > 0 ? -EPERM : -ESRCH;
}

int32_t signal_set_action(uint32_t signal, const struct kernel_sigaction *action)
{
    bool were_on;

    if (signal == SIGKILL || signal == SIGSTOP) {
        return -EINVAL;
    }
    were_on = interrupts_save_off();
    current->actions[signal] = *action;
    if (signal_is_ignored(current, signal)) {
        current->pending &= ~signal_bit(signal);
    }
    interrupts_restore(were_on);
    return 0;
}

int32_t sys_rt_sigaction(struct trap_frame *frame)
{
    uint32_t signal = frame->ebx;
    struct kernel_sigaction new, old;

    if (signal < 1 || signal > NSIG || frame->esi != sizeof(sigset_t)) {
        return -EINVAL;
    }
    old = current->actions[signal];
    if (frame->ecx != 0) {
        if (copy_from_user(&new, frame->ecx, sizeof(new)) != 0) {
            return -EFAULT;
        }
        if (signal_set_action(signal, &new) != 0) {
            return -EINVAL;
        }
    }
    return frame->edx == 0 ? 0 : copy_to_user(frame->edx, &old, sizeof(old));
}

int32_t signal_change_mask(uint32_t how, sigset_t set, sigset_t touched)
{
    sigset_t mask = current->blocked;

    switch (how) {
    case SIG_BLOCK:
        mask |= set;
        break;
    case SIG_UNBLOCK:
        mask &= ~set;
        break;
    case SIG_SETMASK:
        mask = (mask & ~touched) | set;
        break;
    default:
        return -EINVAL;
    }
    current->blocked = mask & ~SIGNALS_UNTOUCHABLE;
    return 0;
}

int32_t sys_rt_sigprocmask(struct trap_frame *frame)
{
    sigset_t old = current->blocked;
    sigset_t set;

    if (frame->esi != sizeof(sigset_t)) {
        return -EINVAL;
    }
    if (frame->ecx != 0) {
        if (copy_from_user(&set, frame->ecx, sizeof(set)) != 0) {
            return -EFAULT;
        }
        if (signal_change_mask(frame->ebx, set, ~(sigset_t)0) != 0) {
            return -EINVAL;
        }
    }
    return frame->edx == 0 ? 0 : copy_to_user(frame->edx, &old, sizeof(old));
}

/* Which signals wait for being unblocked? */
int32_t sys_rt_sigpending(struct trap_frame *frame)
{
    sigset_t set = current->pending & current->blocked;

    return frame->ecx > sizeof(set) ? -EINVAL : copy_to_user(frame->ebx, &set, frame->ecx);
}

/* Wait for a signal with another mask; afterwards the old one is there again. */
int32_t sys_rt_sigsuspend(struct trap_frame *frame)
{
    sigset_t set;

    if (frame->ecx != sizeof(set)) {
        return -EINVAL;
    }
    if (copy_from_user(&set, frame->ebx, sizeof(set)) != 0) {
        return -EFAULT;
    }
    interrupts_off();
    current->saved_mask = current->blocked;
    current->mask_is_saved = true;
    current->blocked = set & ~SIGNALS_UNTOUCHABLE;
    while (!signal_is_pending(current)) {
        sleep_on(current->actions);
    }
    interrupts_on();
    return -ERESTARTNOHAND;
}

/* A thread is a process here, so both numbers are the pid. */
int32_t sys_tgkill(struct trap_frame *frame)
{
    struct process *process = process_find((int32_t)frame->ecx);
    struct signal_cause cause = {
        .code = SI_TKILL, .value = (uint32_t)current->pid, .user = current->uid};

    if (frame->edx > NSIG || (int32_t)frame->ebx <= 0 || (int32_t)frame->ecx <= 0) {
        return -EINVAL;
    }
    if (process == NULL || frame->ebx != frame->ecx) {
        return -ESRCH;
    }
    if (!may_signal(process, frame->edx)) {
        return -EPERM;
    }
    if (frame->edx != 0) {
        signal_send(process, frame->edx, &cause);
    }
    return 0;
}

int32_t sys_pause(struct trap_frame *frame)
{
    (void)frame;
    interrupts_off();
    while (!signal_is_pending(current)) {
        sleep_on(current->actions); /* nobody wakes this channel: only signals do */
    }
    interrupts_on();
    return -ERESTARTNOHAND;
}

/* SIGALRM in so many seconds, 0 = never; returns what was left of the last one, rounded up. */
int32_t sys_alarm(struct trap_frame *frame)
{
    uint32_t seconds = frame->ebx;
    uint32_t most = (uint32_t)INT32_MAX / tick_hz;
    uint32_t left = 0;

    interrupts_off();
    if (current->alarm_set) {
        left = (current->alarm_tick - ticks + tick_hz - 1) / tick_hz;
    }
    current->alarm_set = seconds != 0;
    current->alarm_tick = ticks + (seconds < most ? seconds : most) * tick_hz;
    interrupts_on();
    return (int32_t)left;
}
