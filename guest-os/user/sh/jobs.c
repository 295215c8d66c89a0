/* Jobs: the processes of one pipeline. With job control each job is a process group; the one in the
 * foreground has the terminal. See: POSIX.1-2017, 2.9.3, and setpgid(2), tcsetpgrp(3).
 * SPDX-License-Identifier: MIT */
#include "user/sh/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define TERMINAL_FROM 10 /* the shell's own descriptor of the terminal */
#define NUMBERS_MOST  1000

struct job *jobs;
static struct termios shell_settings;

bool jobs_control(void)
{
    return shell.options['m'] && !shell.is_child;
}

void jobs_start(void)
{
    static const int ignored[] = {SIGTSTP, SIGTTIN, SIGTTOU};

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && shell.terminal < 0; fd++) {
        if (isatty(fd)) {
            shell.terminal = fcntl(fd, F_DUPFD_CLOEXEC, TERMINAL_FROM);
        }
    }
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        signal(ignored[i], SIG_IGN);
    }
    if (shell.interactive && getpgrp() != getpid()) {
        setpgid(0, 0);
    }
    if (shell.interactive) {
        tcsetpgrp(shell.terminal, getpgrp());
        tcgetattr(shell.terminal, &shell_settings);
    }
}

void jobs_child(int group, bool foreground)
{
    static const int defaults[] = {SIGINT, SIGTSTP, SIGTTIN, SIGTTOU, SIGQUIT, SIGTERM};

    if (jobs_control()) {
        setpgid(0, group);
        if (foreground) {
            tcsetpgrp(shell.terminal, getpgrp());
        }
        for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
            if (!trap_is_set(defaults[i])) {
                signal(defaults[i], SIG_DFL);
            }
        }
    } else if (!foreground) {
        int null = open("/dev/null", O_RDONLY);

        signal(SIGINT, SIG_IGN); /* what runs beside a script does not hear the keyboard */
        signal(SIGQUIT, SIG_IGN);
        if (null >= 0 && group == 0) {
            dup2(null, STDIN_FILENO);
            close(null);
        }
    }
    shell.is_child = true;
    jobs = NULL;
}

struct job *job_create(const char *source)
{
    struct job *job = calloc(1, sizeof(*job));

    if (job == NULL) {
        fputs("sh: out of memory\n", stderr);
        exit(STATUS_ERROR);
    }
    job->source = strdup(source == NULL ? "" : source);
    job->owned = jobs_control();
    job->next = jobs;
    jobs = job;
    return job;
}

void job_add(struct job *job, int pid)
{
    struct member *members =
        realloc(job->members, ((size_t)job->count + 1) * sizeof(*job->members));

    if (job->group == 0) {
        job->group = pid;
    }
    if (job->owned) {
        setpgid(pid, job->group); /* the child does it too: who comes first does not matter */
    }
    if (members != NULL) {
        job->members = members;
        job->members[job->count++] = (struct member){.pid = pid};
    }
}

int job_group(const struct job *job)
{
    return job->group;
}

void job_remove(struct job *job)
{
    struct job **at = &jobs;

    while (*at != job) {
        at = &(*at)->next;
    }
    *at = job->next;
    free(job->source);
    free(job->members);
    free(job);
}

bool job_has_ended(const struct job *job)
{
    for (int i = 0; i < job->count; i++) {
        if (!job->members[i].ended) {
            return false;
        }
    }
    return true;
}

bool job_has_stopped(const struct job *job)
{
    bool stopped = false;

    for (int i = 0; i < job->count; i++) {
        if (!job->members[i].ended && !job->members[i].stopped) {
            return false;
        }
        stopped = stopped || (!job->members[i].ended && job->members[i].stopped);
    }
    return stopped;
}

static void note(int pid, int status)
{
    for (struct job *job = jobs; job != NULL; job = job->next) {
        for (int i = 0; i < job->count; i++) {
            struct member *member = &job->members[i];

            if (member->pid == pid && !member->ended) {
                member->status = status;
                member->stopped = WIFSTOPPED(status);
                member->ended = !WIFSTOPPED(status) && !WIFCONTINUED(status);
                job->told = false;
            }
        }
    }
}

int jobs_wait_once(int options)
{
    int status, pid = waitpid(-1, &status, options);

    if (pid > 0) {
        note(pid, status);
    }
    return pid;
}

