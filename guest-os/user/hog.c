/* hog: takes more than there is, several times: memory until the kernel ends the taker, and
 * processes until fork fails. Afterwards everything must be there again. Only for the guest, with
 * little memory. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS   5
#define PAGE     4096
#define MOST     0x4000000 /* bytes a taker tries to have: 64 MiB */
#define CHILDREN 1200      /* more than the kernel's table holds */

/* A child that touches page after page; its wait status. */
static int take_memory(void)
{
    int status = -1, pid = fork();

    if (pid == 0) {
        volatile char *memory = sbrk(MOST);

        for (int at = 0; at < MOST; at += PAGE) {
            memory[at] = 1;
        }
        exit(0);
    }
    waitpid(pid, &status, 0);
    return status;
}

/* Children that only wait, until fork fails; how many there were. *error: why it failed. */
static int take_processes(int *error)
{
    static int pids[CHILDREN];
    int count = 0;

    *error = 0;
    while (count < CHILDREN) {
        pids[count] = fork();
        if (pids[count] == 0) {
            for (;;) {
                pause();
            }
        }
        if (pids[count] < 0) {
            *error = errno;
            break;
        }
        count++;
    }
    for (int i = 0; i < count; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    return count;
}

int main(void)
{
    int first_count = 0;

    for (int round = 0; round < ROUNDS; round++) {
        int status = take_memory();
        int error, count = take_processes(&error);

        first_count = round == 0 ? count : first_count;
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
            printf("hog: the taker of memory ended with status %x\n", status);
            return 1;
        }
        if ((error != EAGAIN && error != ENOMEM) || abs(count - first_count) > 2 || count < 10) {
            printf("hog: %d processes at first, then %d, error %d\n", first_count, count, error);
            return 1;
        }
    }
    printf("hog: %d times all memory and %d processes, all given back\n", ROUNDS, first_count);
    return 0;
}
