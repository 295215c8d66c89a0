/* sigaltstack: a second stack for signal handlers, so that a program whose stack is used up can
 * still be told. Interrupts are on. See: sigaltstack(2). SPDX-License-Identifier: MIT */
#include "heart/signal.h"
#include "heart/system_call.h"

int32_t signal_stack_flags(uint32_t esp)
{
    const struct sigaltstack *stack = &current->signal_stack;

    if (stack->ss_size == 0) {
        return SS_DISABLE;
    }
    return esp > stack->ss_sp && esp - stack->ss_sp <= stack->ss_size ? SS_ONSTACK : 0;
}

int32_t signal_stack_set(const struct sigaltstack *stack, uint32_t esp)
{
    if (signal_stack_flags(esp) == SS_ONSTACK) {
        return -EPERM;
    }
    if (stack->ss_flags & SS_DISABLE) {
        current->signal_stack = (struct sigaltstack){0};
        return 0;
    }
    if (stack->ss_flags & ~SS_ONSTACK) {
        return -EINVAL;
    }
    if (stack->ss_size < MINSIGSTKSZ) {
        return -ENOMEM;
    }
    current->signal_stack = (struct sigaltstack){stack->ss_sp, 0, stack->ss_size};
    return 0;
}

int32_t sys_sigaltstack(uint32_t new_at, uint32_t old_at)
{
    uint32_t esp = current->frame->esp;
    struct sigaltstack new, old = current->signal_stack;
    int32_t result = 0;

    old.ss_flags = signal_stack_flags(esp);
    if (new_at != 0) {
        if (copy_from_user(&new, new_at, sizeof(new)) != 0) {
            return -EFAULT;
        }
        result = signal_stack_set(&new, esp);
    }
    return result != 0 ? result : copy_result(old_at, &old, sizeof(old));
}
