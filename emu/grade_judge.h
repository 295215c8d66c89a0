/* What an outcome is worth: each check with its points, and in one line why not all of them.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/grade_run.h"
#include "emu/grade_spec.h"

struct grade_verdict {
    uint32_t points; /* 0..check.points */
    uint32_t passed; /* 1: all of it */
    char found[240]; /* what there is instead; "" if passed */
};

struct grade_judgement {
    uint32_t points; /* of `of` */
    uint32_t of;
    uint32_t void_by; /* number of the `must` that failed, from 1; 0: none */
    struct grade_verdict verdicts[GRADE_CHECKS_MAX];
};

/* Judge. `folder` is for `output is file`. false with *err filled if such a file can not be read.
 */
bool grade_judge(const struct grade_spec *spec, const struct grade_outcome *outcome,
                 const char *path, const char *folder, struct grade_judgement *judgement,
                 struct err *err);
