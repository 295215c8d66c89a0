/* The system calls about signals: kill, the actions, the mask, waiting. Interrupts are on; they are
 * turned off where the timer or the terminal could send a signal in between.
 * See: kill(2), sigaction(2), sigprocmask(2), sigwaitinfo(2). SPDX-License-Identifier: MIT */
#include "calls/time_argument.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

/* Whom kill(pid) means: one process, the own group (0), all but init and oneself (-1), a group. */
static bool is_meant(const struct process *process, int32_t pid)
{
    if (process->leader != process || process->handlers == NULL) {
        return false; /* a thread, or one of the kernel's own */
    }
    if (pid == -1) {
        return process->pid != PID_INIT && process != current->leader;
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
        .code = SI_USER, .value = (uint32_t)current->leader->pid, .user = current->uid};
    uint32_t meant = 0, told = 0;

    if (signal > NSIG) {
        return -EINVAL;
    }
    for (struct process *process = process_first; process != NULL; process = process->next) {
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

/* Nobody of the current process will take it. */
static void forget_pending(uint32_t signal)
{
    signal_forget(&current->leader->together.pending, signal);
    for (struct process *thread = process_first; thread != NULL; thread = thread->next) {
        if (thread->leader == current->leader) {
            signal_forget(&thread->pending, signal);
        }
    }
}

int32_t signal_set_action(uint32_t signal, const struct kernel_sigaction *action)
{
    bool were_on;

    if (signal == SIGKILL || signal == SIGSTOP) {
        return -EINVAL;
    }
    were_on = interrupts_save_off();
    current->handlers->actions[signal] = *action;
    if (signal_is_ignored(current, signal)) {
        forget_pending(signal);
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
    old = current->handlers->actions[signal];
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
    sigset_t set = signal_pending_set(current) & current->blocked;

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
        sleep_on(&current->blocked);
    }
    interrupts_on();
    return -ERESTARTNOHAND;
}

/* One thread, of this process unless `leader` is 0. */
static int32_t signal_thread(uint32_t leader, uint32_t thread, uint32_t signal)
{
    struct process *process = process_find((int32_t)thread);
    struct signal_cause cause = {
        .code = SI_TKILL, .value = (uint32_t)current->leader->pid, .user = current->uid};

    if (signal > NSIG || (int32_t)leader < 0 || (int32_t)thread <= 0) {
        return -EINVAL;
    }
    if (process == NULL || process->handlers == NULL ||
        (leader != 0 && process->leader->pid != (int32_t)leader)) {
        return -ESRCH;
    }
    if (!may_signal(process, signal)) {
        return -EPERM;
    }
    if (signal != 0) {
        signal_send_thread(process, signal, &cause);
    }
    return 0;
}

int32_t sys_tgkill(struct trap_frame *frame)
{
    return frame->ebx == 0 ? -EINVAL : signal_thread(frame->ebx, frame->ecx, frame->edx);
}

int32_t sys_tkill(struct trap_frame *frame)
{
    return signal_thread(0, frame->ebx, frame->ecx);
}

int32_t sys_pause(struct trap_frame *frame)
{
    (void)frame;
    interrupts_off();
    while (!signal_is_pending(current)) {
        sleep_on(&current->blocked); /* nobody wakes this channel: only signals do */
    }
    interrupts_on();
    return -ERESTARTNOHAND;
}

/* ---- signals as messages ---- */

/* Sleep until a signal of `set` is there, or another one, or the time is over. Interrupts are off
 * afterwards. */
static void sleep_for_signal(sigset_t set, bool timed)
{
    interrupts_off();
    current->awaited = set;
    while ((signal_pending_set(current) & set) == 0 && !signal_is_pending(current) &&
           (!timed || current->wake_set)) {
        sleep_on(&current->awaited);
    }
    current->awaited = 0;
    current->wake_set = false;
}

/* Take a signal of a set without a handler; *span: how long to wait, with `timed`. */
static int32_t take_signal_of(sigset_t set, bool timed, const struct time_span *span,
                              uint32_t info_to)
{
    struct signal_cause cause;
    struct siginfo info;
    sigset_t found;
    uint32_t signal = 1;

    if (timed) {
        wake_after(time_span_ticks(span));
    }
    sleep_for_signal(set, timed);
    found = signal_pending_set(current) & set;
    if (found == 0) {
        interrupts_on();
        return signal_is_pending(current) ? -EINTR : -EAGAIN;
    }
    while ((found & signal_bit(signal)) == 0) {
        signal++;
    }
    signal_take(signal, &cause);
    interrupts_on();
    signal_fill_info(&info, signal, &cause);
    if (info_to != 0 && copy_to_user(info_to, &info, sizeof(info)) != 0) {
        return -EFAULT;
    }
    return (int32_t)signal;
}

/* rt_sigtimedwait(set, info, time, bytes of the set) */
static int32_t sigtimedwait(const struct trap_frame *frame, bool wide)
{
    struct time_span span = {0, 0};
    sigset_t set;
    int32_t result;

    if (frame->esi != sizeof(set)) {
        return -EINVAL;
    }
    if (copy_from_user(&set, frame->ebx, sizeof(set)) != 0) {
        return -EFAULT;
    }
    result = frame->edx == 0 ? 0 : time_span_argument(&span, frame->edx, wide);
    return result != 0
               ? result
               : take_signal_of(set & ~SIGNALS_UNTOUCHABLE, frame->edx != 0, &span, frame->ecx);
}

int32_t sys_rt_sigtimedwait(struct trap_frame *frame)
{
    return sigtimedwait(frame, false);
}

int32_t sys_rt_sigtimedwait_time64(struct trap_frame *frame)
{
    return sigtimedwait(frame, true);
}

/* rt_sigqueueinfo(pid, signal, info): kill with a value. Only the kernel says SI_USER and above to
 * others. Of the real-time signals each one is kept, with its value. */
int32_t sys_rt_sigqueueinfo(struct trap_frame *frame)
{
    struct process *process = process_find((int32_t)frame->ebx);
    struct siginfo info;

    if (frame->ecx > NSIG) {
        return -EINVAL;
    }
    if (copy_from_user(&info, frame->edx, sizeof(info)) != 0) {
        return -EFAULT;
    }
    if (process == NULL || process->leader != process || process->handlers == NULL) {
        return -ESRCH;
    }
    if (!may_signal(process, frame->ecx) ||
        ((info.si_code >= 0 || info.si_code == SI_TKILL) && process != current->leader)) {
        return -EPERM;
    }
    if (frame->ecx != 0 && !signal_send(process, frame->ecx,
                                        &(struct signal_cause){.code = info.si_code,
                                                               .value = (uint32_t)info.si_pid,
                                                               .user = info.si_uid,
                                                               .status = info.si_status})) {
        return -EAGAIN;
    }
    return 0;
}
