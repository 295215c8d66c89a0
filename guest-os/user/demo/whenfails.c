/* whenfails: can fork fail? can exec? can wait come back at once? SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "user/demo/show.h"

#define FORKS_MOST 400
#define TEXT_FILE  "/tmp/whenfails.txt"

static void try_exec(const char *path, int error, const char *words)
{
    char *argv[] = {(char *)(uintptr_t)path, NULL};

    execve(path, argv, environ);
    printf("  execve(\"%s\") came back: %s\n", path, strerror(errno));
    show_check(errno == error, words);
}

static void show_exec(void)
{
    int fd = open(TEXT_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0755u);

    write(fd, "only words\n", 11);
    close(fd);
    try_exec("/no/such/file", ENOENT, "there is no such file");
    try_exec("/tmp", EACCES, "a directory is no program");
    try_exec(TEXT_FILE, ENOEXEC, "a text is no program (without #!)");
    chmod(TEXT_FILE, 0644);
    try_exec(TEXT_FILE, EACCES, "a file without permission to execute");
    unlink(TEXT_FILE);
}

static void show_wait(void)
{
    int status, pid;

    show_check(waitpid(-1, &status, 0) < 0 && errno == ECHILD, "wait without children: ECHILD");
    pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    while (waitpid(pid, &status, WNOHANG) == 0) {
        sched_yield(); /* until it has ended */
    }
    show_check(status == 0, "wait for a child that has ended already comes back at once");
}

/* Children that wait, until there are no more to be had. */
static void show_fork(void)
{
    static int pids[FORKS_MOST];
    int count = 0, error = 0, collected = 0;

    while (count < FORKS_MOST) {
        pids[count] = fork();
        if (pids[count] == 0) {
            for (;;) {
                pause();
            }
        }
        if (pids[count] < 0) {
            error = errno;
            break;
        }
        count++;
    }
    for (int i = 0; i < count; i++) {
        kill(pids[i], SIGKILL);
        collected += waitpid(pids[i], NULL, 0) == pids[i];
    }
    if (error != 0) {
        printf("  fork failed after %d children: %s\n", count, strerror(error));
        show_check(error == EAGAIN || error == ENOMEM, "no more processes: EAGAIN (or ENOMEM)");
    } else {
        printf("  fork did not fail %d times: this system has room\n", count);
    }
    show_check(collected == count, "all of them were ended and collected");
}

int main(void)
{
    show_title("whenfails", "C10", "calls that fail, and the error each gives",
               "trace: results below 0; process view while it forks");
    show_exec();
    show_wait();
    show_fork();
    return show_end("whenfails");
}
