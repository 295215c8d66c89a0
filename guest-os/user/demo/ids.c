/* ids [wrap]: the numbers of a process; `wrap`: pids begin anew when the largest is reached.
 * SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "user/process_list.h"

#include "user/demo/show.h"

#define WRAP_MOST       40000 /* as many forks as one can wait for */
#define LARGEST_USUALLY 32768 /* where /proc does not tell */

static int largest_pid(void)
{
    char text[32];

    return read_text("/proc/sys/kernel/pid_max", text, sizeof(text)) > 0 ? atoi(text)
                                                                         : LARGEST_USUALLY;
}

/* Fork until a pid is smaller than the one before. */
static void wrap_around(void)
{
    int before = getpid(), pid = before, count = 0;

    while (pid >= before && count < WRAP_MOST) {
        before = pid;
        pid = fork();
        if (pid == 0) {
            _exit(0);
        }
        if (pid < 0) {
            perror("fork");
            break;
        }
        waitpid(pid, NULL, 0);
        count++;
    }
    printf("  after %d forks: pid %d came behind %d\n", count, pid, before);
    show_check(pid < before && pid > 1, "pids begin anew, and 1 is not given away");
}

int main(int argc, char **argv)
{
    int most = largest_pid(), parent = getpid(), status, pid;

    show_title("ids", "C14", "pid, parent's pid, group, session, and the largest pid",
               "/proc/PID/status; /proc/sys/kernel/pid_max; process view");
    printf("  pid %d, parent %d, group %d, session %d, user %d, largest pid %d\n", getpid(),
           getppid(), getpgrp(), getsid(0), getuid(), most);
    show_check(getpid() > 1 && getpid() < most, "the pid is between 1 and the largest");
    pid = fork();
    if (pid == 0) {
        _exit(getppid() == parent && getpgrp() == getpgid(parent) && getsid(0) == getsid(parent)
                  ? 0
                  : 1);
    }
    waitpid(pid, &status, 0);
    show_check(status == 0, "a child knows its parent's pid, and is in its group and session");
    if (argc > 1 && strcmp(argv[1], "wrap") == 0 && most <= WRAP_MOST) {
        wrap_around();
    }
    return show_end("ids");
}
