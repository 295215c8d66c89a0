/* A host-side failure in words: what is wrong and what would be right, one line.
 * Filled where it happens, printed only by main.c and the front ends.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

struct err {
    int status;        /* exit status that fits: 2 for the user's mistakes and host trouble */
    char message[512]; /* one line, no newline, empty if nothing is wrong */
};

/* Fill `err` (which may be NULL) from a printf format; control characters become spaces. Returns
 * false so that callers can `return err_set(...)`. */
bool err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
