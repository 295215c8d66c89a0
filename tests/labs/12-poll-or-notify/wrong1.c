/* loses: clocks <= 12000000
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

int main(void)
{
    volatile int *flag =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int pid = fork();

    if (pid == 0) {
        work(flag);
        _exit(0);
    }
    while (!*flag) { /* again and again */
    }
    puts("the child has done it");
    return 0;
}
