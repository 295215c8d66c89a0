/* A program on a terminal. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "user/init/init.h"

/* /dev/console does not become the controlling terminal by being opened, so it is asked for. */
void take_terminal(const char *terminal)
{
    char path[24];
    int fd;

    setsid();
    snprintf(path, sizeof(path), "/dev/%s", terminal);
    fd = open(path, O_RDWR | O_NOCTTY);
    if (fd < 0) {
        printf("init: %s: %s\n", path, strerror(errno));
        exit(127);
    }
    ioctl(fd, TIOCSCTTY, (void *)1);
    for (int i = 0; i <= STDERR_FILENO; i++) {
        dup2(fd, i);
    }
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

int start_on_terminal(const char *terminal, char *const *argv)
{
    int pid = fork();
    sigset_t none;

    if (pid == 0) {
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        take_terminal(terminal);
        execve(argv[0], argv, environ);
        printf("init: %s: %s\n", argv[0], strerror(errno));
        exit(127);
    }
    if (pid < 0) {
        printf("init: fork: %s\n", strerror(errno));
    }
    return pid;
}
