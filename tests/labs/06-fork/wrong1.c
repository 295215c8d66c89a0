/* loses: event 4..: syscall waitpid
 * SPDX-License-Identifier: MIT */

/* fork's outputs. Say what each program prints, then make one that prints what is asked for.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* for (i = 0; i < 3; i++) fork(); puts("x");    How many x? */
int predicted_loop = 8;
/* if (fork() && fork()) fork(); puts("x");      How many x? */
int predicted_and = 4;
/* printf("x"); fork(); exit(0);                 How many x? (nothing flushes before the fork) */
int predicted_buffer = 2;

int main(void)
{
    /* a chain: each process has one child and waits for it */
    for (int i = 0; i < 4; i++) {
        if (fork() > 0) {
            printf("process %d\n", i);
            return 0;
        }
    }
    printf("process 4\n");
    return 0;
}
