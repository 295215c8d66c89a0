/* The system calls about signals: kill, the actions, the mask, waiting. Interrupts are on; they are
 * turned off where the timer or the terminal could send a signal in between.
 * See: kill(2), sigaction(2), sigprocmask(2), sigwaitinfo(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "common/text.h"
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
int32_t sys_kill(uint32_t pid, uint32_t signal)
{
    struct signal_cause cause = {
        .code = SI_USER, .value = (uint32_t)current->leader->pid, .user = current->uid};
    uint32_t meant = 0, told = 0;

    if (signal > NSIG) {
        return -EINVAL;
    }
    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (!is_meant(process, (int32_t)pid)) {
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

/* A pending signal that is ignored from now on is forgotten. */
static int32_t set_action(uint32_t signal, const struct kernel_sigaction *action)
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

int32_t signal_call_action(uint32_t signal, const struct kernel_sigaction *new,
                           struct kernel_sigaction *old)
{
    if (signal < 1 || signal > NSIG) {
        return -EINVAL;
    }
    *old = current->handlers->actions[signal];
    return new == NULL ? 0 : set_action(signal, new);
}

/* The older form, with masks of 32 signals. */
int32_t signal_call_old_action(uint32_t signal, const struct old_sigaction *new,
                               struct old_sigaction *old)
{
    struct kernel_sigaction before = {0}, after = {0};
    int32_t result;

    if (new != NULL) {
        after = (struct kernel_sigaction){
            new->sa_handler, new->sa_flags, new->sa_restorer, {new->sa_mask, 0}};
    }
    result = signal_call_action(signal, new == NULL ? NULL : &after, &before);
    *old = (struct old_sigaction){before.sa_handler, before.sa_mask[0], before.sa_flags,
                                  before.sa_restorer};
    return result;
}

/* The first Unix's form: the handler runs once and is then forgotten. */
int32_t sys_signal(uint32_t signal, uint32_t handler)
{
    struct kernel_sigaction new = {.sa_handler = handler, .sa_flags = SA_RESETHAND | SA_NODEFER};
    struct kernel_sigaction old;
    int32_t result = signal_call_action(signal, &new, &old);

    return result != 0 ? result : (int32_t)old.sa_handler;
}

/* ---- the mask ---- */

int32_t signal_call_mask(uint32_t how, uint32_t set_at, uint32_t old_at, uint32_t bytes)
{
    sigset_t old = current->blocked, set = 0, mask = old;

    if (set_at != 0) {
        if (copy_from_user(&set, set_at, bytes) != 0) {
            return -EFAULT;
        }
        switch (how) {
        case SIG_BLOCK:
            mask |= set;
            break;
        case SIG_UNBLOCK:
            mask &= ~set;
            break;
        case SIG_SETMASK:
            memcpy(&mask, &set, bytes);
            break;
        default:
            return -EINVAL;
        }
        current->blocked = mask & ~SIGNALS_UNTOUCHABLE;
    }
    return copy_result(old_at, &old, bytes);
}

/* Which signals wait for being unblocked? */
int32_t sys_rt_sigpending(uint32_t to_user, uint32_t bytes)
{
    sigset_t set = signal_pending_set(current) & current->blocked;

    return bytes > sizeof(set) ? -EINVAL : copy_to_user(to_user, &set, bytes);
}

int32_t sys_pause(void)
{
    interrupts_off();
    while (!signal_is_pending(current)) {
        sleep_on(&current->blocked); /* nobody wakes this channel: only signals do */
    }
    interrupts_on();
    return -ERESTARTNOHAND;
}

/* Wait for a signal with another mask; afterwards the old one is there again. */
int32_t signal_call_suspend(sigset_t mask)
{
    current->saved_mask = current->blocked;
    current->mask_is_saved = true;
    current->blocked = mask & ~SIGNALS_UNTOUCHABLE;
    return sys_pause();
}

int32_t signal_call_thread(uint32_t leader, uint32_t thread, uint32_t signal)
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

/* Take a signal of a set without a handler, if one comes in time. */
int32_t signal_call_wait(sigset_t set, uint32_t info_at, uint32_t time_at, enum time_format format)
{
    struct signal_cause cause;
    struct siginfo info;
    sigset_t found;
    uint32_t signal = 1;

    set &= ~SIGNALS_UNTOUCHABLE;
    if (time_at != 0) {
        uint64_t span;
        int32_t result = time_argument(&span, time_at, format);

        if (result != 0) {
            return result;
        }
        wake_after(time_to_sleep(span));
    }
    sleep_for_signal(set, time_at != 0);
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
    return copy_result(info_at, &info, sizeof(info)) != 0 ? -EFAULT : (int32_t)signal;
}

/* kill with a value. Only the kernel says SI_USER and above to others. Of the real-time signals
 * each one is kept, with its value. */
int32_t signal_call_queue(uint32_t pid, uint32_t signal, const struct siginfo *info)
{
    struct process *process = process_find((int32_t)pid);
    struct signal_cause cause = {.code = info->si_code,
                                 .value = (uint32_t)info->si_pid,
                                 .user = info->si_uid,
                                 .status = info->si_status};

    if (signal > NSIG) {
        return -EINVAL;
    }
    if (process == NULL || process->leader != process || process->handlers == NULL) {
        return -ESRCH;
    }
    if (!may_signal(process, signal) ||
        ((info->si_code >= 0 || info->si_code == SI_TKILL) && process != current->leader)) {
        return -EPERM;
    }
    return signal == 0 || signal_send(process, signal, &cause) ? 0 : -EAGAIN;
}
