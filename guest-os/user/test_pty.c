/* test_pty: checks pseudo terminals: names, the lock, both directions, job control, size, hanging
 * up and the end. Runs on a Linux host too, with the same results. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "user/check.h"

static void check_error(int result, int error, const char *words)
{
    check(result == -1 && errno == error, words);
}

static int new_master(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    check(master >= 0, "/dev/ptmx can be opened");
    check(grantpt(master) == 0 && unlockpt(master) == 0, "the terminal is given away and unlocked");
    return master;
}

static int open_terminal(int master)
{
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);

    check(terminal >= 0, "the terminal can be opened");
    return terminal;
}

/* What poll finds at once. */
static unsigned polled(int fd)
{
    struct pollfd entry = {fd, POLLIN | POLLOUT, 0};

    poll(&entry, 1, 0);
    return (unsigned)entry.revents;
}

/* Does exactly `text` come out of `fd`? */
static bool gives(int fd, const char *text)
{
    char buffer[64];
    size_t length = strlen(text), done = 0;

    while (done < length) {
        int count = (int)read(fd, buffer + done, length - done);

        if (count <= 0) {
            return false;
        }
        done += (size_t)count;
    }
    return memcmp(buffer, text, length) == 0;
}

static bool type(int master, const char *text)
{
    return write(master, text, strlen(text)) == (int)strlen(text);
}

static void test_names(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), other, terminal;
    char path[64];

    strcpy(path, ptsname(master));
    check(strncmp(path, "/dev/pts/", 9) == 0, "its name is in /dev/pts");
    check(access(path, W_OK) == 0, "and is there");
    check_error(open(path, O_RDWR | O_NOCTTY), EIO, "locked it can not be opened: EIO");
    check(unlockpt(master) == 0, "unlockpt");
    terminal = open(path, O_RDWR | O_NOCTTY);
    check(terminal >= 0 && isatty(terminal), "the other end is a terminal");
    check(strcmp(ttyname(terminal), path) == 0, "of this name");
    other = new_master();
    check(strcmp(ptsname(other), path) != 0, "a second one has another name");
    close(other);
    close(terminal);
    close(master);
    check_error(access(path, F_OK), ENOENT, "with the master the name goes");
    check(ptsname(STDIN_FILENO) == NULL, "standard input is no master");
}

static void test_both_ways(void)
{
    int master = new_master(), terminal = open_terminal(master), count = 0;
    struct termios settings;
    char buffer[16];

    check(polled(master) == POLLOUT, "at first the master can only be written to");
    check(polled(terminal) == POLLOUT, "and so can the terminal");
    check(write(terminal, "a\n", 2) == 2 && gives(master, "a\r\n"), "output, with ONLCR");
    check(type(master, "xz\177y"), "typing half a line");
    check(gives(master, "xz\b \by"), "gives the echo");
    check(polled(terminal) == POLLOUT, "but no input yet");
    check(type(master, "\r") && gives(master, "\r\n"), "its end is echoed");
    check(polled(terminal) == (POLLIN | POLLOUT), "and hands it over");
    check(ioctl(terminal, FIONREAD, &count) == 0 && count == 3, "with its length");
    check(gives(terminal, "xy\n"), "corrected");
    check(type(master, "\4"), "an end of file");
    check(read(terminal, buffer, sizeof(buffer)) == 0, "is read as such");
    tcgetattr(terminal, &settings);
    settings.c_lflag &= ~(0u | ICANON | ECHO);
    check(tcsetattr(master, TCSADRAIN, &settings) == 0, "the master sets the terminal, too");
    check(type(master, "q") && gives(terminal, "q"), "raw: every character at once");
    fcntl(master, F_SETFL, O_NONBLOCK);
    check_error((int)read(master, buffer, 1), EAGAIN, "and no echo");
    close(terminal);
    close(master);
}

static int answer_to;

static void on_resize(int signal)
{
    (void)signal;
    write(answer_to, "w", 1);
}

