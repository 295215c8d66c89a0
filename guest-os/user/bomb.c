/* bomb: a user's processes make more of themselves until fork fails; root can still start programs
 * then, and end them all. Only for the guest, as process 1. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER 1000

/* Every process forks until it no longer can; the first one says why by its exit status. */
static void explode(void)
{
    int first = getpid();

    setresuid(USER, USER, USER);
    while (fork() >= 0) {}
    if (getpid() == first) {
        exit(errno);
    }
    for (;;) {
        pause();
    }
}

int main(void)
{
    int status, first, another, ended = 0;

    if (getpid() != 1) {
        puts("bomb: only as process 1 of the guest (init=/bin/bomb)");
        return 2;
    }
    first = fork();
    if (first == 0) {
        explode();
    }
    while (waitpid(-1, &status, 0) != first) {} /* its children are ours from then on */
    printf("bomb: fork failed: %s\n", WEXITSTATUS(status) == EAGAIN ? "EAGAIN" : "another error");
    another = fork();
    if (another == 0) {
        exit(3);
    }
    if (another < 0 || waitpid(another, &status, 0) != another) {
        puts("bomb: root can not start a process either");
        return 1;
    }
    kill(-1, SIGKILL);
    while (waitpid(-1, &status, 0) > 0) {
        ended++;
    }
    printf("bomb: %d processes at the end of it, all gone, and root could work\n", ended);
    return ended < 100;
}
