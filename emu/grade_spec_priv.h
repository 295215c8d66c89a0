/* Inside the parser of specs: grade_spec.c reads lines and what to run, grade_spec_checks.c what is
 * checked.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/grade_spec.h"

/* One line that is being read. */
struct grade_line {
    struct grade_spec *spec;
    const char *name; /* of the file */
    const char *text; /* its beginning */
    const char *at;
    const char *end;
    uint32_t number; /* from 1 */
    struct err *err;
};

/* NAME:LINE:COLUMN: what; false. */
bool grade_wrong(const struct grade_line *line, const char *what);
struct grade_position grade_position_of(const struct grade_line *line);
void grade_skip(struct grade_line *line);
/* At the end, or at a remark. */
bool grade_ended(struct grade_line *line);
const char *grade_keep(struct grade_spec *spec, const char *text, size_t length);
/* The next word is this one: go behind it. */
bool grade_take(struct grade_line *line, const char *word);
/* A word, or a text between two "; `what` is for the message that it is missing. */
bool grade_take_text(struct grade_line *line, const char *what, const char **text);
bool grade_take_number(struct grade_line *line, uint64_t most, uint64_t *number);
/* The rest of the line, without blanks at its end. */
bool grade_take_rest(struct grade_line *line, const char *what, const char **text);

/* Statements. */
bool grade_parse_check(struct grade_line *line);
bool grade_parse_must(struct grade_line *line);
bool grade_parse_hint(struct grade_line *line);
