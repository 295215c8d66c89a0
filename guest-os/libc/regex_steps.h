/* The automaton of a regular expression, as regex.c makes it and regex_search.c runs it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SET_WORDS 8 /* of 32 bits: one bit for each character */

enum step_kind {
    STEP_CHARACTER, /* of `character` */
    STEP_ANY,
    STEP_SET,
    STEP_SPLIT, /* goes on at `first` and at `second` */
    STEP_LINE_START,
    STEP_LINE_END,
    STEP_WORD_START,
    STEP_WORD_END,
    STEP_BOUNDARY,
    STEP_NO_BOUNDARY,
    STEP_MATCH
};

struct regex_step {
    enum step_kind kind;
    uint8_t character;
    uint32_t first, second;  /* the following steps */
    uint32_t set[SET_WORDS]; /* bit c: the character c */
};

static inline bool set_has(const struct regex_step *step, uint8_t c)
{
    return (step->set[c / 32] >> c % 32 & 1) != 0;
}
