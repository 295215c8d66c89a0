/* The older forms of three signal calls: signal(48), sigaction(67) and sigprocmask(126), with masks
 * of 32 signals. Interrupts are on. See: signal(2), sigaction(2). SPDX-License-Identifier: MIT */
#include "heart/signal.h"
#include "heart/system_call.h"

int32_t sys_sigaction(struct trap_frame *frame)
{
    uint32_t signal = frame->ebx;
    struct old_sigaction new, old;
    const struct kernel_sigaction *now;

    if (signal < 1 || signal > NSIG) {
        return -EINVAL;
    }
    now = &current->handlers->actions[signal];
    old = (struct old_sigaction){now->sa_handler, now->sa_mask[0], now->sa_flags, now->sa_restorer};
    if (frame->ecx != 0) {
        if (copy_from_user(&new, frame->ecx, sizeof(new)) != 0) {
            return -EFAULT;
        }
        if (signal_set_action(signal, &(struct kernel_sigaction){new.sa_handler,
                                                                 new.sa_flags,
                                                                 new.sa_restorer,
                                                                 {new.sa_mask, 0}}) != 0) {
            return -EINVAL;
        }
    }
    return frame->edx == 0 ? 0 : copy_to_user(frame->edx, &old, sizeof(old));
}

/* The first Unix's form: the handler runs once and is then forgotten. */
int32_t sys_signal(struct trap_frame *frame)
{
    uint32_t signal = frame->ebx;
    uint32_t old;

    if (signal < 1 || signal > NSIG) {
        return -EINVAL;
    }
    old = current->handlers->actions[signal].sa_handler;
    if (signal_set_action(signal,
                          &(struct kernel_sigaction){.sa_handler = frame->ecx,
                                                     .sa_flags = SA_RESETHAND | SA_NODEFER}) != 0) {
        return -EINVAL;
    }
    return (int32_t)old;
}

int32_t sys_sigprocmask(struct trap_frame *frame)
{
    uint32_t old = (uint32_t)current->blocked;
    uint32_t set;

    if (frame->ecx != 0) {
        if (copy_from_user(&set, frame->ecx, sizeof(set)) != 0) {
            return -EFAULT;
        }
        if (signal_change_mask(frame->ebx, set, UINT32_MAX) != 0) {
            return -EINVAL;
        }
    }
    return frame->edx == 0 ? 0 : copy_to_user(frame->edx, &old, sizeof(old));
}
