/* Inside a run of `ringside grade`: grade_prepare.c makes the machine, grade_run.c runs it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/grade_run.h"
#include "emu/input_script.h"
#include "emu/job.h"
#include "emu/program.h"
#include "emu/session.h"

enum grade_phase { GRADE_PHASE_BOOT, GRADE_PHASE_EXEC, GRADE_PHASE_RUN, GRADE_PHASE_REST };

struct grade_runner {
    const struct grade_spec *spec;
    const char *path;
    const char *folder;
    struct grade_outcome *outcome;
    struct program *program;
    struct machine *machine;
    struct session *session;
    struct input_script *script;
    uint64_t script_clock;
    uint32_t carrier_dropped;
    enum grade_phase phase;
    uint64_t phase_clock;        /* when it began */
    uint64_t begin_instructions; /* of the machine, at begin_clock */
    struct cpu_state begin;      /* for its counters */
    char pid[16];                /* of the program */
    const char *limit;           /* NULL: none was reached */
    char refusal[400];           /* of the session's last command */
    struct err *err;
    char *line[2 * GRADE_WORDS_MAX + 8];  /* the machine's command line */
    char image_paths[PC_DISKS + 1][4096]; /* disks, and last the initrd */
    char subject[4096];                   /* path */
    char guest_kernel[4096];              /* path */
    char file_paths[GRADE_FILES_MAX][4096];
    struct job_file files[GRADE_FILES_MAX];
};

/* PATH:LINE:COLUMN: what; false. */
bool grade_run_wrong(struct grade_runner *run, struct grade_position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The options of the machine, out of the spec. */
bool grade_run_options_make(struct grade_runner *run, struct options *options);
/* Where the files are that the spec names. */
bool grade_run_paths_make(struct grade_runner *run, struct options *options);
/* Which statement a message about a file belongs to. */
struct grade_position grade_run_blame(const struct grade_runner *run, const char *message);
/* What the spec requires of program, timing and images; a mismatch is refused. */
bool grade_run_requirements_hold(struct grade_runner *run);
/* Version, timing and images, into the outcome. */
void grade_run_describe_machine(struct grade_runner *run);
/* Symbols for events and expressions: of the kernel, and of the program. */
void grade_run_symbols_make(struct grade_runner *run);
/* What is typed, if anything is. */
bool grade_run_script_open(struct grade_runner *run);
