/* loses: output is "write to code: refused\nwrite beyond: refused\npages\n"
 * SPDX-License-Identifier: MIT */

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

static void write_code(void)
{
    volatile char *code = (volatile char *)(unsigned)survives;

    *code = *code;
}

static void beyond(void)
{
    *(volatile int *)0x70000000 = 1;
}

int main(void)
{
    int pages = survives(write_code);

    printf("write to code: %s\n", pages ? "refused" : "allowed");
    printf("write beyond: %s\n", survives(beyond) ? "allowed" : "refused");
    puts(pages ? "pages" : "base and bound");
    return 0;
}
