/* Round robin over one queue. Interrupts are off in every function that touches the queue or a
 * process's state, since interrupt handlers wake processes. SPDX-License-Identifier: MIT */
#include "heart/scheduler.h"

#include "heart/cpu.h"
#include "heart/descriptors.h"
#include "heart/signal.h"
#include "support/log.h"

uint32_t ticks;
uint32_t tick_hz;
bool switch_wanted;

static uint32_t slice_ticks;
static struct process *queue_first, *queue_last;

void switch_stacks(uint32_t *old_esp, uint32_t new_esp); /* switch.S */

/* What switch_stacks finds on the stack of a process that never ran. */
struct first_stack {
    uint32_t edi, esi, ebx, ebp;
    void (*go_on)(void); /* where its RET goes: trap_return, which pops the frame above */
};

void scheduler_initialise(uint32_t hz, uint32_t slice)
{
    tick_hz = hz;
    slice_ticks = slice;
}

void scheduler_prepare(struct process *process)
{
    struct first_stack *stack = (struct first_stack *)process->frame - 1;

    *stack = (struct first_stack){.go_on = trap_return};
    process->kernel_esp = (uint32_t)stack;
}

static void put_last(struct process *process)
{
    process->next_ready = NULL;
    if (queue_first == NULL) {
        queue_first = process;
    } else {
        queue_last->next_ready = process;
    }
    queue_last = process;
}

static void put_first(struct process *process)
{
    process->next_ready = queue_first;
    if (queue_first == NULL) {
        queue_last = process;
    }
    queue_first = process;
}

void make_ready(struct process *process)
{
    bool were_on = interrupts_save_off();

    process->state = PROCESS_READY;
    if (process->is_kernel_thread) {
        put_first(process);
        switch_wanted = true;
    } else {
        put_last(process);
    }
    interrupts_restore(were_on);
}

static struct process *take_next(void)
{
    struct process *next = queue_first;

    if (next == NULL) {
        return &process_table[0];
    }
    queue_first = next->next_ready;
    return next;
}

void schedule(void)
{
    struct process *old = current;
    struct process *next = take_next();

    switch_wanted = false;
    next->state = PROCESS_RUNNING;
    next->slice_left = slice_ticks;
    if (next == old) {
        return;
    }
    if (old->state == PROCESS_RUNNING) {
        old->state = PROCESS_READY; /* only idle: it is always ready, and never queued */
    }
    log_event(EVENT_SWITCH, next->pid, (uint32_t)old->pid);
    current = next;
    if (next->space != NULL) {
        space_use(next->space);
    }
    descriptors_set_kernel_stack(next->kernel_stack_top);
    process_use_thread_area(next);
    switch_stacks(&old->kernel_esp, next->kernel_esp);
}

void yield_cpu(void)
{
    make_ready(current);
    schedule();
}

void sleep_on(const void *channel)
{
    current->waiting_for = channel;
    current->state = PROCESS_WAITING;
    schedule();
    current->waiting_for = NULL;
}

void wake(struct process *process)
{
    bool were_on = interrupts_save_off();

    if (process->state == PROCESS_WAITING) {
        make_ready(process);
    }
    interrupts_restore(were_on);
}

void wake_all(const void *channel)
{
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        if (process_table[i].state == PROCESS_WAITING && process_table[i].waiting_for == channel) {
            wake(&process_table[i]);
        }
    }
}

/* Is the moment `when` here? Right across the wrap-around of the counter. */
static bool is_due(uint32_t when)
{
    return (int32_t)(ticks - when) >= 0;
}

void scheduler_tick(bool user_mode)
{
    ticks++;
    if (user_mode) {
        current->user_ticks++;
    } else {
        current->system_ticks++;
    }
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        struct process *process = &process_table[i];

        if (process->wake_set && is_due(process->wake_tick)) {
            process->wake_set = false;
            wake(process);
        }
        if (process->alarm_set && is_due(process->alarm_tick)) {
            process->alarm_set = false;
            signal_send(process, SIGALRM, &(struct signal_cause){.code = SI_KERNEL});
        }
    }
    if (current->slice_left > 0) {
        current->slice_left--;
    }
    if (current->slice_left == 0 && queue_first != NULL) {
        switch_wanted = true;
    }
}

_Noreturn void idle(void)
{
    for (;;) {
        interrupts_off();
        if (queue_first != NULL) {
            schedule(); /* process 0 is never queued: it comes back when nobody else is ready */
        } else {
            interrupts_on_and_halt();
        }
    }
}
