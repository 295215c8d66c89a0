/* Round robin over one queue, with priorities: a process with a negative nice value keeps the CPU
 * for more ticks, one with a positive value lets the others go first for some rounds, and then
 * runs, too: nobody starves. Interrupts are off in every function that touches the queue or a
 * process's state, since interrupt handlers wake processes. SPDX-License-Identifier: MIT */
#include "heart/scheduler.h"

#include "calls/thread_area.h"
#include "heart/cpu.h"
#include "heart/descriptors.h"
#include "heart/signal.h"
#include "support/x87.h"

#define LOAD_SECONDS 5 /* between two looks at how many want the CPU */
#define NICE_STEP    4 /* so many nice values make a tick more, or a round */

uint32_t ticks;
uint32_t tick_hz;
bool switch_wanted;

uint32_t load_average[3];
uint32_t switch_count;

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

    *stack =
        (struct first_stack){.go_on = process->tracing.tracer != NULL ? trap_begin : trap_return};
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
    process->rounds_left = process->nice > 0 ? (uint32_t)process->nice / NICE_STEP : 0;
    if (process->is_kernel_thread) {
        put_first(process);
        switch_wanted = true;
    } else {
        put_last(process);
    }
    interrupts_restore(were_on);
}

/* The first in the queue that has no round to let pass; those before it go behind. */
static struct process *take_next(void)
{
    for (;;) {
        struct process *next = queue_first;

        if (next == NULL) {
            return &process_idle;
        }
        queue_first = next->next_ready;
        if (next->rounds_left == 0) {
            return next;
        }
        next->rounds_left--;
        put_last(next);
    }
}

static uint32_t slice_of(const struct process *process)
{
    return slice_ticks * (1 + (process->nice < 0 ? (uint32_t)-process->nice / NICE_STEP : 0));
}

void schedule(void)
{
    struct process *old = current;
    struct process *next = take_next();

    switch_wanted = false;
    next->state = PROCESS_RUNNING;
    next->slice_left = slice_of(next);
    if (next == old) {
        return;
    }
    if (old->state == PROCESS_RUNNING) {
        old->state = PROCESS_READY; /* only idle: it is always ready, and never queued */
    }
    switch_count++;
    current = next;
    if (next->space != NULL) {
        space_use(next);
    }
    descriptors_set_kernel_stack(next->kernel_stack_top);
    thread_area_use(next);
    x87_leave(next);
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
    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (process->state == PROCESS_WAITING && process->waiting_for == channel) {
            wake(process);
        }
    }
}

void wake_after(uint32_t tick_count)
{
    bool were_on = interrupts_save_off();

    current->wake_tick = ticks + tick_count;
    current->wake_set = tick_count != 0;
    interrupts_restore(were_on);
}

/* Is the moment `when` here? Right across the wrap-around of the counter. */
static bool is_due(uint32_t when)
{
    return (int32_t)(ticks - when) >= 0;
}

/* The timers of all processes that run whoever has the CPU. */
static void check_timers(void)
{
    for (struct process *process = process_first; process != NULL; process = process->next) {
        struct thread_group *together = &process->together;

        if (process->wake_set && is_due(process->wake_tick)) {
            process->wake_set = false;
            wake(process);
        }
        if (together->alarm_set && is_due(together->alarm_tick)) {
            together->alarm_set = together->alarm_again != 0;
            together->alarm_tick += together->alarm_again;
            signal_send(process, SIGALRM, &(struct signal_cause){.code = SI_KERNEL});
        }
    }
}

/* A timer of the running process. */
static void count_down(struct tick_timer *timer, uint32_t signal)
{
    if (timer->left > 0 && --timer->left == 0) {
        timer->left = timer->again;
        signal_send(current->leader, signal, &(struct signal_cause){.code = SI_KERNEL});
    }
}

/* RLIMIT_CPU: from then on a signal every second, and in the end one that can not be caught. */
static void check_cpu_limit(struct process *leader)
{
    const struct rlimit *limit = &leader->together.limits[RLIMIT_CPU];
    uint32_t user, system, used;

    if (limit->rlim_cur == RLIM_INFINITY || current->space == NULL) {
        return;
    }
    process_times(leader, &user, &system);
    used = user + system;
    if (used % tick_hz == 0 && used / tick_hz >= limit->rlim_cur) {
        signal_send(leader, used / tick_hz >= limit->rlim_max ? SIGKILL : SIGXCPU,
                    &(struct signal_cause){.code = SI_KERNEL});
    }
}

static void charge(bool user_mode)
{
    struct thread_group *together = &current->leader->together;

    if (user_mode) {
        current->user_ticks++;
        count_down(&together->virtual_timer, SIGVTALRM);
    } else {
        current->system_ticks++;
    }
    count_down(&together->profile_timer, SIGPROF);
    check_cpu_limit(current->leader);
}

/* Averages that forget: each look weighs a little, all before it the rest. */
static void count_load(void)
{
    static const uint32_t kept[3] = {1884, 2014, 2037}; /* exp(-5 s / 1, 5, 15 min) << LOAD_SHIFT */
    uint32_t one = 1u << LOAD_SHIFT, running = 0;

    for (const struct process *process = process_first; process != NULL; process = process->next) {
        running += process->state == PROCESS_READY || process->state == PROCESS_RUNNING;
    }
    for (uint32_t i = 0; i < 3; i++) {
        load_average[i] =
            (load_average[i] * kept[i] + running * one * (one - kept[i])) >> LOAD_SHIFT;
    }
}

void scheduler_tick(bool user_mode)
{
    ticks++;
    charge(user_mode);
    check_timers();
    if (ticks % (LOAD_SECONDS * tick_hz) == 0) {
        count_load();
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
