/* Pipes, FIFOs, poll, select, and descriptors in general. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int events(int fd, short wanted)
{
    struct pollfd one = {.fd = fd, .events = wanted};

    poll(&one, 1, 0);
    return one.revents;
}

static int readable(int fd)
{
    struct timeval none = {0, 0};
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    return select(fd + 1, &set, NULL, NULL, &none);
}

static void fifo(void)
{
    char text[8] = "";
    int fd;

    unlink("/tmp/foreign-fifo");
    printf("mkfifo %d\n", mkfifo("/tmp/foreign-fifo", 0600));
    if (fork() == 0) {
        fd = open("/tmp/foreign-fifo", O_WRONLY);
        write(fd, "fifo", 4);
        _exit(0);
    }
    fd = open("/tmp/foreign-fifo", O_RDONLY);
    printf("read %d", (int)read(fd, text, sizeof(text) - 1));
    printf(" %s, then %d\n", text, (int)read(fd, text, sizeof(text) - 1));
    wait(NULL);
    unlink("/tmp/foreign-fifo");
}

int main(void)
{
    int fds[2], copy, total = 0;
    char buffer[4096] = "", a[3] = "", b[6] = "";
    struct iovec parts[2] = {{a, 2}, {b, 5}};

    setvbuf(stdout, NULL, _IONBF, 0);
    printf("pipe %d\n", pipe2(fds, O_NONBLOCK));
    printf("empty: read %d %m, poll %x, select %d\n", (int)read(fds[0], buffer, 1),
           events(fds[0], POLLIN), readable(fds[0]));
    write(fds[1], "abcdefg", 7);
    printf("full: poll %x %x, select %d\n", events(fds[0], POLLIN), events(fds[1], POLLOUT),
           readable(fds[0]));
    printf("readv %d %s %s\n", (int)readv(fds[0], parts, 2), a, b);
    while (write(fds[1], buffer, sizeof(buffer)) > 0) {
        total += (int)sizeof(buffer);
    }
    printf("holds %d bytes, then %m; poll %x\n", total, events(fds[1], POLLOUT));
    copy = fcntl(fds[1], F_DUPFD_CLOEXEC, 50);
    printf("copy %d flags %d status %x\n", copy, fcntl(copy, F_GETFD),
           (unsigned int)fcntl(copy, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
    close(fds[1]);
    close(copy);
    while (read(fds[0], buffer, sizeof(buffer)) > 0) {}
    printf("no writer: read %d, poll %x\n", (int)read(fds[0], buffer, 1), events(fds[0], POLLIN));
    pipe(fds);
    close(fds[0]);
    signal(SIGPIPE, SIG_IGN);
    printf("no reader: write %d %m, poll %x\n", (int)write(fds[1], "x", 1),
           events(fds[1], POLLOUT));
    printf("closed: poll %x, %d %m\n", events(99, POLLIN), (int)write(99, "x", 1));
    printf("lseek %d %m\n", (int)lseek(fds[1], 0, SEEK_CUR));
    printf("dup2 %d %d\n", dup2(fds[1], 20), dup2(98, 20));
    fifo();
    return 0;
}
