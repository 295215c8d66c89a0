/* test_signal: checks handlers, masks, frames, restarts and the signals of exceptions. Runs on a
 * Linux host too, with the same results. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"
#include "user/mmu.h"

#define MILLISECOND 1000000

static volatile int calls, last_signal;

static void count_call(int signal_number)
{
    calls++;
    last_signal = signal_number;
}

static void block(int how, int signal_number)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal_number);
    sigprocmask(how, &set, NULL);
}

static int status_of(int pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    return status;
}

static void sleep_milliseconds(int32_t milliseconds)
{
    struct timespec wanted = {0, milliseconds * MILLISECOND};

    nanosleep(&wanted, NULL);
}

static void test_handler_and_registers(void)
{
    uint32_t ebx = 0x11111111, esi = 0x22222222, edi = 0x33333333, ebp_ok;
    uint32_t flags = 0;

    signal(SIGUSR1, count_call);
    calls = 0;
    /* kill(getpid(), SIGUSR1) with known registers around it */
    __asm__ volatile("pushl %%ebp\n\t"
                     "movl $0x44444444, %%ebp\n\t"
                     "stc\n\t"
                     "int $0x80\n\t"
                     "pushfl\n\t"
                     "popl %%edx\n\t"
                     "cmpl $0x44444444, %%ebp\n\t"
                     "popl %%ebp\n\t"
                     "sete %%al\n\t"
                     "movzbl %%al, %%eax"
                     : "=a"(ebp_ok), "=d"(flags), "+S"(esi), "+D"(edi)
                     : "a"(SYS_kill), "b"(getpid()), "c"(SIGUSR1)
                     : "memory", "cc");
    __asm__ volatile("" : "+r"(ebx));
    check(calls == 1 && last_signal == SIGUSR1, "the handler ran once");
    check(ebp_ok && ebx == 0x11111111 && esi == 0x22222222 && edi == 0x33333333 && (flags & 1),
          "registers and flags are as before");
}

static void test_mask_and_pending(void)
{
    calls = 0;
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    check(calls == 0, "a blocked signal waits");
    block(SIG_UNBLOCK, SIGUSR1);
    check(calls == 1, "and comes once when it is unblocked");
}

static volatile int depth, deepest, nested_calls;

static void nest(int signal_number)
{
    depth++;
    deepest = depth > deepest ? depth : deepest;
    if (nested_calls++ == 0) {
        raise(signal_number);
    }
    depth--;
}

static void test_masked_while_handled(void)
{
    struct sigaction action = {.sa_handler = nest};

    depth = deepest = nested_calls = 0;
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
    check(deepest == 1, "a signal is blocked while its handler runs");
    action.sa_flags = SA_NODEFER;
    sigaction(SIGUSR2, &action, NULL);
    deepest = nested_calls = 0;
    raise(SIGUSR2);
    check(deepest == 2, "unless SA_NODEFER");
}

static void test_one_shot_and_old_calls(void)
{
    struct sigaction action = {.sa_handler = count_call, .sa_flags = SA_RESETHAND};
    struct sigaction old;
    struct old_sigaction old_style;
    uint32_t mask;

    calls = 0;
    sigaction(SIGURG, &action, NULL);
    raise(SIGURG);
    raise(SIGURG); /* ignored by default */
    sigaction(SIGURG, NULL, &old);
    check(calls == 1 && old.sa_handler == SIG_DFL, "SA_RESETHAND: the handler runs once");
    signal_old(SIGURG, (uint32_t)count_call); /* no sa_restorer here */
    raise(SIGURG);
    raise(SIGURG);
    check(calls == 2, "signal(48): likewise");
    check(sigaction_old(SIGUSR1, NULL, &old_style) == 0 &&
              old_style.sa_handler == (uint32_t)count_call,
          "sigaction(67) reports the handler");
    check(sigprocmask_old(SIG_BLOCK, NULL, &mask) == 0 && (mask & 1u << (SIGUSR1 - 1)) == 0,
          "sigprocmask(126) reports the mask");
    errno = 0;
    check(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL, "SIGKILL: EINVAL");
}

static void test_interrupted_sleep(void)
{
    struct timespec wanted = {5, 0}, left = {0, 0};
    int pid = fork();

    if (pid == 0) {
        sleep_milliseconds(50);
        kill(getppid(), SIGUSR1);
        exit(0);
    }
    errno = 0;
    check(nanosleep(&wanted, &left) == -1 && errno == EINTR, "a signal ends a sleep: EINTR");
    check(left.tv_sec == 4, "the rest of the sleep is told");
    status_of(pid);
}

static void test_restart(void)
{
    struct sigaction action = {.sa_handler = count_call, .sa_flags = SA_RESTART};
    int status, poker, pid = fork();

    if (pid == 0) {
        sleep_milliseconds(120);
        exit(3);
    }
    poker = fork();
    if (poker == 0) {
        sleep_milliseconds(40);
        kill(getppid(), SIGUSR1);
        exit(4);
    }
    calls = 0;
    sigaction(SIGUSR1, &action, NULL);
    check(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3 && calls == 1,
          "SA_RESTART: waitpid goes on waiting");
    check(WEXITSTATUS(status_of(poker)) == 4, "the second child is there too");
}

static void test_stopped_sleep_goes_on(void)
{
    int pid = fork();

    if (pid == 0) {
        struct timespec wanted = {0, 100 * MILLISECOND};

        exit(nanosleep(&wanted, NULL) == 0 ? 6 : 7);
    }
    sleep_milliseconds(20);
    kill(pid, SIGSTOP);
    sleep_milliseconds(20);
    kill(pid, SIGCONT);
    check(WEXITSTATUS(status_of(pid)) == 6, "a sleep survives stop and continue");
}

