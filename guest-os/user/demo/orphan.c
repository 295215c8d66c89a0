/* orphan: when a parent ends first, init takes the child; its status goes there.
 * SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "user/demo/show.h"

/* The grandchild: who is the parent, before and after it ended? */
static void be_orphan(int parent, int to)
{
    int new_parent;

    while ((new_parent = getppid()) == parent) {
        sched_yield();
    }
    write(to, &new_parent, sizeof(new_parent));
    _exit(5); /* init collects this */
}

int main(void)
{
    int fds[2], middle, new_parent = 0, status;

    show_title("orphan", "C22", "a child whose parent ends before it",
               "pstree before and after; process view: the parent's pid becomes that of init");
    if (pipe(fds) != 0) {
        return 1;
    }
    middle = fork();
    if (middle == 0) {
        int parent = getpid();

        if (fork() == 0) {
            be_orphan(parent, fds[1]);
        }
        _exit(0); /* the parent ends first */
    }
    waitpid(middle, &status, 0);
    read(fds[0], &new_parent, sizeof(new_parent));
    printf("  the parent was %d and ended; now the parent is %d\n", middle, new_parent);
    show_check(new_parent != middle, "the orphan got another parent");
    show_check(new_parent != getpid(), "and that is not its grandparent");
    if (new_parent == 1) {
        puts("  it is process 1, init, which waits for everybody: no zombie stays");
    }
    show_check(waitpid(-1, &status, 0) < 0 && errno == ECHILD,
               "its status, 5, can not be asked for here: not our child");
    return show_end("orphan");
}
