/* Jobs: the processes of one pipeline. With job control each job is a process group; the one in the
 * foreground has the terminal. See: POSIX.1-2017, 2.9.3, and setpgid(2), tcsetpgrp(3).
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define MEMBERS       16
#define STATUS_SIGNAL 128 /* + its number: the status of what a signal ended */

struct member {
    int pid;
    int status; /* as waitpid gives it, when `ended` or `stopped` */
    bool ended, stopped;
};

struct job {
    int number; /* %n; 0 while it only ran in the foreground */
    int group;
    int count;
    bool told; /* its state was shown */
    char *source;
    struct member members[MEMBERS];
    struct job *next;
};

static struct job *jobs; /* the newest first */
static struct termios shell_settings;

static bool with_control(void)
{
    return shell.interactive && !shell.is_child;
}

void jobs_start(void)
{
    static const int ignored[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGQUIT, SIGTERM};

    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        signal(ignored[i], SIG_IGN);
    }
    if (getpgrp() != getpid()) {
        setpgid(0, 0);
    }
    tcsetpgrp(STDIN_FILENO, getpgrp());
    tcgetattr(STDIN_FILENO, &shell_settings);
}

void jobs_child(int group, bool foreground)
{
    static const int defaults[] = {SIGINT, SIGTSTP, SIGTTIN, SIGTTOU, SIGQUIT, SIGTERM};

    if (with_control()) {
        setpgid(0, group);
        if (foreground) {
            tcsetpgrp(STDIN_FILENO, getpgrp());
        }
        for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
            signal(defaults[i], SIG_DFL);
        }
    } else if (!foreground) {
        signal(SIGINT, SIG_IGN); /* what runs beside a script does not hear the keyboard */
        signal(SIGQUIT, SIG_IGN);
    }
    shell.is_child = true;
    jobs = NULL;
}

struct job *job_create(const char *source)
{
    struct job *job = calloc(1, sizeof(*job));

    job->source = strdup(source == NULL ? "" : source);
    job->next = jobs;
    jobs = job;
    return job;
}

void job_add(struct job *job, int pid)
{
    if (job->group == 0) {
        job->group = pid;
    }
    if (with_control()) {
        setpgid(pid, job->group); /* the child does it too: who comes first does not matter */
    }
    if (job->count < MEMBERS) {
        job->members[job->count++] = (struct member){.pid = pid};
    }
}

int job_group(const struct job *job)
{
    return job->group;
}

static void job_remove(struct job *job)
{
    struct job **at = &jobs;

    while (*at != job) {
        at = &(*at)->next;
    }
    *at = job->next;
    free(job->source);
    free(job);
}

static bool has_ended(const struct job *job)
{
    for (int i = 0; i < job->count; i++) {
        if (!job->members[i].ended) {
            return false;
        }
    }
    return true;
}

static bool has_stopped(const struct job *job)
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

/* The status of a job is its last member's, as $? shows it. */
static int job_status(const struct job *job)
{
    int status = job->count == 0 ? 0 : job->members[job->count - 1].status;

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

static void show(struct job *job)
{
    int status = job->members[job->count - 1].status;
    char words[40];

    if (has_stopped(job)) {
        strcpy(words, "Stopped");
    } else if (!has_ended(job)) {
        strcpy(words, "Running");
    } else if (WIFSIGNALED(status)) {
        snprintf(words, sizeof(words), "%s", strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) != 0) {
        snprintf(words, sizeof(words), "Exit %d", WEXITSTATUS(status));
    } else {
        strcpy(words, "Done");
    }
    printf("[%d] %-10s %s\n", job->number, words, job->source);
    job->told = true;
}

/* After a job in the foreground ended or stopped: say what is not obvious. */
static void after_foreground(struct job *job)
{
    int status = job->count == 0 ? 0 : job->members[job->count - 1].status;

    if (with_control()) {
        tcsetpgrp(STDIN_FILENO, getpgrp());
        if (has_stopped(job) || WIFSIGNALED(status)) {
            tcsetattr(STDIN_FILENO, TCSADRAIN, &shell_settings);
        } else {
            tcgetattr(STDIN_FILENO, &shell_settings);
        }
    }
    if (has_stopped(job)) {
        give_number(job);
        printf("\n");
        show(job);
        shell.interrupted = 1;
        return;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) {
        if (with_control()) {
            printf("\n"); /* behind the ^C of the terminal */
        }
        shell.interrupted = 1;
    } else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE && !shell.is_child) {
        fprintf(stderr, "%s\n", strsignal(WTERMSIG(status)));
    }
    job_remove(job);
}

