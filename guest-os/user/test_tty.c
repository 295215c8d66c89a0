/* test_tty: checks sessions, groups, the foreground and the terminal's settings; needs a terminal
 * as standard input that nobody types on. Runs on a Linux host too. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "user/check.h"

static void check_error(int result, int error, const char *words)
{
    check(result == -1 && errno == error, words);
}

/* Run `act` in a child that is alone in a group in the background; its wait status when it stops or
 * ends. A stopped child is ended. */
static int in_background(int (*act)(void))
{
    int status = -1, pid = fork();

    if (pid == 0) {
        setpgid(0, 0);
        exit(act());
    }
    setpgid(pid, pid);
    waitpid(pid, &status, WUNTRACED);
    if (WIFSTOPPED(status)) {
        kill(-pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    return status;
}

static int act_read(void)
{
    char c;

    return read(STDIN_FILENO, &c, 1) == -1 ? errno : 0;
}

static int act_read_ignoring(void)
{
    signal(SIGTTIN, SIG_IGN);
    return act_read();
}

static int act_set(void)
{
    struct termios settings;

    tcgetattr(STDIN_FILENO, &settings);
    return tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 ? 0 : errno;
}

static int act_set_ignoring(void)
{
    signal(SIGTTOU, SIG_IGN);
    return act_set();
}

static int act_foreground_ignoring(void)
{
    int parent = getpgid(getppid());

    signal(SIGTTOU, SIG_IGN);
    if (tcsetpgrp(STDIN_FILENO, getpgrp()) != 0 || tcgetpgrp(STDIN_FILENO) != getpgrp()) {
        return 1;
    }
    return tcsetpgrp(STDIN_FILENO, parent) == 0 ? 0 : 2;
}

static int act_write(void)
{
    return write(STDOUT_FILENO, "", 0) == 0 && write(STDOUT_FILENO, "\r", 1) == 1 ? 0 : errno;
}

static int act_flush(void)
{
    return ioctl(STDIN_FILENO, TCFLSH, (void *)TCIFLUSH) == 0 ? 0 : errno;
}

static int act_take_foreground(void)
{
    return tcsetpgrp(STDIN_FILENO, getpgrp()) == 0 ? 0 : errno;
}

/* In a group that nobody could continue: the one between has ended. */
static int act_read_orphaned(void)
{
    int ends[2], result = -1, pid;

    pipe(ends);
    pid = fork();
    if (pid == 0) {
        int parent = getpid();

        setpgid(0, 0);
        if (fork() == 0) {
            struct timespec moment = {0, 10000000};

            while (getppid() == parent) {
                nanosleep(&moment, NULL);
            }
            result = act_read();
            write(ends[1], &result, sizeof(result));
        }
        exit(0);
    }
    waitpid(pid, NULL, 0);
    close(ends[1]);
    read(ends[0], &result, sizeof(result));
    close(ends[0]);
    return result;
}

static int act_stop_itself(void)
{
    raise(SIGTSTP);
    return 0;
}

static int act_new_session(void)
{
    int fd;

    if (setsid() != -1 || errno != EPERM) {
        return 1; /* a leader of a group can not */
    }
    if (fork() == 0) {
        int group;
        bool good = setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid();

        good = good && ioctl(STDIN_FILENO, TIOCGPGRP, &group) == -1 && errno == ENOTTY;
        fd = open("/dev/tty", O_RDWR);
        exit(good && fd == -1 && errno == ENXIO ? 0 : 1);
    }
    wait4(-1, &fd, 0, NULL);
    return WEXITSTATUS(fd);
}

static void test_background(void)
{
    int status = in_background(act_read);

    check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN, "reading in the background: SIGTTIN");
    status = in_background(act_read_ignoring);
    check(WIFEXITED(status) && WEXITSTATUS(status) == EIO, "with SIGTTIN ignored: EIO");
    status = in_background(act_set);
    check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU, "settings in the background: SIGTTOU");
    check(in_background(act_set_ignoring) == 0, "with SIGTTOU ignored they are set");
    check(in_background(act_foreground_ignoring) == 0, "a group can take the foreground");
    status = in_background(act_flush);
    check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU, "TCFLSH in the background: SIGTTOU");
    status = in_background(act_take_foreground);
    check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU, "tcsetpgrp there: SIGTTOU");
    check(act_read_orphaned() == EIO, "reading in an orphaned group: EIO");
    status = in_background(act_stop_itself);
    check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP, "SIGTSTP stops");
}

static void test_groups(void)
{
    struct timespec moment = {0, 20000000};
    int pid, other;

    check_error(setpgid(0, -1), EINVAL, "setpgid: EINVAL");
    check_error(setpgid(999999, 0), ESRCH, "setpgid of nobody: ESRCH");
    check_error(getpgid(999999), ESRCH, "getpgid: ESRCH");
    check(getpgid(0) == getpgrp() && getsid(0) == getsid(getpid()), "0 stands for oneself");
    pid = fork();
    if (pid == 0) {
        for (;;) {
            nanosleep(&moment, NULL);
        }
    }
    check_error(setpgid(pid, 999999), EPERM, "a group that is not there: EPERM");
    check(setpgid(pid, pid) == 0 && getpgid(pid) == pid, "a child into a group of its own");
    other = fork();
    if (other == 0) {
        setpgid(0, pid);
        for (;;) {
            nanosleep(&moment, NULL);
        }
    }
    while (getpgid(other) != pid) {
        nanosleep(&moment, NULL);
    }
    check(kill(-pid, SIGTERM) == 0, "a signal to the group");
    check(waitpid(-pid, NULL, 0) > 0 && waitpid(-pid, NULL, 0) > 0, "reaches all; waitpid(-group)");
    check_error(waitpid(-pid, NULL, 0), ECHILD, "and nobody is left");
    check(in_background(act_new_session) == 0, "setsid: a new session has no terminal");
}

