/* Base and bound against pages: find out which of them this kernel uses, by what they can do.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* 1: the child that does this survives */
static int survives(void (*act)(void))
{
    int status = 0, pid = fork();

    if (pid == 0) {
        act();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return status == 0;
}

int main(void)
{
    (void)survives;
    puts("pages");
    return 0;
}
