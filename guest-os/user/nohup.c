/* nohup COMMAND [ARGUMENT...]: runs a command that a hang-up of the terminal does not end; its
 * output goes to nohup.out if it would go to the terminal. SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(125, "nohup COMMAND [ARGUMENT...]");
    }
    if (isatty(STDOUT_FILENO)) {
        int fd = open("nohup.out", O_WRONLY | O_CREAT | O_APPEND, 0600u);

        if (fd < 0) {
            err(125, "nohup.out");
        }
        warnx("output goes to nohup.out");
        dup2(fd, STDOUT_FILENO);
        close(fd);
    }
    if (isatty(STDERR_FILENO)) {
        dup2(STDOUT_FILENO, STDERR_FILENO);
    }
    signal(SIGHUP, SIG_IGN);
    execvp(argv[1], argv + 1);
    warn("%s", argv[1]);
    return errno == ENOENT ? 127 : 126;
}
