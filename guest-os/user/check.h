/* Self-checking programs: one line for each failure, and the exit status.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdio.h>

static int check_failures;

/* `words` say what should hold. Only failures and the summary are printed. */
static void check(bool holds, const char *words)
{
    if (!holds) {
        printf("FAILED: %s\n", words);
        fflush(stdout); /* a child ends by another way */
        check_failures++;
    }
}

/* For the end of main: 0 if everything held. */
static int check_summary(const char *program, int count)
{
    printf("%s: %d groups of checks, %d failures\n", program, count, check_failures);
    return check_failures > 0;
}
