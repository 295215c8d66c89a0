/* loses: event: syscall rt_sigsuspend
 * SPDX-License-Identifier: MIT */

/* Poll or notify: the parent waits until its child has done its work.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(volatile int *flag)
{
    for (volatile unsigned i = 0; i < 1000000; i++) {}
    *flag = 1;
}

static void woken(int number)
{
    (void)number;
}

int main(void)
{
    volatile int *flag =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sigset_t blocked, before;
    int pid;

    signal(SIGUSR1, woken);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    pid = fork();
    if (pid == 0) {
        work(flag);
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    while (!*flag) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        pause();
    }
    puts("the child has done it");
    return 0;
}