int job_wait(struct job *job)
{
    int status, result;

    if (job->count == 0) { /* fork failed */
        job_remove(job);
        return 126;
    }
    while (!has_ended(job) && !has_stopped(job)) {
        int pid = waitpid(-1, &status, with_control() ? WUNTRACED : 0);

        if (pid > 0) {
            note(pid, status);
        } else if (errno != EINTR) {
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
    give_number(job);
    shell.last_background = job->members[job->count - 1].pid;
    job->told = true;
    if (with_control()) {
        printf("[%d] %d\n", job->number, shell.last_background);
    }
}

static void look_at_children(void)
{
    int status, pid;

    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
        note(pid, status);
    }
}

/* The jobs in the order of their numbers; those that ended are forgotten once shown. */
void jobs_notice(bool all)
{
    look_at_children();
    for (int number = 1; number < 100; number++) {
        for (struct job *job = jobs; job != NULL; job = job->next) {
            if (job->number == number) {
                if (all || (!job->told && (has_ended(job) || has_stopped(job)))) {
                    show(job);
                }
                if (has_ended(job) && job->told) {
                    job_remove(job);
                }
                break;
            }
        }
    }
}

/* ---- builtins ---- */

/* "%2", "%%" or nothing: a job; NULL: there is none. */
static struct job *job_named(const char *name)
{
    int number = name != NULL && name[0] == '%' ? atoi(name + 1) : 0;
    struct job *best = NULL;

    for (struct job *job = jobs; job != NULL; job = job->next) {
        if (job->number != 0 && (number == 0 || job->number == number) &&
            (best == NULL || job->number > best->number)) {
            best = job;
        }
    }
    if (best == NULL) {
        fprintf(stderr, "sh: no such job\n");
    }
    return best;
}

static void continue_job(struct job *job)
{
    for (int i = 0; i < job->count; i++) {
        job->members[i].stopped = false;
    }
    kill(-job->group, SIGCONT);
}

int builtin_jobs(char **argv)
{
    (void)argv;
    jobs_notice(true);
    return 0;
}

int builtin_fg(char **argv)
{
    struct job *job = job_named(argv[1]);

    if (job == NULL) {
        return 1;
    }
    printf("%s\n", job->source);
    tcsetpgrp(STDIN_FILENO, job->group);
    continue_job(job);
    return job_wait(job);
}

int builtin_bg(char **argv)
{
    struct job *job = job_named(argv[1]);

    if (job == NULL) {
        return 1;
    }
    printf("[%d] %s &\n", job->number, job->source);
    continue_job(job);
    return 0;
}

/* Wait for one pid, one job, or all in the background. */
int builtin_wait(char **argv)
{
    int wanted = argv[1] != NULL && argv[1][0] != '%' ? atoi(argv[1]) : 0;
    struct job *job = argv[1] != NULL && argv[1][0] == '%' ? job_named(argv[1]) : NULL;
    int result = 0;

    for (struct job *other = jobs; other != NULL && job == NULL && wanted != 0;
         other = other->next) {
        job = other->members[other->count - 1].pid == wanted ? other : NULL;
    }
    if (argv[1] != NULL && job == NULL) {
        return 127;
    }
    for (struct job *other = jobs, *next; other != NULL; other = next) {
        next = other->next;
        if (other->number == 0 || (job != NULL && other != job)) {
            continue;
        }
        while (!has_ended(other) && !has_stopped(other) && !shell.interrupted) {
            int status, pid = waitpid(-1, &status, WUNTRACED);

            if (pid <= 0) {
                break;
            }
            note(pid, status);
        }
        result = job != NULL ? job_status(other) : 0;
        if (has_ended(other) && (job != NULL || !with_control())) {
            job_remove(other);
            next = job != NULL ? NULL : jobs;
        }
    }
    return result;
}

static int kill_one(const char *name, int signal_number)
{
    struct job *job;
    int target = atoi(name);

    if (name[0] == '%') {
        job = job_named(name);
        if (job == NULL) {
            return 1;
        }
        target = with_control() ? -job->group : job->group;
    }
    if (kill(target, signal_number) != 0) {
        fprintf(stderr, "kill: %s: %s\n", name, strerror(errno));
        return 1;
    }
    return 0;
}

int builtin_kill(char **argv)
{
    int signal_number = SIGTERM, result = 0;

    if (argv[1] != NULL && strcmp(argv[1], "-l") == 0) {
        for (int i = 1; signal_name_of(i) != NULL; i++) {
            printf("%2d %-7s%s", i, signal_name_of(i), i % 8 == 0 ? "\n" : " ");
        }
        printf("\n");
        return 0;
    }
    if (argv[1] != NULL && argv[1][0] == '-') {
        signal_number = signal_number_of(argv[1] + 1);
        argv++;
    }
    if (argv[1] == NULL || signal_number < 0) {
        fputs("usage: kill [-SIGNAL] pid or %job ...; kill -l\n", stderr);
        return 2;
    }
    for (argv++; *argv != NULL; argv++) {
        result |= kill_one(*argv, signal_number);
    }
    return result;
}
