/* churn [COUNT]: starts that many processes one after the other; each uses some memory, executes
 * this program again and ends. A kernel that lost a page or a PCB with each would not get far.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT 2000
#define BYTES 20000

static char written[BYTES];

static void be_a_child(const char *path)
{
    char *const argv[] = {(char *)(uintptr_t)path, "leaf", NULL};

    memset(written, 1, BYTES);
    execve(path, argv, environ);
    exit(1);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : COUNT;
    int status;

    if (argc > 1 && strcmp(argv[1], "leaf") == 0) {
        memset(malloc(BYTES), 2, BYTES);
        return 3;
    }
    for (int i = 0; i < count; i++) {
        int pid = fork();

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
    return 0;
}
