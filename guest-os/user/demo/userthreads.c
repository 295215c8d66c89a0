/* userthreads: threads that the kernel knows nothing of. A timer's signal is their clock interrupt:
 * the handler exchanges the registers that the kernel has saved in the signal frame.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/time.h>

#include "user/demo/show.h"

#define THREADS     3
#define STACK_BYTES 16384
#define SLICE_US    10000
#define TURNS       4u /* of each thread, at least, however fast the processor is */

static char stacks[THREADS][STACK_BYTES] __attribute__((aligned(16)));
static char handler_stack[STACK_BYTES] __attribute__((aligned(16)));
static struct sigcontext contexts[THREADS + 1]; /* [THREADS] is main's */
static volatile uint32_t current = THREADS;
static volatile uint32_t turns[THREADS + 1];
static volatile uint32_t rounds[THREADS], sums[THREADS], done[THREADS];

static bool is_done(uint32_t thread)
{
    return thread < THREADS && done[thread] == 1;
}

/* General registers, EIP and EFLAGS are a thread; segments and the x87 stay as they are. */
static void copy_context(struct sigcontext *to, const struct sigcontext *from)
{
    uint32_t fpstate = to->fpstate;

    *to = *from;
    to->fpstate = fpstate;
}

/* The upcall: save the interrupted thread, go on with the next one that has work. */
static void on_tick(int signal_number, siginfo_t *info, void *context)
{
    struct ucontext *user = context;
    uint32_t next = current;

    (void)signal_number;
    (void)info;
    copy_context(&contexts[current], &user->uc_mcontext);
    do {
        next = (next + 1) % (THREADS + 1);
    } while (next != THREADS && is_done(next));
    current = next;
    turns[next]++;
    copy_context(&user->uc_mcontext, &contexts[current]);
}

/* 1 + 2 + 3 + ..., all in registers that the handler saves and puts back. */
static void work(uint32_t own)
{
    uint32_t count = 0, sum = 0;

    while (turns[own] < TURNS) {
        count++;
        sum += count;
    }
    rounds[own] = count;
    sums[own] = sum;
    done[own] = 1;
    for (;;) {} /* until the next tick; it is not chosen again */
}

/* A stack on which work(number) seems to have been called, and nothing else yet. */
static void prepare(uint32_t number, const struct sigcontext *like)
{
    uint32_t *top = (uint32_t *)(uintptr_t)(stacks[number] + STACK_BYTES);

    *--top = number; /* the argument */
    *--top = 0;      /* where it would return to */
    contexts[number] = *like;
    contexts[number].esp = (uint32_t)(uintptr_t)top;
    contexts[number].eip = (uint32_t)(uintptr_t)work;
}

static void on_start(int signal_number, siginfo_t *info, void *context)
{
    const struct ucontext *user = context;

    (void)signal_number;
    (void)info;
    for (uint32_t i = 0; i < THREADS; i++) {
        prepare(i, &user->uc_mcontext); /* segments as this program has them */
    }
}

int main(void)
{
    struct sigaction start = {.sa_sigaction = on_start, .sa_flags = SA_SIGINFO};
    struct sigaction tick = {.sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaltstack alternate = {.ss_sp = (uint32_t)(uintptr_t)handler_stack,
                                    .ss_size = STACK_BYTES};
    struct itimerval timer = {.it_interval = {.tv_usec = SLICE_US},
                              .it_value = {.tv_usec = SLICE_US}};
    bool right = true, in_turns = true;

    show_title("userthreads", "D10", "threads made of a timer's signal",
               "upcall beside interrupt; user stack: the signal frame whose registers change");
    sigaction(SIGUSR1, &start, NULL);
    raise(SIGUSR1);
    sigaltstack(&alternate, NULL);
    sigaction(SIGVTALRM, &tick, NULL);
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
    while (!is_done(0) || !is_done(1) || !is_done(2)) {} /* main has its turns, too */
    timer = (struct itimerval){.it_value = {.tv_usec = 0}};
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
    for (uint32_t i = 0; i < THREADS; i++) {
        printf("  thread %u counted to %u in %u turns\n", i, rounds[i], turns[i]);
        right = right && sums[i] == (uint32_t)((uint64_t)rounds[i] * ((uint64_t)rounds[i] + 1) / 2);
        in_turns = in_turns && turns[i] >= TURNS && rounds[i] > 0;
    }
    show_check(in_turns, "each was interrupted several times while the others ran");
    show_check(right, "and computed rightly: none noticed that its registers were exchanged");
    return show_end("userthreads");
}
