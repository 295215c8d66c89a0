/* ptrace: stops at calls and signals, memory and registers, steps, children, attaching, the end of
 * either side. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN "/proc/self/exe"

static volatile int word = 1234;

static int call3(int number, int a, int b, int c)
{
    int result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

/* One stop of `pid`, in words. */
static int stopped(const char *words, int pid)
{
    int status = -1, got = waitpid(pid, &status, __WALL);

    if (got != pid) {
        printf("%s: wait failed, errno %d\n", words, errno);
    } else if (WIFSTOPPED(status)) {
        printf("%s: stop %x event %d\n", words, WSTOPSIG(status), status >> 16);
    } else if (WIFEXITED(status)) {
        printf("%s: exit %d\n", words, WEXITSTATUS(status));
    } else {
        printf("%s: signal %d\n", words, WTERMSIG(status));
    }
    return status;
}

static void go_on(int request, int pid, int signal)
{
    if (ptrace(request, pid, (void *)0, (void *)signal) != 0) {
        printf("request %d: errno %d\n", request, errno);
    }
}

static struct user_regs_struct registers_of(int pid)
{
    struct user_regs_struct registers = {0};

    if (ptrace(PTRACE_GETREGS, pid, (void *)0, &registers) != 0) {
        printf("GETREGS: errno %d\n", errno);
    }
    return registers;
}

static int start(void (*body)(void))
{
    int pid = fork();

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, (void *)0, (void *)0) != 0 ||
            ptrace(PTRACE_TRACEME, 0, (void *)0, (void *)0) == 0) {
            _exit(99);
        }
        raise(SIGSTOP);
        body();
        _exit(98);
    }
    return pid;
}

static void some_calls(void)
{
    int pid = call3(SYS_getpid, 0, 0, 0);

    call3(SYS_close, 77, 0, 0);
    call3(SYS_kill, pid, SIGUSR1, 0); /* the tracer keeps it */
    call3(SYS_dup, 55, 0, 0);         /* becomes getpid, and its result 42 */
    call3(SYS_exit, call3(SYS_dup, 55, 0, 0) == 42 && word == 4321 ? 7 : 8, 0, 0);
}

static void calls(void)
{
    int pid = start(some_calls), status, entry = 1, dups = 0;

    stopped("first", pid);
    printf("options %d\n",
           ptrace(PTRACE_SETOPTIONS, pid, (void *)0, (void *)PTRACE_O_TRACESYSGOOD));
    errno = 0;
    printf("word %ld", ptrace(PTRACE_PEEKDATA, pid, (void *)&word, (void *)0));
    printf(" bad %ld", ptrace(PTRACE_PEEKDATA, pid, (void *)16, (void *)0));
    printf(" errno %d\n", errno);
    ptrace(PTRACE_POKEDATA, pid, (void *)&word, (void *)4321);
    printf("unaligned %ld", ptrace(PTRACE_PEEKUSER, pid, (void *)3, (void *)0));
    printf(" errno %d\n", errno);
    for (;;) {
        struct user_regs_struct now;

        go_on(PTRACE_SYSCALL, pid, 0);
        status = stopped("call", pid);
        if (!WIFSTOPPED(status)) {
            break;
        }
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            siginfo_t info;

            printf("siginfo %ld", ptrace(PTRACE_GETSIGINFO, pid, (void *)0, &info));
            printf(" number %d code %d\n", info.si_signo, info.si_code);
            continue;
        }
        now = registers_of(pid);
        if (now.orig_eax == SYS_getpid || now.orig_eax == SYS_rt_sigprocmask ||
            now.orig_eax == SYS_gettid || now.orig_eax == SYS_tgkill || now.orig_eax == SYS_tkill ||
            now.orig_eax == SYS_kill || now.orig_eax == SYS_getpgrp) {
            printf("number %ld, %s\n", now.orig_eax, entry ? "entry" : "end");
        } else {
            printf("number %ld ebx %ld eax %ld, %s\n", now.orig_eax, now.ebx, now.eax,
                   entry ? "entry" : "end");
        }
        if (now.orig_eax == SYS_dup && entry && dups++ == 0) {
            ptrace(PTRACE_POKEUSER, pid, (void *)(4 * 11), (void *)SYS_getpgrp);
        } else if (now.orig_eax == SYS_dup && !entry) {
            now.eax = 42;
            printf("SETREGS %ld\n", ptrace(PTRACE_SETREGS, pid, (void *)0, &now));
        }
        entry = !entry;
    }
}

static void steps_body(void)
{
    __asm__ volatile("nop; nop; movl $20, %eax; int $0x80; nop; nop; movl $1, %eax; movl $5, %ebx;"
                     "int $0x80");
}

