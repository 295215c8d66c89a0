/* script [-c COMMAND] FILE: runs a shell, or a command of it, on a pseudo terminal, and keeps all
 * that appears there in a file. Ends with the command's status. SPDX-License-Identifier: MIT */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int master;
static int ended[2]; /* a pipe: something to read once the shell has ended */

static void copy_size(int signal)
{
    struct winsize size;

    (void)signal;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
        ioctl(master, TIOCSWINSZ, &size);
    }
}

static void note_end(int signal)
{
    (void)signal;
    write(ended[1], "", 1);
}

/* The child: a session on the new terminal. */
static void run(const char *command)
{
    int terminal;

    setsid();
    terminal = open(ptsname(master), O_RDWR);
    if (terminal < 0) {
        err(1, "%s", ptsname(master));
    }
    for (int fd = 0; fd < 3; fd++) {
        dup2(terminal, fd);
    }
    execl("/bin/sh", "sh", command == NULL ? NULL : "-c", command, NULL);
    err(127, "/bin/sh");
}

/* Until nobody has the terminal open any more; or only jobs that the shell left behind. */
static void copy(int file)
{
    struct pollfd entries[3] = {
        {master, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}, {ended[0], POLLIN, 0}};
    char buffer[512];
    int count;

    for (;;) {
        if (poll(entries, 3, -1) < 0) {
            continue; /* a signal */
        }
        if (entries[1].revents != 0) {
            count = (int)read(STDIN_FILENO, buffer, sizeof(buffer));
            if (count <= 0) { /* typed, it would have been this */
                entries[1].fd = -1;
                buffer[0] = 4;
                count = 1;
            }
            write(master, buffer, (size_t)count);
        }
        if (entries[0].revents != 0) {
            count = (int)read(master, buffer, sizeof(buffer));
            if (count <= 0) {
                return;
            }
            write(STDOUT_FILENO, buffer, (size_t)count);
            write(file, buffer, (size_t)count);
        } else if (entries[2].revents != 0) {
            return;
        }
    }
}

int main(int argc, char **argv)
{
    const char *command = argc == 4 && strcmp(argv[1], "-c") == 0 ? argv[2] : NULL;
    struct sigaction on_child = {.sa_handler = note_end, .sa_flags = SA_NOCLDSTOP};
    struct termios settings, raw;
    int file, pid, status = 0;
    int is_terminal = tcgetattr(STDIN_FILENO, &settings) == 0;

    if (argc != (command == NULL ? 2 : 4)) {
        usage(2, "script [-c COMMAND] FILE");
    }
    file = open(argv[argc - 1], O_WRONLY | O_CREAT | O_TRUNC, 0666u);
    master = posix_openpt(O_RDWR | O_NOCTTY);
    if (file < 0 || master < 0 || unlockpt(master) != 0) {
        err(1, "%s", file < 0 ? argv[argc - 1] : "no pseudo terminal");
    }
    copy_size(0);
    pipe2(ended, O_CLOEXEC);
    sigaction(SIGCHLD, &on_child, NULL);
    pid = fork();
    if (pid == 0) {
        run(command);
    }
    if (pid < 0) {
        err(1, "no process");
    }
    if (is_terminal) {
        raw = settings;
        cfmakeraw(&raw);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        signal(SIGWINCH, copy_size);
    }
    copy(file);
    waitpid(pid, &status, 0);
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
