/* churn [COUNT]: starts that many processes one after the other (or count= on the kernel's command
 * line); each opens a pipe and a file, uses some memory, executes this program again and ends. As
 * process 1 it also compares what the kernel has before and after, once caches are warm: free
 * memory, and how many PCBs, open files, nodes, pipes and other objects there are (/proc/slabinfo).
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/holdings.h"

#define COUNT   1000
#define WARM_UP 100 /* processes until all caches are as large as they get */
#define BYTES   20000

static char written[BYTES];

static void be_a_child(const char *path)
{
    char *const argv[] = {(char *)(uintptr_t)path, "leaf", NULL};

    int fds[2];

    memset(written, 1, BYTES);
    pipe(fds);
    write(fds[1], written, BYTES);
    open(path, O_RDONLY | O_CLOEXEC);
    execve(path, argv, environ);
    exit(1);
}

static int wanted_count(int argc, char **argv)
{
    const char *text = argc > 1 ? argv[1] : getenv("count");

    return text == NULL ? COUNT : atoi(text);
}

int main(int argc, char **argv)
{
    int count = wanted_count(argc, argv);
    struct holdings before = {0}, after;
    int status;

    if (argc > 1 && strcmp(argv[1], "leaf") == 0) {
        memset(malloc(BYTES), 2, BYTES);
        return 3;
    }
    for (int i = 0; i < count; i++) {
        int pid;

        if (i == WARM_UP) {
            holdings_look(&before);
        }
        pid = fork();
        if (pid == 0) {
            be_a_child(argv[0]);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 3) {
            printf("churn: process %d of %d: %s, status %x\n", i + 1, count, strerror(errno),
                   status);
            return 1;
        }
    }
    printf("churn: %d processes came and went\n", count);
    if (getpid() != 1 || count <= WARM_UP) {
        return 0; /* elsewhere others use memory */
    }
    holdings_look(&after);
    return holdings_compare("churn", &before, &after);
}
