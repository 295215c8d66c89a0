/* Jobs, as jobs.c and builtin_jobs.c know them. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

struct member {
    int pid;
    int status; /* as waitpid gives it, when `ended` or `stopped` */
    bool ended, stopped;
};

struct job {
    int number; /* %n; 0 while it only ran in the foreground */
    int group;  /* process group, or the first member's pid */
    int count;
    bool told;  /* its state was shown */
    bool owned; /* its members are a process group of their own */
    char *source;
    struct member *members; /* of malloc */
    struct job *next;
};

extern struct job *jobs; /* the newest first */

void job_remove(struct job *job);
bool job_has_ended(const struct job *job);
bool job_has_stopped(const struct job *job);
/* The status of a job is its last member's, as $? shows it. */
int job_status(const struct job *job);
/* Ask waitpid for one change; its result. */
int jobs_wait_once(int options);
enum show { SHOW_PLAIN, SHOW_PIDS, SHOW_ONLY_PIDS };
void job_show(struct job *job, enum show how);
