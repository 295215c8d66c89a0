/* What `ringside grade` has found out, for people (text), course scripts (JSON, its schema is
 * docs/grading-schema.json), JUnit readers and TAP harnesses.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/grade_judge.h"

/* One spec, run and judged. */
struct grade_entry {
    const char *path;              /* of the spec, as it was given */
    struct grade_spec *spec;       /* NULL: it is not valid, `trouble` says why */
    struct grade_outcome *outcome; /* NULL: it could not be run, the same */
    struct grade_judgement judgement;
    char trouble[512];
};

/* Each makes a text, to be freed by the caller; NULL: no memory. */
char *grade_report_text(const struct grade_entry *entries, uint32_t count);
char *grade_report_json(const struct grade_entry *entries, uint32_t count);
char *grade_report_junit(const struct grade_entry *entries, uint32_t count);
char *grade_report_tap(const struct grade_entry *entries, uint32_t count);