static void steps(void)
{
    int pid = start(steps_body), status, count = 0, after_call = 0;
    uint32_t before = 0;

    stopped("before steps", pid);
    for (;;) {
        int code;

        go_on(PTRACE_SINGLESTEP, pid, 0);
        if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
            break;
        }
        code = (int)ptrace(PTRACE_PEEKTEXT, pid, (void *)registers_of(pid).eip, (void *)0);
        after_call += before == 0x80CD && (code & 0xFFFF) == 0x9090;
        before = (uint32_t)code & 0xFFFF;
        count++;
    }
    printf("steps %s, after the call %d, exit %d\n", count > 8 ? "many" : "few", after_call,
           WEXITSTATUS(status));
}

static void breaks_body(void)
{
    _exit(call3(SYS_getppid, 0, 0, 0) > 0 ? 3 : 4);
}

static void breakpoint(void)
{
    int pid = start(breaks_body), old;
    void *at = (void *)breaks_body;
    struct user_regs_struct now;

    stopped("before the breakpoint", pid);
    old = (int)ptrace(PTRACE_PEEKTEXT, pid, at, (void *)0);
    printf("POKETEXT %ld\n", ptrace(PTRACE_POKETEXT, pid, at, (void *)((old & ~0xFF) | 0xCC)));
    go_on(PTRACE_CONT, pid, 0);
    stopped("breakpoint", pid);
    now = registers_of(pid);
    printf("eip %d behind, own code untouched %d\n", (int)(now.eip - (long)at),
           *(volatile int *)at == old);
    ptrace(PTRACE_POKETEXT, pid, at, (void *)old);
    now.eip = (long)at;
    now.orig_eax = -1;
    ptrace(PTRACE_SETREGS, pid, (void *)0, &now);
    go_on(PTRACE_CONT, pid, 0);
    stopped("end", pid);
}

static void executes(void)
{
    execl(OWN, OWN, "child", (char *)0);
}

static void exec_and_signals(void)
{
    int pid = start(executes);

    stopped("before exec", pid);
    go_on(PTRACE_CONT, pid, 0);
    stopped("exec", pid);
    go_on(PTRACE_CONT, pid, 0);
    stopped("the program raises USR2", pid);
    go_on(PTRACE_CONT, pid, SIGTERM); /* another one instead */
    stopped("end", pid);
    pid = start(executes);
    stopped("before exec", pid);
    printf("KILL %ld\n", ptrace(PTRACE_KILL, pid, (void *)0, (void *)0));
    stopped("killed", pid);
}

static void forks(void)
{
    int child = fork(), status;

    if (child == 0) {
        _exit(21);
    }
    waitpid(child, &status, 0);
    _exit(WEXITSTATUS(status) + 1);
}

static void children(void)
{
    int pid = start(forks);
    unsigned long child = 0;

    stopped("before fork", pid);
    ptrace(PTRACE_SETOPTIONS, pid, (void *)0, (void *)PTRACE_O_TRACEFORK);
    go_on(PTRACE_CONT, pid, 0);
    stopped("fork", pid);
    ptrace(PTRACE_GETEVENTMSG, pid, (void *)0, &child);
    stopped("child", (int)child);
    go_on(PTRACE_CONT, pid, 0);
    go_on(PTRACE_CONT, (int)child, 0);
    stopped("child", (int)child); /* the tracer first, then the parent */
    stopped("SIGCHLD", pid);
    go_on(PTRACE_CONT, pid, SIGCHLD);
    stopped("parent", pid);
}

static void attaching(void)
{
    int ends[2], pid, status = 0, middle;
    char byte = 'x';

    printf("ATTACH to nobody %ld", ptrace(PTRACE_ATTACH, 32767, (void *)0, (void *)0));
    printf(" errno %d\n", errno);
    printf("CONT of init %ld", ptrace(PTRACE_CONT, 1, (void *)0, (void *)0));
    printf(" errno %d\n", errno);
    pipe(ends);
    pid = fork();
    if (pid == 0) {
        _exit(read(ends[0], &byte, 1) == 1 ? 31 : 32);
    }
    printf("ATTACH %ld\n", ptrace(PTRACE_ATTACH, pid, (void *)0, (void *)0));
    stopped("attached", pid);
    printf("again %ld", ptrace(PTRACE_ATTACH, pid, (void *)0, (void *)0));
    printf(" errno %d\n", errno);
    printf("DETACH %ld\n", ptrace(PTRACE_DETACH, pid, (void *)0, (void *)0));
    write(ends[1], &byte, 1);
    stopped("went on", pid);

    pid = fork(); /* its tracer ends, it does not */
    if (pid == 0) {
        _exit(read(ends[0], &byte, 1) == 1 ? 41 : 42);
    }
    middle = fork();
    if (middle == 0) {
        ptrace(PTRACE_ATTACH, pid, (void *)0, (void *)0);
        waitpid(pid, &status, 0);
        _exit(WIFSTOPPED(status) ? 51 : 52);
    }
    stopped("tracer", middle);
    write(ends[1], &byte, 1);
    stopped("traced", pid);
}

int main(int argc, char **argv)
{
    (void)argv;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1) {
        raise(SIGUSR2);
        return 60;
    }
    calls();
    steps();
    breakpoint();
    exec_and_signals();
    children();
    attaching();
    return 0;
}
