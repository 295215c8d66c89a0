/* sigaltstack: a second stack for signal handlers, so that a program whose stack is used up can
 * still be told. Interrupts are on. See: sigaltstack(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "heart/signal.h"

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

int32_t signal_stack_exchange(const struct sigaltstack *new, struct sigaltstack *old)
{
    uint32_t esp = current->frame->esp;

    *old = current->signal_stack;
    old->ss_flags = signal_stack_flags(esp);
    return new == NULL ? 0 : signal_stack_set(new, esp);
}
