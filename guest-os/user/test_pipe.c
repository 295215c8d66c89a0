/* test_pipe: checks pipes: order, blocking, the end, SIGPIPE, whole writes, poll. Runs on a Linux
 * host too, with the same results. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"

#define WRITERS 4
#define BLOCKS  20
#define BLOCK   1000 /* bytes, less than PIPE_BUF: must stay together */

static volatile int signals; /* that the handler saw */

static void count_signal(int signal_number)
{
    (void)signal_number;
    signals++;
}

static int wait_for(int pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    return status;
}

static void test_one_process(void)
{
    char text[10];
    int fds[2];

    check(pipe(fds) == 0, "pipe");
    check(write(fds[1], "hello", 5) == 5 && read(fds[0], text, 3) == 3 &&
              memcmp(text, "hel", 3) == 0 && read(fds[0], text, 10) == 2,
          "what goes in comes out, in order");
    errno = 0;
    check(lseek(fds[0], 0, SEEK_SET) == -1 && errno == ESPIPE, "no seeking: ESPIPE");
    check(write(fds[0], "x", 1) == -1 && errno == EBADF, "the reading end can not write");
    check(read(fds[1], text, 1) == -1 && errno == EBADF, "the writing end can not read");
    close(fds[1]);
    check(read(fds[0], text, 1) == 0, "without writers: the end");
    close(fds[0]);
    check(pipe((int *)0xFFFFE000u) == -1 && errno == EFAULT, "pipe: EFAULT");
}

static void test_reader_waits(void)
{
    struct timespec moment = {0, 50000000};
    char c = 0;
    int fds[2], pid;

    pipe(fds);
    pid = fork();
    if (pid == 0) {
        nanosleep(&moment, NULL);
        exit(write(fds[1], "w", 1) == 1 ? 0 : 1);
    }
    check(read(fds[0], &c, 1) == 1 && c == 'w', "the reader waits for a writer");
    check(wait_for(pid) == 0, "which writes");
    close(fds[0]);
    close(fds[1]);
}

static void test_writer_waits(void)
{
    static char big[100000];
    int fds[2], pid, sum = 0, got;

    pipe(fds);
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        memset(big, 1, sizeof(big));
        exit(write(fds[1], big, sizeof(big)) == (int)sizeof(big) ? 0 : 1);
    }
    close(fds[1]);
    while ((got = read(fds[0], big, 777)) > 0) {
        for (int i = 0; i < got; i++) {
            sum += big[i];
        }
    }
    check(sum == 100000, "a long write goes through in parts");
    check(wait_for(pid) == 0, "and is one write to the writer");
    close(fds[0]);
}

static void test_broken_pipe(void)
{
    struct sigaction count = {.sa_handler = count_signal}, ignore = {.sa_handler = SIG_IGN}, old;
    int fds[2], pid, status;

    pipe(fds);
    close(fds[0]);
    pid = fork();
    if (pid == 0) {
        write(fds[1], "x", 1);
        exit(0);
    }
    status = wait_for(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE, "writing without readers: SIGPIPE");
    sigaction(SIGPIPE, &count, &old);
    errno = 0;
    check(write(fds[1], "x", 1) == -1 && errno == EPIPE && signals == 1, "caught: EPIPE");
    sigaction(SIGPIPE, &ignore, NULL);
    errno = 0;
    check(write(fds[1], "x", 1) == -1 && errno == EPIPE && signals == 1, "ignored: EPIPE");
    sigaction(SIGPIPE, &old, NULL);
    close(fds[1]);
}

