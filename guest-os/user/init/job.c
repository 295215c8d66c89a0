/* exec=pipe and exec=terminal: `ringside exec` put a program of the host into /host/.job. It is the
 * only job, and the run ends with its wait status. With exec=pipe it has two serial lines as byte
 * pipes, input and output on the first, errors on the second. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/init/init.h"

#define PROGRAM        "/host/.job/program"
#define ARGUMENTS      "/host/.job/argv"
#define ARGUMENT_BYTES 16384
#define ARGUMENT_LIMIT 512
#define NOT_STARTED    127

/* The arguments, each ended by a null byte; at least a name. */
static char **read_arguments(void)
{
    static char text[ARGUMENT_BYTES + 1];
    static char *arguments[ARGUMENT_LIMIT + 1] = {PROGRAM};
    int fd = open(ARGUMENTS, O_RDONLY | O_CLOEXEC), length = 0, got = 0, count = 0;

    while (fd >= 0 && length < ARGUMENT_BYTES &&
           (got = read(fd, text + length, (size_t)(ARGUMENT_BYTES - length))) > 0) {
        length += got;
    }
    close(fd);
    for (char *at = text; at < text + length && count < ARGUMENT_LIMIT; at += strlen(at) + 1) {
        arguments[count++] = at;
    }
    return arguments;
}

/* The kernel hands on every byte as it is, and the end of input when the other end hangs up. */
static void open_pipe(const char *path, int fd, int other)
{
    int opened = open(path, O_RDWR | O_NOCTTY);

    dup2(opened, fd);
    dup2(opened, other);
    if (opened > STDERR_FILENO) {
        close(opened);
    }
}

static _Noreturn void become_job(bool on_terminal, char **arguments)
{
    char *const environment[] = {"HOME=/root", "PATH=/bin",  "SHELL=/bin/sh",
                                 "USER=root",  "TERM=vt102", NULL};

    if (on_terminal) {
        take_terminal("ttyS0");
    } else {
        setsid();
        open_pipe("/dev/ttyS0", STDIN_FILENO, STDOUT_FILENO);
        open_pipe("/dev/ttyS1", STDERR_FILENO, STDERR_FILENO);
    }
    execve(PROGRAM, arguments, environment);
    fprintf(stderr, "ringside exec: %s: %s\n", arguments[0], strerror(errno));
    exit(errno == ENOENT ? NOT_STARTED : NOT_STARTED - 1);
}

static int start(bool on_terminal, char **arguments)
{
    int pid = fork();

    if (pid != 0) {
        return pid;
    }
    become_job(on_terminal, arguments);
}

_Noreturn void run_job(bool on_terminal)
{
    int pid = start(on_terminal, read_arguments()), status = NOT_STARTED << 8, ended, now;

    do {
        ended = waitpid(-1, &now, 0);
        status = ended == pid ? now : status;
    } while (ended != pid && (ended > 0 || errno == EINTR));
    kill(-1, SIGKILL);
    reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_EXIT,
           (void *)(REBOOT_EXIT_VALUE | (unsigned int)status));
    exit(1);
}
