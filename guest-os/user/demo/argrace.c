/* argrace: a second thread changes an argument while a system call looks at it. The kernel copies
 * first and checks the copy, so there is no moment in which the check and the use differ.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "user/demo/show.h"

#define STRANGER    1000u
#define TRIES       4000
#define STACK_BYTES 16384
#define GOOD_FILE   "/tmp/argrace.open"
#define BAD_FILE    "/tmp/argrace.shut" /* of the same length: one byte stream becomes the other */

static char stack[STACK_BYTES] __attribute__((aligned(16)));
static volatile char path[sizeof(GOOD_FILE)];

static void put_path(const char *from)
{
    for (size_t i = 0; i < sizeof(GOOD_FILE); i++) {
        path[i] = from[i];
    }
}

/* The malicious thread: turns the permitted name into the other one and back, for ever. */
static int change(void *argument)
{
    (void)argument;
    do {
        put_path(BAD_FILE);
        put_path(GOOD_FILE);
    } while (path[0] != '\0'); /* it is ended from outside */
    return 0;
}

static void make(const char *name, const char *words, uint32_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);

    write(fd, words, strlen(words));
    close(fd);
}

/* Each open gives the good file, or is refused; count what happens. */
static int attack(void)
{
    int opened = 0, refused = 0, absent = 0, pid;
    char text[8] = "";
    bool leaked = false;

    put_path(GOOD_FILE);
    pid = clone(change, stack + STACK_BYTES, CLONE_VM | SIGCHLD, NULL);
    for (int i = 0; i < TRIES; i++) {
        int fd = open((const char *)(uintptr_t)path, O_RDONLY);

        if (fd >= 0) {
            leaked = read(fd, text, sizeof(text)) < 1 || text[0] != 'g' || leaked;
            close(fd);
            opened++;
        } else {
            refused += errno == EACCES;
            absent += errno == ENOENT; /* a name half changed */
        }
        if (i % 64 == 0) {
            sched_yield(); /* let the other one get further */
        }
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    printf("  %d calls: %d opened the permitted file, %d refused, %d found no such file\n", TRIES,
           opened, refused, absent);
    show_check(!leaked, "whatever was opened was the permitted file");
    show_check(opened + refused + absent == TRIES, "every call had one of these three ends");
    return show_failures;
}

int main(void)
{
    int status = 0, pid;

    show_title("argrace", "B11", "an argument changes while the kernel works on it",
               "system call arrows: translate, copy, then check the copy");
    make(GOOD_FILE, "good", 0644);
    make(BAD_FILE, "secret", 0600);
    pid = fork();
    if (pid == 0) {
        setuid(STRANGER); /* root could read both */
        _exit(attack());
    }
    waitpid(pid, &status, 0);
    show_failures += status != 0;
    unlink(GOOD_FILE);
    unlink(BAD_FILE);
    return show_end("argrace");
}
