/* loses: output matches "^parent [0-9a-f]+ 1 7$"
 * SPDX-License-Identifier: MIT */

/* Same address, same value? Parent and child, one variable.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int number = 1;

int main(void)
{
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int pid;

    *shared = 1;
    pid = fork();
    if (pid == 0) {
        number = 7;  /* the child's */
        *shared = 7; /* and this? */
        printf("child %p %d %d\n", (void *)&number, number, *shared);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("parent %p %d %d\n", (void *)&number, number, *shared);
    return 0;
}