static void test_child_signal(void)
{
    int pid;

    calls = 0;
    signal(SIGCHLD, count_call);
    pid = fork();
    if (pid == 0) {
        exit(0);
    }
    while (calls == 0) {
        sleep_milliseconds(10);
    }
    check(last_signal == SIGCHLD, "SIGCHLD when a child ends");
    status_of(pid);
    signal(SIGCHLD, SIG_DFL);
}

static void test_alarm(void)
{
    calls = 0;
    signal(SIGALRM, count_call);
    alarm(100);
    check(alarm(0) == 100, "alarm tells what was left");
    check(calls == 0, "and can be taken back");
}

/* ---- exceptions ---- */

static siginfo_t seen_info;
static struct sigcontext seen_context;

/* Note what came and continue after the instruction, as long as `skip_bytes` says. */
static volatile uint32_t skip_bytes;

static void note(int signal_number, siginfo_t *info, void *context)
{
    ucontext_t *user = context;

    last_signal = signal_number;
    seen_info = *info;
    seen_context = user->uc_mcontext;
    user->uc_mcontext.eip += skip_bytes;
}

struct exception_case {
    const char *words;
    void (*raise)(void);
    uint32_t length; /* bytes of the instruction to skip; 0 if EIP is already past it */
    int signal, code;
    uint32_t trapno, err;
    int address; /* 0: si_addr is 0; 1: EIP; else the address itself */
};

/* Each instruction is at a label of its own so that EIP can be checked. */
#define INSTRUCTION(name, text)                                                                    \
    static void name(void)                                                                         \
    {                                                                                              \
        __asm__ volatile(text : : : "eax", "edx", "memory");                                       \
    }
INSTRUCTION(do_write, "movb $1, 0x1234")
INSTRUCTION(do_far_write, "movb $1, 0x70000000")
INSTRUCTION(do_divide,
            "xorl %%edx, %%edx\n\tmovl $1, %%eax\n\tpushl $0\n\tdivl (%%esp)\n\tpopl %%eax")
INSTRUCTION(do_ud2, ".byte 0x0F, 0x0B")
INSTRUCTION(do_cli, "cli")
INSTRUCTION(do_hlt, "hlt")
INSTRUCTION(do_in, "inb $0x60, %%al")
INSTRUCTION(do_int81, "int $0x81")
INSTRUCTION(do_int3, "int3")

/* Without pages the program may write to 0x1234; and behind the bound, it is not told where. */
static const struct exception_case bound_case = {
    "write behind the bound", do_far_write, 7, SIGSEGV, SI_KERNEL, 13, 0, 0};

static const struct exception_case exception_cases[] = {
    {"write to 0x1234", do_write, 7, SIGSEGV, SEGV_MAPERR, 14, 6, 0x1234},
    {"write to 0x70000000", do_far_write, 7, SIGSEGV, SEGV_MAPERR, 14, 6, 0x70000000},
    {"divide by zero", do_divide, 3, SIGFPE, FPE_INTDIV, 0, 0, 1},
    {"ud2", do_ud2, 2, SIGILL, ILL_ILLOPN, 6, 0, 1},
    {"cli", do_cli, 1, SIGSEGV, SI_KERNEL, 13, 0, 0},
    {"hlt", do_hlt, 1, SIGSEGV, SI_KERNEL, 13, 0, 0},
    {"in", do_in, 2, SIGSEGV, SI_KERNEL, 13, 0, 0},
    {"int 0x81", do_int81, 2, SIGSEGV, SI_KERNEL, 13, 0x40A, 0},
    {"int3", do_int3, 0, SIGTRAP, SI_KERNEL, 3, 0, 0},
};

static void test_exceptions(void)
{
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGFPE, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    sigaction(SIGTRAP, &action, NULL);
    for (size_t i = 0; i < sizeof(exception_cases) / sizeof(exception_cases[0]); i++) {
        const struct exception_case *one =
            i > 1 || mmu_has_pages() ? &exception_cases[i] : &bound_case;
        uint32_t address = one->address == 1 ? 0 : (uint32_t)one->address;

        last_signal = 0;
        skip_bytes = one->length;
        one->raise();
        address = one->address == 1 ? seen_context.eip : address;
        if (last_signal != one->signal || seen_info.si_code != one->code ||
            seen_context.trapno != one->trapno || seen_context.err != one->err ||
            seen_info.si_addr != address) {
            printf("FAILED: %s: signal %d code %d vector %u error %x address %x\n", one->words,
                   last_signal, seen_info.si_code, seen_context.trapno, seen_context.err,
                   seen_info.si_addr);
            check_failures++;
        }
    }
}

static void test_exceptions_end_programs(void)
{
    for (int round = 0; round < 2; round++) {
        int status, pid = fork();

        if (pid == 0) {
            signal(SIGSEGV, round == 0 ? SIG_DFL : SIG_IGN); /* ignoring does not help */
            block(SIG_BLOCK, SIGSEGV);
            do_far_write();
            exit(0);
        }
        status = status_of(pid);
        check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
              "an exception ends the program, blocked and ignored or not");
    }
}

static void test_bad_stack(void)
{
    int status, pid = fork();

    if (pid == 0) {
        signal(SIGSEGV, count_call);
        __asm__ volatile("movl $0x70000000, %esp\n\tpushl $1");
        exit(0);
    }
    status = status_of(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
          "no room for the frame: the handler can not help");
}

int main(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    test_handler_and_registers();
    test_mask_and_pending();
    test_masked_while_handled();
    test_one_shot_and_old_calls();
    test_interrupted_sleep();
    test_restart();
    test_stopped_sleep_goes_on();
    test_child_signal();
    test_alarm();
    test_exceptions();
    test_exceptions_end_programs();
    test_bad_stack();
    return check_summary("test_signal", 12);
}
