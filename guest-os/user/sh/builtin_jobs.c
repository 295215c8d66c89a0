/* jobs, fg, bg, wait, kill. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "user/sh/jobs.h"
#include "user/sh/sh.h"

#define NUMBERS_MOST 1000

/* The newest numbered job but `except`; stopped ones come first. */
static struct job *current_job(const struct job *except)
{
    struct job *best = NULL;

    for (struct job *job = jobs; job != NULL; job = job->next) {
        if (job->number == 0 || job == except) {
            continue;
        }
        if (best == NULL || (job_has_stopped(job) && !job_has_stopped(best)) ||
            (job_has_stopped(job) == job_has_stopped(best) && job->number > best->number)) {
            best = job;
        }
    }
    return best;
}

static struct job *find_job(const char *name)
{
    if (name == NULL || strcmp(name, "%") == 0 || strcmp(name, "%%") == 0 ||
        strcmp(name, "%+") == 0) {
        return current_job(NULL);
    }
    if (strcmp(name, "%-") == 0) {
        return current_job(current_job(NULL));
    }
    for (struct job *job = jobs; job != NULL; job = job->next) {
        const char *words = name + 1;

        if (name[0] != '%' || job->number == 0) {
            continue;
        }
        if (isdigit(*words)        ? job->number == atoi(words)
            : *words == '?'        ? strstr(job->source, words + 1) != NULL
            : *job->source != '\0' ? strncmp(job->source, words, strlen(words)) == 0
                                   : false) {
            return job;
        }
    }
    return NULL;
}

/* "%2", "%%", "%name" or nothing: a job; NULL: there is none. */
static struct job *job_named(const char *name)
{
    struct job *job = find_job(name);

    if (job == NULL) {
        fprintf(stderr, "sh: no such job%s%s\n", name == NULL ? "" : ": ",
                name == NULL ? "" : name);
    }
    return job;
}

int builtin_jobs(char **argv)
{
    enum show how = SHOW_PLAIN;

    for (argv++; *argv != NULL && argv[0][0] == '-'; argv++) {
        how = argv[0][1] == 'l' ? SHOW_PIDS : argv[0][1] == 'p' ? SHOW_ONLY_PIDS : SHOW_PLAIN;
    }
    while (jobs_wait_once(WNOHANG | WUNTRACED | WCONTINUED) > 0) {}
    if (*argv != NULL) {
        struct job *job = job_named(*argv);

        if (job != NULL) {
            job_show(job, how);
        }
        return job == NULL;
    }
    for (int number = 1; number < NUMBERS_MOST; number++) {
        for (struct job *job = jobs; job != NULL; job = job->next) {
            if (job->number == number) {
                job_show(job, how);
                if (job_has_ended(job) && how != SHOW_ONLY_PIDS) {
                    job_remove(job);
                }
                break;
            }
        }
    }
    return 0;
}

static void continue_job(struct job *job)
{
    for (int i = 0; i < job->count; i++) {
        job->members[i].stopped = false;
    }
    kill(-job->group, SIGCONT);
}

static bool lacks_control(const struct job *job)
{
    if (!job->owned) {
        fputs("sh: no job control\n", stderr);
    }
    return !job->owned;
}

int builtin_fg(char **argv)
{
    struct job *job = job_named(argv[1]);

    if (job == NULL || lacks_control(job)) {
        return STATUS_ERROR;
    }
    printf("%s\n", job->source);
    fflush(stdout);
    if (shell.terminal >= 0) {
        tcsetpgrp(shell.terminal, job->group);
    }
    continue_job(job);
    return job_wait(job);
}

int builtin_bg(char **argv)
{
    do {
        struct job *job = job_named(argv[1]);

        if (job == NULL || lacks_control(job)) {
            return STATUS_ERROR;
        }
        printf("[%d] %s &\n", job->number, job->source);
        continue_job(job);
        argv += argv[1] != NULL;
    } while (argv[0] != NULL && argv[1] != NULL);
    return 0;
}

/* ---- wait ---- */

