/* init, process 1: starts the programs, waits for whoever ends and says how. With demo=once on the
 * kernel's command line everything runs to its end, nothing is typed, and the machine is powered
 * off, or the run ends with status 1 if a result was not the expected one. With demo=shell /etc/rc
 * is run and then a shell on the console. Otherwise the counters and the echo run for ever.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS 5
#define ENDS_WELL 0 /* an expected status, as waitpid gives it */

enum when {
    ONCE_ONLY,     /* in demo=once */
    FOR_EVER_ONLY, /* not in demo=once; started again when it ends */
    ALWAYS         /* in both; runs once */
};

struct job {
    enum when when;
    int expected;                /* wait status */
    const char *argv[ARGUMENTS]; /* path, arguments, NULL */
    int pid;                     /* 0: not running */
};

static struct job jobs[] = {
    {ONCE_ONLY, ENDS_WELL, {"/bin/count", "A", "4", "150"}, 0},
    {ONCE_ONLY, ENDS_WELL, {"/bin/count", "B", "4", "150"}, 0},
    {FOR_EVER_ONLY, ENDS_WELL, {"/bin/count", "A", "0", "2000"}, 0},
    {FOR_EVER_ONLY, ENDS_WELL, {"/bin/count", "B", "0", "2000"}, 0},
    {FOR_EVER_ONLY, ENDS_WELL, {"/bin/line"}, 0},
    {ALWAYS, ENDS_WELL, {"/bin/catcher"}, 0},
    {ALWAYS, ENDS_WELL, {"/bin/poker", "the pid of catcher"}, 0},
    {ALWAYS, SIGFPE, {"/bin/divzero"}, 0},
    {ALWAYS, SIGSEGV, {"/bin/cli"}, 0},
    {ONCE_ONLY, ENDS_WELL, {"/bin/test_process"}, 0},
    {ONCE_ONLY, ENDS_WELL, {"/bin/test_signal"}, 0},
};
#define JOBS (sizeof(jobs) / sizeof(jobs[0]))

static int failures; /* results that were not as expected */

/* fork and execve; the new process has SIGUSR1 blocked (see catcher.c). */
static void start(struct job *job)
{
    job->pid = fork();
    if (job->pid == 0) {
        execve(job->argv[0], (char *const *)job->argv, environ);
        printf("init: %s: %s\n", job->argv[0], strerror(errno));
        exit(127);
    }
    if (job->pid < 0) {
        printf("init: fork: %s\n", strerror(errno));
        job->pid = 0;
        failures++;
    }
}

static void start_all(bool once)
{
    static char catcher_pid[12];

    for (size_t i = 0; i < JOBS; i++) {
        struct job *job = &jobs[i];

        if (job->when == (once ? FOR_EVER_ONLY : ONCE_ONLY)) {
            continue;
        }
        if (strcmp(job->argv[0], "/bin/poker") == 0) {
            job->argv[1] = catcher_pid;
        }
        start(job);
        if (strcmp(job->argv[0], "/bin/catcher") == 0) {
            snprintf(catcher_pid, sizeof(catcher_pid), "%d", job->pid);
        }
    }
}

static void report(const char *name, int pid, int status, bool expected)
{
    const char *judgement = expected ? "" : ": NOT as expected";

    if (WIFEXITED(status)) {
        printf("init: %s (process %d) ended with status %d%s\n", name, pid, WEXITSTATUS(status),
               judgement);
    } else {
        printf("init: %s (process %d) was ended by signal %d, %s%s\n", name, pid, WTERMSIG(status),
               strsignal(WTERMSIG(status)), judgement);
    }
}

/* Wait for one child; false when there are none. */
static bool reap_one(bool once)
{
    int status;
    int pid = waitpid(-1, &status, 0);

    if (pid < 0) {
        return errno == EINTR;
    }
    for (size_t i = 0; i < JOBS; i++) {
        struct job *job = &jobs[i];

        if (job->pid == pid) {
            bool expected = status == job->expected || job->when == FOR_EVER_ONLY;

            report(job->argv[0], pid, status, expected);
            failures += !expected;
            job->pid = 0;
            if (!once && job->when == FOR_EVER_ONLY) {
                start(job);
            }
            return true;
        }
    }
    report("an orphan", pid, status, true);
    return true;
}

/* Start a program; `own_session`: as the leader of a session that has the terminal. Its pid. */
static int start_program_for_shell(char *const *argv, bool own_session)
{
    int pid = fork();

    if (pid == 0) {
        if (own_session) {
            setsid();
            ioctl(STDIN_FILENO, TIOCSCTTY, (void *)1);
        }
        execve(argv[0], argv, environ);
        printf("init: %s: %s\n", argv[0], strerror(errno));
        exit(127);
    }
    return pid;
}

/* Reap whoever ends until `pid` has; its wait status. */
static int wait_until(int pid)
{
    int status = 0, ended = 0;

    while (ended != pid && (ended >= 0 || errno == EINTR)) {
        ended = waitpid(-1, &status, 0);
    }
    return status;
}

/* demo=shell: the start-up script, then a shell, and another one when that ends. */
static int serve_shell(void)
{
    char *const rc[] = {"/bin/sh", "/etc/rc", NULL};
    char *const shell[] = {"/bin/sh", NULL};
    int status;

    wait_until(start_program_for_shell(rc, false));
    do {
        status = wait_until(start_program_for_shell(shell, true));
    } while (!WIFEXITED(status) || WEXITSTATUS(status) != 127);
    return 1;
}

int main(void)
{
    const char *demo = getenv("demo");
    bool once = demo != NULL && strcmp(demo, "once") == 0;
    sigset_t set;

    if (demo != NULL && strcmp(demo, "shell") == 0) {
        return serve_shell();
    }
    printf("init: process %d%s\n", getpid(), once ? ", every program once" : "");
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    start_all(once);
    while (reap_one(once)) {}
    if (failures > 0) {
        printf("init: %d results were not as expected\n", failures);
        return 1;
    }
    puts("init: all results are as expected, powering off");
    reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, NULL);
    return 1; /* not reached */
}
