/* poker PID: sends SIGUSR1 to another process. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    int pid = argc > 1 ? atoi(argv[1]) : 0;

    if (pid <= 0) {
        puts("usage: poker PID");
        return 2;
    }
    if (kill(pid, SIGUSR1) != 0) {
        printf("poker: process %d: %s\n", pid, strerror(errno));
        return 1;
    }
    return 0;
}
