/* loses: output contains "3: signal 11\n"
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
        printf("%d: exit %d\n", i, WEXITSTATUS(status));
    }
    return 0;
}