/* Until `job` ended; 0, or 128 + the signal whose trap came first. */
static int wait_for(const struct job *job)
{
    while (!job_has_ended(job) && !job_has_stopped(job)) {
        if (trap_waits()) {
            return STATUS_SIGNAL + trap_signal();
        }
        if (shell.interrupted) {
            return STATUS_SIGNAL + SIGINT;
        }
        if (jobs_wait_once(jobs_control() ? WUNTRACED : 0) < 0 && errno != EINTR) {
            break;
        }
    }
    return 0;
}

static struct job *job_of_pid(int pid)
{
    for (struct job *job = jobs; job != NULL; job = job->next) {
        for (int i = 0; i < job->count; i++) {
            if (job->members[i].pid == pid) {
                return job;
            }
        }
    }
    return NULL;
}

static int wait_for_all(void)
{
    for (struct job *job = jobs, *next; job != NULL; job = next) {
        int status = wait_for(job);

        if (status != 0) {
            return status;
        }
        next = job->next;
        if (job_has_ended(job) && !shell.interactive) {
            job_remove(job);
        }
    }
    return 0;
}

int builtin_wait(char **argv)
{
    int result = 0;

    if (argv[1] == NULL) {
        return wait_for_all();
    }
    for (argv++; *argv != NULL; argv++) {
        struct job *job = argv[0][0] == '%' ? find_job(*argv) : job_of_pid(atoi(*argv));

        if (job == NULL) {
            result = argv[0][0] == '%' ? STATUS_ERROR : 127;
            continue;
        }
        result = wait_for(job);
        if (result != 0) {
            return result;
        }
        result = job_status(job);
        if (job_has_ended(job)) {
            job_remove(job);
        }
    }
    return result;
}

/* ---- kill ---- */

static int kill_one(const char *name, int signal_number)
{
    int target = atoi(name);

    if (name[0] == '%') {
        const struct job *job = job_named(name);

        if (job == NULL) {
            return STATUS_ERROR;
        }
        target = job->owned ? -job->group : job->group;
    } else if (!isdigit(name[name[0] == '-'])) {
        fprintf(stderr, "kill: not a number: %s\n", name);
        return STATUS_ERROR;
    }
    if (kill(target, signal_number) != 0) {
        fprintf(stderr, "kill: %s: %s\n", name, strerror(errno));
        return 1;
    }
    return 0;
}

/* kill -l: all names; kill -l 137: the name for a number or a status. */
static int list_signals(char **argv)
{
    if (*argv == NULL) {
        for (int i = 1; signal_name_of(i) != NULL; i++) {
            printf("%2d %-7s%s", i, signal_name_of(i), i % 8 == 0 ? "\n" : " ");
        }
        printf("\n");
    }
    for (; *argv != NULL; argv++) {
        int number = atoi(*argv);
        const char *name = signal_name_of(number > STATUS_SIGNAL ? number - STATUS_SIGNAL : number);

        if (name == NULL && number != 0) {
            fprintf(stderr, "kill: no such signal: %s\n", *argv);
            return 1;
        }
        puts(name == NULL ? "EXIT" : name);
    }
    return 0;
}

int builtin_kill(char **argv)
{
    int signal_number = SIGTERM, result = 0;

    argv++;
    if (*argv != NULL && strcmp(*argv, "-l") == 0) {
        return list_signals(argv + 1);
    }
    if (*argv != NULL && strcmp(*argv, "-s") == 0 && argv[1] != NULL) {
        signal_number = signal_number_of(argv[1]);
        argv += 2;
    } else if (*argv != NULL && argv[0][0] == '-' && strcmp(*argv, "--") != 0) {
        signal_number = signal_number_of(*argv + 1);
        argv++;
    }
    argv += *argv != NULL && strcmp(*argv, "--") == 0;
    if (*argv == NULL || signal_number < 0) {
        fputs("usage: kill [-SIGNAL | -s SIGNAL] pid or %job ...; kill -l\n", stderr);
        return STATUS_ERROR;
    }
    for (; *argv != NULL; argv++) {
        result |= kill_one(*argv, signal_number);
    }
    return result;
}