/* A session of its own on the terminal: reports by what it writes there. */
_Noreturn static void in_session(int master, int answers)
{
    int terminal;

    answer_to = answers;
    setsid();
    signal(SIGWINCH, on_resize);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    terminal = open(ptsname(master), O_RDWR);
    close(master);
    if (tcgetpgrp(terminal) != getpid() || open("/dev/tty", O_RDWR) < 0) {
        exit(1);
    }
    write(answers, "r", 1);
    for (;;) {
        pause();
    }
}

/* The session's pid, once it is there; `answers` is a pipe. */
static int start_session(int master, int answers[2])
{
    int pid;
    char c = 0;

    pipe(answers);
    pid = fork();
    if (pid == 0) {
        in_session(master, answers[1]);
    }
    close(answers[1]);
    check(read(answers[0], &c, 1) == 1 && c == 'r', "a session takes it as its terminal");
    return pid;
}

static void test_jobs(void)
{
    int master = new_master(), status = 0, answers[2], pid = start_session(master, answers);
    struct winsize size = {33, 101, 0, 0}, read_back = {0, 0, 0, 0};
    int group = 0;
    char c = 0;

    check(ioctl(master, TIOCGPGRP, &group) == 0 && group == pid, "the master knows the foreground");
    check(ioctl(master, TIOCSWINSZ, &size) == 0, "the master sets the size");
    check(read(answers[0], &c, 1) == 1 && c == 'w', "SIGWINCH tells the foreground");
    check(ioctl(master, TIOCGWINSZ, &read_back) == 0 && read_back.ws_row == 33 &&
              read_back.ws_col == 101,
          "the size is kept");
    check(type(master, "\3"), "Ctrl-C");
    check(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT,
          "ends the foreground with SIGINT");
    close(answers[0]);
    close(master);
}

static void test_hang_up(void)
{
    int master = new_master(), terminal = open_terminal(master), status = 0, answers[2];
    int pid = start_session(master, answers);
    char path[64], c;

    strcpy(path, ptsname(master));
    type(master, "unread\n");
    close(master);
    check(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP,
          "closing the master sends SIGHUP to the session");
    check(read(terminal, &c, 1) == 0, "the terminal is at its end");
    check_error((int)write(terminal, "x", 1), EIO, "and can not be written to: EIO");
    check_error(ioctl(terminal, TIOCSWINSZ, &(struct winsize){1, 1, 0, 0}), EIO, "nor set: EIO");
    check((polled(terminal) & (POLLIN | POLLHUP)) == (POLLIN | POLLHUP), "poll: POLLHUP");
    close(answers[0]);
    close(terminal);
}

static void test_end(void)
{
    int master = new_master(), terminal = open_terminal(master);
    char c;

    write(terminal, "last", 4);
    close(terminal);
    check((polled(master) & (POLLIN | POLLHUP)) == (POLLIN | POLLHUP), "closed, with output left");
    check(gives(master, "last"), "which can be read");
    check_error((int)read(master, &c, 1), EIO, "then EIO");
    check((polled(master) & (POLLIN | POLLHUP)) == POLLHUP, "poll: POLLHUP alone");
    terminal = open_terminal(master);
    check(polled(master) == POLLOUT, "opened again, it goes on");
    check(type(master, "k\n") && gives(terminal, "k\n"), "as before");
    close(master);
    close(terminal);
}

/* More than any buffer holds, in both directions. */
static void test_much(void)
{
    int master = new_master(), terminal = open_terminal(master), sum = 0, count, status = -1;
    char buffer[100];
    int pid = fork();

    if (pid == 0) {
        close(master);
        memset(buffer, 'm', sizeof(buffer));
        for (int i = 0; i < 300; i++) {
            if (write(terminal, buffer, sizeof(buffer)) != sizeof(buffer)) {
                exit(1);
            }
        }
        exit(0);
    }
    close(terminal);
    while ((count = (int)read(master, buffer, sizeof(buffer))) > 0) {
        sum += count;
    }
    check(sum == 30000, "all that was written arrives, then the end");
    waitpid(pid, &status, 0);
    check(status == 0, "and the writer saw no error");
    close(master);
}

int main(void)
{
    signal(SIGHUP, SIG_IGN);
    test_names();
    test_both_ways();
    test_jobs();
    test_hang_up();
    test_end();
    test_much();
    return check_summary("test_pty", 6);
}
