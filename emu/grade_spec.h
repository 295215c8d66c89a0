/* What `ringside grade` is told: a text of one statement a line, see docs/grading.md.
 * Parsing is pure: no file is opened, nothing is run.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"

#define GRADE_WORDS_MAX    64u
#define GRADE_FILES_MAX    32u
#define GRADE_CHECKS_MAX   48u
#define GRADE_REQUIRES_MAX 16u
#define GRADE_TEXTS_MAX    64u
#define GRADE_POINTS_MAX   10000u

enum grade_subject { GRADE_NOTHING, GRADE_PROGRAM, GRADE_SHELL, GRADE_KERNEL };

enum grade_check_kind {
    GRADE_STATUS, /* least: exit status */
    GRADE_SIGNAL, /* least: number */
    GRADE_STOPS,  /* texts[0]: how the machine ended */
    GRADE_IS,     /* texts[0]: the whole output */
    GRADE_IS_FILE,
    GRADE_CONTAINS,
    GRADE_LACKS,
    GRADE_MATCHES, /* texts[0]: extended regular expression */
    GRADE_LINES,   /* each of texts[] is a line, in any order */
    GRADE_COUNT,   /* least <= figure <= most */
    GRADE_EVENT,   /* least <= hits <= most */
    GRADE_STATE    /* texts[0]: expression that must not be 0 at the end */
};

enum grade_figure {
    GRADE_CLOCKS,
    GRADE_INSTRUCTIONS,
    GRADE_SYSTEM_CALLS,
    GRADE_EXCEPTIONS,
    GRADE_INTERRUPTS,
    GRADE_OUTPUT_BYTES,
    GRADE_FIGURES
};

struct grade_position {
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1 */
};

struct grade_check {
    struct grade_position position; /* of the statement */
    struct grade_position at;       /* of the event or expression */
    const char *source;             /* as it was written, without "check POINTS" */
    const char *hint;               /* NULL: none */
    uint32_t points;                /* 0..GRADE_POINTS_MAX */
    uint32_t must;                  /* 1: all points are lost without it */
    enum grade_check_kind kind;
    enum grade_figure figure; /* GRADE_COUNT */
    uint32_t errors;          /* 1: standard error, not standard output */
    uint32_t text_count;      /* 0..GRADE_TEXTS_MAX */
    const char *texts[GRADE_TEXTS_MAX];
    uint64_t least;
    uint64_t most;
};

struct grade_require {
    struct grade_position position;
    const char *what; /* "version", "timing", or an image as moments call it */
    const char *value;
};

struct grade_file {
    struct grade_position position;
    const char *path; /* on the host */
    const char *name; /* below /host */
};

struct grade_spec {
    const char *name; /* of the exercise */
    enum grade_subject subject;
    struct grade_position subject_position;
    uint32_t word_count;                /* of words */
    const char *words[GRADE_WORDS_MAX]; /* program or kernel, and its arguments; shell: commands */
    const char *guest_kernel;           /* NULL: the bundled one */
    struct grade_position guest_kernel_position;
    uint32_t option_count;
    const char *options[GRADE_WORDS_MAX]; /* of the machine, as on the command line */
    struct grade_position options_position;
    uint32_t file_count;
    struct grade_file files[GRADE_FILES_MAX];
    const char *input; /* a file as of --input; NULL: none */
    struct grade_position input_position;
    char *typed; /* the same as text; NULL: none */
    uint64_t limit_clocks;
    uint64_t limit_instructions;
    uint64_t limit_output; /* bytes of each output */
    uint32_t require_count;
    struct grade_require requires[GRADE_REQUIRES_MAX];
    uint32_t check_count;
    struct grade_check checks[GRADE_CHECKS_MAX];
    char *arena; /* holds every other text above */
    size_t arena_used;
    size_t arena_bytes;
};

/* NULL with *err filled: NAME:LINE:COLUMN: and what would be right. */
struct grade_spec *grade_spec_parse(const char *text, size_t size, const char *name,
                                    struct err *err);
void grade_spec_close(struct grade_spec *spec);
/* "clocks", "system-calls": the word in specs and results. */
const char *grade_figure_word(enum grade_figure figure);
