/* loses: output contains "1: exit 44\n"
 * SPDX-License-Identifier: MIT */

/* Return codes: tell how each child ended.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(int kind)
{
    static volatile int zero;

    switch (kind) {
    case 0:
        exit(0);
    case 1:
        exit(300); /* what arrives of it? */
    case 2:
        exit(100 / zero);
    case 3:
        *(volatile int *)0 = 1;
        break;
    case 4:
        kill(getpid(), SIGKILL);
        break;
    default:
        exit(255);
    }
}

int main(void)
{
    for (int i = 0; i < 6; i++) {
        int status = 0, pid = fork();

        if (pid == 0) {
            child(i);
        }
        waitpid(pid, &status, 0);
        if (WIFEXITED(status)) {
            printf("%d: exit %d\n", i, status >> 8 << 8);
        } else {
            printf("%d: signal %d\n", i, WTERMSIG(status));
        }
    }
    return 0;
}
