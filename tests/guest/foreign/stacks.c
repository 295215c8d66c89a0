/* sigaltstack, flags and masks of handlers, interrupted and restarted calls.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char other[65536];
static sigjmp_buf back;
static volatile int depth, deepest, count;

static int is_on_other(void)
{
    char here;

    return (char *)&here >= other && (char *)&here < other + sizeof(other);
}

static void overflowed(int number)
{
    stack_t now;

    sigaltstack(NULL, &now);
    printf("signal %d on the other stack %d, flags %d\n", number, is_on_other(), now.ss_flags);
    siglongjmp(back, 1);
}

static int without_end(int level)
{
    volatile char room[8192];

    room[level % 100] = 1;
    return without_end(level + 1) + room[0];
}

static void nested(int number)
{
    deepest = ++depth > deepest ? depth : deepest;
    if (++count < 3) {
        raise(number);
    }
    depth--;
}

static void handle(int number, void (*handler)(int), int flags)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(number, &action, NULL);
}

static void try_flags(const char *words, int flags)
{
    struct sigaction now;

    handle(SIGUSR1, nested, flags);
    depth = deepest = count = 0;
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &now);
    printf("%s: calls %d, depth %d, default again %d\n", words, count, deepest,
           now.sa_handler == SIG_DFL);
}

static void nothing(int number)
{
    (void)number;
}

/* A child interrupts the parent's read, and then gives it a byte. */
static void interrupted_read(int flags)
{
    int fds[2], pid;
    char byte = '-';
    ssize_t result;

    if (pipe(fds) != 0) {
        exit(1);
    }
    handle(SIGUSR2, nothing, flags);
    pid = fork();
    if (pid == 0) {
        usleep(50000);
        kill(getppid(), SIGUSR2);
        usleep(50000);
        write(fds[1], "x", 1);
        _exit(0);
    }
    result = read(fds[0], &byte, 1);
    printf("flags %x: read gives %d %c %s\n", (unsigned int)flags, (int)result, byte,
           result < 0 ? strerror(errno) : "");
    waitpid(pid, NULL, 0);
}

int main(void)
{
    stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)}, now;
    sigset_t set, pending;

    setvbuf(stdout, NULL, _IONBF, 0);
    sigaltstack(NULL, &now);
    printf("before: flags %d\n", now.ss_flags);
    printf("too small: %d\n", sigaltstack(&(stack_t){.ss_sp = other, .ss_size = 100}, NULL));
    printf("set: %d\n", sigaltstack(&stack, NULL));
    handle(SIGSEGV, overflowed, SA_ONSTACK);
    if (sigsetjmp(back, 1) == 0) {
        without_end(0);
    }
    try_flags("masked", 0);
    try_flags("SA_RESETHAND|SA_NODEFER with SIG_IGN after", 0);
    try_flags("SA_NODEFER", SA_NODEFER);
    interrupted_read(0);
    interrupted_read(SA_RESTART);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    sigpending(&pending);
    printf("pending %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2));
    printf("sigtimedwait %d\n", sigtimedwait(&set, NULL, &(struct timespec){1, 0}));
    printf("sigtimedwait again %d %m\n", sigtimedwait(&set, NULL, &(struct timespec){0, 1000}));
    printf("kill init's neighbour %d %m\n", kill(2000000, 0));
    printf("SIGKILL ignored: %d\n", signal(SIGKILL, SIG_IGN) == SIG_ERR);
    return 0;
}
