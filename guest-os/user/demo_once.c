/* demo_once: starts small programs, waits for whoever ends and says how. With demo=once on the
 * kernel's command line every program runs to its end, nothing is typed, and the machine is powered
 * off, or the run ends with status 1 if a result was not the expected one. With demo=counters two
 * counters and an echo run for ever. It is process 1: /bin/init becomes it.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(void)
{
    const char *demo = getenv("demo");
    bool once = demo != NULL && strcmp(demo, "once") == 0;
    sigset_t set;

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
