/* Regular expressions, basic and extended, without references back (\1) and without captures.
 * See: POSIX.1-2017, chapter 9. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGEX_EXTENDED 1u /* ( ) { } + ? | without backslashes */
#define REGEX_ANY_CASE 2u
#define REGEX_FIXED    4u /* the pattern is a plain text */

struct regex_step;

struct regex {
    struct regex_step *steps; /* the automaton */
    uint32_t count, room;     /* steps */
    uint32_t flags;           /* REGEX_... */
    uint32_t *lists[2];       /* states before and after one character */
    uint32_t *marks;          /* the round in which a state was entered last */
    uint32_t round;
    const char *error; /* why regex_compile failed */
};

/* false: regex->error says why. */
bool regex_compile(struct regex *regex, const char *pattern, uint32_t flags);
/* The leftmost match in text[0..length) that does not begin before `from`, and of these the
 * longest: text[*start..*end). false: there is none. */
bool regex_search(struct regex *regex, const char *text, size_t length, size_t from, size_t *start,
                  size_t *end);
void regex_free(struct regex *regex);