static void test_settings(void)
{
    struct termios before, raw, now;
    struct winsize size;

    check(tcgetattr(STDIN_FILENO, &before) == 0 && (before.c_lflag & ICANON) &&
              (before.c_lflag & ECHO) && (before.c_lflag & ISIG) && before.c_cc[VINTR] == 3,
          "the settings at the start");
    raw = before;
    raw.c_lflag &= ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 1;
    check(tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0 && tcgetattr(STDIN_FILENO, &now) == 0 &&
              memcmp(&raw, &now, sizeof(now)) == 0,
          "settings are kept");
    check(read(STDIN_FILENO, &now, 1) == 0, "VMIN 0: the time is over");
    check(tcsetattr(STDIN_FILENO, TCSANOW, &before) == 0, "as before");
    check(ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0, "it has a size");
    check_error(ioctl(STDIN_FILENO, 0x54FF, &size), ENOTTY, "unknown request: ENOTTY");
    check_error(tcgetattr(99, &now), EBADF, "no such descriptor: EBADF");
}

static void test_tostop(void)
{
    struct termios before, stops;
    int status;

    tcgetattr(STDIN_FILENO, &before);
    check(in_background(act_write) == 0, "the background may write");
    stops = before;
    stops.c_lflag |= TOSTOP;
    tcsetattr(STDIN_FILENO, TCSANOW, &stops);
    status = in_background(act_write);
    check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU, "TOSTOP: not any more");
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static volatile int size_changes;

static void on_size_change(int signal_number)
{
    (void)signal_number;
    size_changes++;
}

static void test_size(void)
{
    struct winsize before, other, now;

    signal(SIGWINCH, on_size_change);
    ioctl(STDIN_FILENO, TIOCGWINSZ, &before);
    other = (struct winsize){(uint16_t)(before.ws_row + 1), 81, 7, 9};
    check(ioctl(STDIN_FILENO, TIOCSWINSZ, &other) == 0 &&
              ioctl(STDIN_FILENO, TIOCGWINSZ, &now) == 0 && memcmp(&now, &other, sizeof(now)) == 0,
          "the size is kept");
    check(size_changes == 1, "SIGWINCH for the foreground");
    ioctl(STDIN_FILENO, TIOCSWINSZ, &other);
    check(size_changes == 1, "the same size again: no signal");
    ioctl(STDIN_FILENO, TIOCSWINSZ, &before);
    signal(SIGWINCH, SIG_DFL);
}

static uint32_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_sec * 1000 + (uint32_t)now.tv_nsec / 1000000;
}

static void test_waiting(void)
{
    struct termios before, raw;
    struct pollfd ask = {.fd = STDIN_FILENO, .events = POLLIN | POLLOUT};
    uint32_t start;
    int count = -1, fd;
    char c;

    fd = open("/dev/tty", O_RDWR | O_NONBLOCK);
    check_error(read(fd, &c, 1), EAGAIN, "no line, O_NONBLOCK: EAGAIN");
    check(poll(&ask, 1, 0) == 1 && ask.revents == POLLOUT,
          "poll: output is possible, input is not");
    check(ioctl(fd, FIONREAD, &count) == 0 && count == 0, "FIONREAD: nothing");
    tcgetattr(STDIN_FILENO, &before);
    raw = before;
    raw.c_lflag &= ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    check(read(fd, &c, 1) == 0, "VMIN 0, VTIME 0: nothing at once, even with O_NONBLOCK");
    raw.c_cc[VTIME] = 2;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    start = milliseconds();
    check(read(STDIN_FILENO, &c, 1) == 0 && milliseconds() - start >= 190, "VTIME 2: 0.2 seconds");
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    close(fd);
}

static void test_errors(void)
{
    int group = -5;

    check_error(ioctl(STDIN_FILENO, TCFLSH, (void *)7), EINVAL, "TCFLSH: EINVAL");
    check_error(ioctl(STDIN_FILENO, TCXONC, (void *)7), EINVAL, "TCXONC: EINVAL");
    check_error(ioctl(STDIN_FILENO, TIOCSPGRP, &group), EINVAL, "a negative group: EINVAL");
    check_error(tcsetpgrp(STDIN_FILENO, 999999), ESRCH, "nobody's group: ESRCH");
    check_error(tcsetpgrp(STDIN_FILENO, 1), EPERM, "a group of another session: EPERM");
    check_error(ioctl(STDIN_FILENO, TCGETS, (void *)1), EFAULT, "TCGETS: EFAULT");
    check_error(ioctl(STDIN_FILENO, TCSETS, (void *)1), EFAULT, "TCSETS: EFAULT");
}

int main(void)
{
    if (!isatty(STDIN_FILENO)) {
        puts("test_tty: standard input is no terminal");
        return 2;
    }
    test_settings();
    test_groups();
    test_background();
    test_tostop();
    test_size();
    test_waiting();
    test_errors();
    return check_summary("test_tty", 7);
}