static void test_whole_writes(void)
{
    static char block[BLOCK];
    int fds[2], mixed = 0, blocks = 0, got = 0, more;

    pipe(fds);
    for (int w = 0; w < WRITERS; w++) {
        if (fork() == 0) {
            memset(block, 'A' + w, BLOCK);
            for (int i = 0; i < BLOCKS; i++) {
                write(fds[1], block, BLOCK);
            }
            exit(0);
        }
    }
    close(fds[1]);
    for (;;) {
        for (got = 0; got < BLOCK; got += more) {
            more = read(fds[0], block + got, (size_t)(BLOCK - got));
            if (more <= 0) {
                break;
            }
        }
        if (got < BLOCK) {
            break;
        }
        blocks++;
        for (int i = 1; i < BLOCK; i++) {
            mixed += block[i] != block[0];
        }
    }
    check(blocks == WRITERS * BLOCKS && mixed == 0, "writes up to PIPE_BUF are not mixed");
    for (int w = 0; w < WRITERS; w++) {
        waitpid(-1, NULL, 0);
    }
    close(fds[0]);
}

static void test_nonblocking(void)
{
    static char page[PIPE_BUF];
    char c;
    int fds[2], writes = 0;

    check(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0, "pipe2");
    errno = 0;
    check(read(fds[0], &c, 1) == -1 && errno == EAGAIN, "empty, O_NONBLOCK: EAGAIN");
    while (writes < 100000 && write(fds[1], page, PIPE_BUF) == PIPE_BUF) {
        writes++;
    }
    check(writes >= 1 && writes < 100000 && errno == EAGAIN, "full, O_NONBLOCK: EAGAIN");
    check(fcntl(fds[0], F_GETFD, 0) == FD_CLOEXEC, "O_CLOEXEC");
    close(fds[0]);
    close(fds[1]);
    errno = 0;
    check(pipe2(fds, 0x7) == -1 && errno == EINVAL, "pipe2: EINVAL");
}

static void test_poll(void)
{
    struct timespec moment = {0, 30000000};
    struct pollfd entries[2];
    int fds[2], pid;
    char c;

    pipe(fds);
    entries[0] = (struct pollfd){fds[0], POLLIN, 0};
    entries[1] = (struct pollfd){fds[1], POLLOUT, 0};
    check(poll(entries, 2, 0) == 1 && entries[0].revents == 0 && entries[1].revents == POLLOUT,
          "poll: there is room, and nothing to read");
    check(poll(entries, 1, 20) == 0, "poll: the time is over");
    pid = fork();
    if (pid == 0) {
        nanosleep(&moment, NULL);
        write(fds[1], "p", 1);
        exit(0);
    }
    check(poll(entries, 1, -1) == 1 && entries[0].revents == POLLIN, "poll waits for a byte");
    read(fds[0], &c, 1);
    wait_for(pid);
    close(fds[1]);
    check(poll(entries, 1, -1) == 1 && entries[0].revents == POLLHUP, "poll: no writers");
    entries[0].fd = fds[1];
    check(poll(entries, 1, -1) == 1 && entries[0].revents == POLLNVAL, "poll: closed");
    close(fds[0]);
}

static void test_interrupted_read(void)
{
    struct sigaction plain = {.sa_handler = count_signal};
    struct sigaction again = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
    struct timespec moment = {0, 50000000};
    int fds[2], pid, parent = getpid();
    char c = 0;

    pipe(fds);
    for (int round = 0; round < 2; round++) {
        sigaction(SIGUSR1, round == 0 ? &plain : &again, NULL);
        signals = 0;
        pid = fork();
        if (pid == 0) {
            nanosleep(&moment, NULL);
            kill(parent, SIGUSR1);
            nanosleep(&moment, NULL);
            write(fds[1], "r", 1);
            exit(0);
        }
        errno = 0;
        if (round == 0) {
            check(read(fds[0], &c, 1) == -1 && errno == EINTR, "a signal interrupts read: EINTR");
        }
        check(read(fds[0], &c, 1) == 1 && c == 'r' && signals == 1, "with SA_RESTART it goes on");
        wait_for(pid);
    }
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    sigset_t set;

    sigemptyset(&set); /* init may have blocked some */
    sigprocmask(SIG_SETMASK, &set, NULL);
    test_one_process();
    test_reader_waits();
    test_writer_waits();
    test_broken_pipe();
    test_whole_writes();
    test_nonblocking();
    test_poll();
    test_interrupted_read();
    return check_summary("test_pipe", 8);
}
