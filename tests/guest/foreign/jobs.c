/* Sessions, process groups, stopped and orphaned jobs, limits, priorities.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int ended;

static void on_child(int number)
{
    (void)number;
    ended++;
}

static int member(void)
{
    int pid = fork();

    if (pid == 0) {
        for (;;) {
            pause();
        }
    }
    return pid;
}

static void groups(void)
{
    int one = member(), two = member(), status;

    printf("setpgid %d", setpgid(one, one));
    printf(" %d\n", setpgid(two, one));
    printf("same group %d %d\n", getpgid(two) == one, getpgid(one) == one);
    printf("not there: %d %m\n", setpgid(one, 99999));
    kill(-one, SIGSTOP);
    waitpid(one, &status, WUNTRACED);
    waitpid(two, &status, WUNTRACED);
    printf("both stopped by %d\n", WSTOPSIG(status));
    kill(-one, SIGKILL);
    printf("first of the group: %d\n", waitpid(-one, &status, 0) > 0);
    printf("second: %d", waitpid(-one, &status, 0) > 0);
    printf(", third: %d\n", waitpid(-one, &status, 0));
}

static void session(void)
{
    int pid = fork(), status;

    if (pid == 0) {
        int made = setsid() == getpid();

        printf("session %d, leader of its group %d, again %d %m\n", made, getpgrp() == getpid(),
               setsid());
        _exit(0);
    }
    waitpid(pid, &status, 0);
}

static void limits(void)
{
    struct rlimit limit = {20, 20};
    int last = -1, fd, status, pid = fork();

    if (pid == 0) {
        setrlimit(RLIMIT_NOFILE, &limit);
        while ((fd = dup(1)) >= 0) {
            last = fd;
        }
        printf("descriptors up to %d, then %m\n", last);
        _exit(setrlimit(RLIMIT_NOFILE, &(struct rlimit){10, 5}) == 0 ? 1 : 2);
    }
    waitpid(pid, &status, 0);
    printf("more now than at most: %d\n", WEXITSTATUS(status));
}

int main(void)
{
    sigset_t mask, old;
    struct utsname name;
    int before;

    setvbuf(stdout, NULL, _IONBF, 0);
    groups();
    session();
    limits();
    signal(SIGCHLD, on_child);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, &old);
    if (fork() == 0) {
        _exit(0);
    }
    while (ended == 0) {
        sigsuspend(&old);
    }
    printf("SIGCHLD in sigsuspend: %d\n", ended);
    signal(SIGCHLD, SIG_IGN);
    sigprocmask(SIG_SETMASK, &old, NULL);
    wait(NULL);
    if (fork() == 0) {
        _exit(0);
    }
    printf("ignored children: wait %d %m\n", wait(NULL));
    before = getpriority(PRIO_PROCESS, 0);
    nice(3);
    printf("nice %d, yield %d\n", getpriority(PRIO_PROCESS, 0) - before, sched_yield());
    uname(&name);
    printf("%s\n", name.sysname);
    return 0;
}
