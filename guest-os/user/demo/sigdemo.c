/* sigdemo [alt]: handlers by signal() and sigaction(), masks, what a handler is told; `alt`: on a
 * stack of its own, where even an overflow of the stack can be handled.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>

#include "user/demo/show.h"

#define STACK_BYTES 16384

static volatile int calls, depth, deepest;
static volatile int seen_pid, seen_code;
static sigjmp_buf back;
static char own_stack[STACK_BYTES] __attribute__((aligned(16)));
static volatile bool was_on_own_stack;

static void count(int signal_number)
{
    (void)signal_number;
    calls++;
}

/* Sends itself the signal again: is that masked while it runs? */
static void nested(int signal_number)
{
    depth++;
    deepest = depth > deepest ? depth : deepest;
    if (++calls == 1) {
        raise(signal_number);
    }
    depth--;
}

static void informed(int signal_number, siginfo_t *info, void *context)
{
    const ucontext_t *user = context;

    seen_pid = info->si_pid;
    seen_code = info->si_code;
    printf("  signal %d from process %d, code %d; interrupted at EIP %08x, ESP %08x\n",
           signal_number, info->si_pid, info->si_code, user->uc_mcontext.eip,
           user->uc_mcontext.esp);
}

static void show_signal(void)
{
    sighandler_t old = signal(SIGUSR1, count);

    show_check(old == SIG_DFL, "signal() returns the handler before: SIG_DFL");
    raise(SIGUSR1);
    raise(SIGUSR1);
    show_check(calls == 2, "the handler stays: two signals, two calls");
    show_check(signal(SIGUSR1, SIG_IGN) == count, "and the next signal() returns it");
    raise(SIGUSR1);
    show_check(calls == 2, "ignored: no call");
}

static void show_flags(void)
{
    struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESETHAND}, now;

    sigaction(SIGUSR1, &action, NULL);
    calls = 0;
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &now);
    show_check(calls == 1 && now.sa_handler == SIG_DFL,
               "SA_RESETHAND: it must be set again, as on some systems");
    action = (struct sigaction){.sa_handler = nested};
    sigaction(SIGUSR1, &action, NULL);
    calls = deepest = 0;
    raise(SIGUSR1);
    show_check(calls == 2 && deepest == 1,
               "while it runs the signal is masked: one after the other");
    action.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &action, NULL);
    calls = deepest = 0;
    raise(SIGUSR1);
    show_check(calls == 2 && deepest == 2, "SA_NODEFER: one inside the other");
    action = (struct sigaction){.sa_sigaction = informed, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    show_check(seen_pid == getpid() && seen_code <= 0,
               "SA_SIGINFO: who sent it, and the registers");
}

static void show_mask(void)
{
    sigset_t one, pending;

    signal(SIGUSR2, count);
    sigemptyset(&one);
    sigaddset(&one, SIGUSR2);
    sigprocmask(SIG_BLOCK, &one, NULL);
    calls = 0;
    raise(SIGUSR2);
    raise(SIGUSR2);
    sigpending(&pending);
    show_check(calls == 0 && sigismember(&pending, SIGUSR2) == 1, "masked: it waits");
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    show_check(calls == 1, "unmasked: it comes, once (two were sent)");
}

/* ---- alt ---- */

static void on_overflow(int signal_number)
{
    char here;

    (void)signal_number;
    was_on_own_stack = &here >= own_stack && &here < own_stack + STACK_BYTES;
    siglongjmp(back, 1);
}

static int overflow(int level)
{
    volatile char room[4096];

    room[0] = (char)level;
    return level < 0 ? 0 : overflow(level + 1) + room[0];
}

static int show_alternate(void)
{
    struct sigaltstack stack = {.ss_sp = (uint32_t)own_stack, .ss_size = STACK_BYTES};
    struct sigaction action = {.sa_handler = on_overflow, .sa_flags = SA_ONSTACK};

    show_title("sigdemo alt", "D4",
               "a signal stack of its own, as the kernel has an interrupt stack",
               "user stacks: the frame is in own_stack; trace: the page fault that has no room");
    show_check(sigaltstack(&stack, NULL) == 0, "sigaltstack() gave the kernel 16 KiB");
    sigaction(SIGSEGV, &action, NULL);
    if (sigsetjmp(back, 1) == 0) {
        puts("  calling without end...");
        printf("%d", overflow(0));
    }
    show_check(was_on_own_stack, "the stack overflowed, and the handler ran on the other one");
    return show_end("sigdemo");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "alt") == 0) {
        return show_alternate();
    }
    show_title("sigdemo", "D4, D7", "handlers: registered, called by the kernel, returned from",
               "user stack view: the signal frame; the steps of signal and interrupt side by side");
    show_signal();
    show_flags();
    show_mask();
    return show_end("sigdemo");
}
