/* waitdemo: what waitpid tells, a line for each macro. SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/wait.h>

#include "user/demo/show.h"

static int start(void (*what)(void))
{
    int pid = fork();

    if (pid == 0) {
        what();
        _exit(0);
    }
    return pid;
}

static void end_with_7(void)
{
    _exit(7);
}

static void end_with_too_much(void)
{
    _exit(0x1207);
}

static void wait_for_signal(void)
{
    for (;;) {
        pause();
    }
}

static void stop_oneself(void)
{
    raise(SIGSTOP);
    _exit(9);
}

static void show_status(const char *words, int status)
{
    printf("  %-28s %04x: WIFEXITED %d", words, (uint32_t)status, WIFEXITED(status));
    if (WIFEXITED(status)) {
        printf(", WEXITSTATUS %d", WEXITSTATUS(status));
    }
    printf(", WIFSIGNALED %d", WIFSIGNALED(status));
    if (WIFSIGNALED(status)) {
        printf(", WTERMSIG %d", WTERMSIG(status));
    }
    printf(", WIFSTOPPED %d", WIFSTOPPED(status));
    if (WIFSTOPPED(status)) {
        printf(", WSTOPSIG %d", WSTOPSIG(status));
    }
    puts("");
}

static void show_ends(void)
{
    int status, pid = start(end_with_7);

    waitpid(pid, &status, 0);
    show_status("exit(7)", status);
    show_check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "it ended by itself, with 7");
    pid = start(end_with_too_much);
    show_check(wait4(-1, &status, 0, NULL) == pid, "wait(&s) is waitpid(-1, &s, 0): any child");
    show_status("exit(0x1207)", status);
    show_check(WEXITSTATUS(status) == 7, "of the status 8 bits are kept");
    pid = start(wait_for_signal);
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    show_status("kill(pid, SIGTERM)", status);
    show_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "a signal ended it");
}

static void show_stop(void)
{
    int status = 0, pid = start(stop_oneself);

    show_check(waitpid(pid, &status, WUNTRACED) == pid, "WUNTRACED tells of stopped children, too");
    show_status("raise(SIGSTOP)", status);
    show_check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "it is stopped, not ended");
    show_check(waitpid(pid, &status, WNOHANG) == 0, "WNOHANG: 0 at once, nothing to tell");
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    show_status("SIGCONT, then exit(9)", status);
    show_check(WIFEXITED(status) && WEXITSTATUS(status) == 9, "it went on and ended");
}

int main(void)
{
    int status;

    show_title("waitdemo", "C13", "children that end, are ended, are stopped",
               "trace: wait4 and its result; ps: T for stopped");
    show_ends();
    show_stop();
    start(end_with_7);
    show_check(waitpid(0, &status, 0) > 0, "pid 0: a child of the own process group");
    show_check(waitpid(-1, &status, 0) < 0 && errno == ECHILD,
               "no children: wait comes back at once, ECHILD");
    return show_end("waitdemo");
}
