/* time COMMAND [ARGUMENT...]: how long a command runs: on the clock, in user mode, in the kernel.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *name, clock_t ticks)
{
    fprintf(stderr, "%-5s%d.%02d\n", name, ticks / USER_HZ, ticks % USER_HZ * 100 / USER_HZ);
}

int main(int argc, char **argv)
{
    struct tms before, after;
    clock_t start, end;
    int pid, status;

    if (argc < 2) {
        usage(1, "time COMMAND [ARGUMENT...]");
    }
    start = times(&before);
    pid = fork();
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        warn("%s", argv[1]);
        _exit(errno == ENOENT ? 127 : 126);
    }
    if (pid < 0) {
        err(1, "fork");
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    end = times(&after);
    show("real", end - start);
    show("user", after.tms_cutime - before.tms_cutime);
    show("sys", after.tms_cstime - before.tms_cstime);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