static int last_status(const struct job *job)
{
    return job->count == 0 ? 0 : job->members[job->count - 1].status;
}

int job_status(const struct job *job)
{
    int status = last_status(job);

    if (WIFSTOPPED(status)) {
        return STATUS_SIGNAL + WSTOPSIG(status);
    }
    return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static void give_number(struct job *job)
{
    int most = 0;

    for (const struct job *other = jobs; other != NULL; other = other->next) {
        most = other->number > most ? other->number : most;
    }
    job->number = job->number == 0 ? most + 1 : job->number;
}

static void state_words(const struct job *job, char *words, size_t size)
{
    int status = last_status(job);

    if (job_has_stopped(job)) {
        snprintf(words, size, "Stopped");
    } else if (!job_has_ended(job)) {
        snprintf(words, size, "Running");
    } else if (WIFSIGNALED(status)) {
        snprintf(words, size, "%s", strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) != 0) {
        snprintf(words, size, "Exit %d", WEXITSTATUS(status));
    } else {
        snprintf(words, size, "Done");
    }
}

void job_show(struct job *job, enum show how)
{
    char words[40];

    state_words(job, words, sizeof(words));
    if (how == SHOW_ONLY_PIDS) {
        printf("%d\n", job->group);
        return;
    }
    if (how == SHOW_PIDS) {
        printf("[%d] %d %-10s %s\n", job->number, job->members[0].pid, words, job->source);
        for (int i = 1; i < job->count; i++) {
            printf("    %d\n", job->members[i].pid);
        }
    } else {
        printf("[%d] %-10s %s\n", job->number, words, job->source);
    }
    job->told = true;
}

/* The terminal is the shell's again, and as it was if the job left it in disorder. */
static void take_terminal_back(const struct job *job)
{
    tcsetpgrp(shell.terminal, getpgrp());
    if (job_has_stopped(job) || WIFSIGNALED(last_status(job))) {
        tcsetattr(shell.terminal, TCSADRAIN, &shell_settings);
    } else {
        tcgetattr(shell.terminal, &shell_settings);
    }
}

/* After a job in the foreground ended or stopped: say what is not obvious. */
static void after_foreground(struct job *job)
{
    int status = last_status(job);

    if (jobs_control() && shell.interactive) {
        take_terminal_back(job);
    }
    if (job_has_stopped(job)) {
        give_number(job);
        if (shell.interactive) {
            printf("\n");
            job_show(job, SHOW_PLAIN);
            shell.interrupted = 1;
        }
        return;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) {
        shell.interrupted = jobs_control() && shell.interactive;
        if (shell.interrupted) {
            printf("\n"); /* behind the ^C of the terminal */
        }
    } else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE && !shell.is_child) {
        fprintf(stderr, "%s\n", strsignal(WTERMSIG(status)));
    }
    job_remove(job);
}

int job_wait(struct job *job)
{
    int result;

    if (job->count == 0) { /* fork failed */
        job_remove(job);
        return STATUS_ERROR;
    }
    while (!job_has_ended(job) && !job_has_stopped(job)) {
        if (jobs_wait_once(jobs_control() ? WUNTRACED : 0) < 0 && errno != EINTR) {
            job_remove(job);
            return 127;
        }
    }
    result = job_status(job);
    after_foreground(job);
    return result;
}

void job_to_background(struct job *job)
{
    if (job->count == 0) {
        job_remove(job);
        return;
    }
    give_number(job);
    shell.last_background = job->members[job->count - 1].pid;
    job->told = true;
    if (jobs_control() && shell.interactive) {
        printf("[%d] %d\n", job->number, shell.last_background);
    }
}

void jobs_notice(bool all)
{
    while (jobs_wait_once(WNOHANG | WUNTRACED | WCONTINUED) > 0) {}
    for (int number = 1; number < NUMBERS_MOST; number++) {
        struct job *job = jobs;

        while (job != NULL && job->number != number) {
            job = job->next;
        }
        if (job == NULL) {
            continue;
        }
        if (all || (!job->told && (job_has_ended(job) || job_has_stopped(job)))) {
            job_show(job, SHOW_PLAIN);
        }
        if (job_has_ended(job) && job->told && shell.interactive) {
            job_remove(job);
        }
    }
}
