/* Threads of the kernel, and bottom halves. A thread is an ordinary process to the scheduler; it
 * has a kernel stack and nothing else. SPDX-License-Identifier: MIT */
#include "heart/kernel_thread.h"

#include "common/text.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "support/log.h"

/* What switch_stacks finds on the stack of a thread that never ran; its RET goes to thread_begin,
 * which finds its arguments where a caller would have put them. */
struct thread_stack {
    uint32_t edi, esi, ebx, ebp; /* 0: the chain of stack frames ends here */
    void (*go_on)(thread_function *function, void *argument);
    uint32_t no_caller; /* where a return address would be */
    thread_function *function;
    void *argument;
};

/* As after any switch, interrupts are off. */
static void thread_begin(thread_function *function, void *argument)
{
    interrupts_on();
    function(argument);
    panic("thread %s of the kernel has ended", current->name);
}

int32_t kernel_thread_start(const char *name, thread_function *function, void *argument)
{
    struct thread_stack *stack;
    struct process *thread;
    int32_t result = process_allocate(&thread);

    if (result != 0) {
        return result;
    }
    copy_text(thread->name, name, NAME_BYTES);
    thread->is_kernel_thread = true;
    thread->places = process_idle.places;
    thread->places->users++;
    /* The frame above stays free, for a thread that becomes a program. */
    stack = (struct thread_stack *)thread->frame - 1;
    *stack =
        (struct thread_stack){.go_on = thread_begin, .function = function, .argument = argument};
    thread->kernel_esp = (uint32_t)stack;
    make_ready(thread);
    return 0;
}

_Noreturn void kernel_thread_become_program(void)
{
    interrupts_off();
    current->is_kernel_thread = false;
    space_use(current);
    __asm__ volatile("movl %0, %%esp\n\t"
                     "jmp trap_return"
                     :
                     : "r"(current->frame)
                     : "memory");
    __builtin_unreachable();
}

bool sleep_on_for(const void *channel, uint32_t most_ticks)
{
    bool in_time;

    current->wake_tick = ticks + most_ticks;
    current->wake_set = true;
    sleep_on(channel);
    in_time = current->wake_set; /* the tick that wakes a sleeper takes it away */
    current->wake_set = false;
    return in_time;
}

/* ---- bottom halves ---- */

static void bottom_half_run(void *argument)
{
    struct bottom_half *half = argument;

    for (;;) {
        interrupts_off();
        while (!half->raised) {
            sleep_on(half);
        }
        half->raised = false;
        interrupts_on();
        half->work(half->argument);
    }
}

int32_t bottom_half_start(struct bottom_half *half)
{
    return kernel_thread_start(half->name, bottom_half_run, half);
}

void bottom_half_raise(struct bottom_half *half)
{
    half->raised = true;
    wake_all(half);
}
