/* One run of what a spec names, and what there is to say about it afterwards. Nothing of the host
 * gets into it but the files that the spec names: the same everywhere.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"
#include "emu/grade_spec.h"
#include "emu/moment.h"

/* What has been printed on one line: the beginning, and how much it was. */
struct grade_stream {
    char *bytes;    /* followed by a null byte */
    size_t kept;    /* bytes */
    uint64_t total; /* bytes */
};

struct grade_hits {
    uint64_t count;
    uint64_t first_clock; /* of the machine */
};

enum grade_truth { GRADE_UNKNOWN, GRADE_FALSE, GRADE_TRUE };

struct grade_outcome {
    char reason[24];        /* exited, signaled, or how the machine ended; limit */
    char explanation[1024]; /* for people */
    int32_t status;         /* of the program or the machine, -1: none */
    int32_t signal;         /* that ended the program, 0: none */
    uint32_t begun;         /* 1: the program's first instruction was reached */
    uint64_t begin_clock;   /* of the machine; a kernel: 0 */
    uint64_t total_clocks;  /* of the machine, at the end */
    uint64_t figures[GRADE_FIGURES];
    uint64_t hash;              /* of the machine, at the end */
    struct grade_stream out;    /* a kernel: COM1 */
    struct grade_stream errors; /* a kernel: COM2 */
    struct grade_hits hits[GRADE_CHECKS_MAX];
    enum grade_truth states[GRADE_CHECKS_MAX];
    uint32_t image_count;
    struct moment_image images[MOMENT_IMAGES_MAX];
    char version[32];
    char timing[16];
};

/* Run it. `path` is the spec's, for messages; `folder` is where the files are that it names.
 * NULL with *err filled (PATH:LINE:COLUMN: ...) if it can not be run. */
struct grade_outcome *grade_run(const struct grade_spec *spec, const char *path, const char *folder,
                                struct err *err);
void grade_outcome_free(struct grade_outcome *outcome);
