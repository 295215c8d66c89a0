/* What the demonstrations share: a title that says what to look at, checks, an end.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int show_failures;

/* `concept`: its id in the list of concepts; `look`: which view or command shows more. */
static inline void show_title(const char *name, const char *concept, const char *words,
                              const char *look)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* before a fork nothing may wait in the buffer */
    printf("%s (%s): %s\n  Look at: %s\n", name, concept, words, look);
}

/* What should hold, with the answer. */
static inline void show_check(bool holds, const char *words)
{
    printf("  %s %s\n", holds ? "[ok]   " : "[WRONG]", words);
    show_failures += !holds;
}

/* For the end of main. */
static inline int show_end(const char *name)
{
    printf("%s: %s\n", name, show_failures == 0 ? "all as expected" : "NOT as expected");
    return show_failures > 0;
}
