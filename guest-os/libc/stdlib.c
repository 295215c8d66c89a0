/* Numbers, sorting, copies of texts. SPDX-License-Identifier: MIT */
#include "libc/include/stdlib.h"

#include "libc/include/ctype.h"
#include "libc/include/string.h"

#include <stdbool.h>

static int digit_of(char c)
{
    if (isdigit(c)) {
        return c - '0';
    }
    return isalpha(c) ? (c | 0x20) - 'a' + 10 : 99;
}

int32_t strtol(const char *text, char **end, int base)
{
    const char *at = text;
    uint32_t value = 0;
    bool negative;

    while (isspace(*at)) {
        at++;
    }
    negative = *at == '-';
    at += *at == '-' || *at == '+';
    if ((base == 0 || base == 16) && at[0] == '0' && (at[1] | 0x20) == 'x') {
        base = 16;
        at += 2;
    } else if (base == 0) {
        base = at[0] == '0' ? 8 : 10;
    }
    for (; digit_of(*at) < base; at++) {
        value = value * (uint32_t)base + (uint32_t)digit_of(*at);
    }
    if (end != NULL) {
        *end = (char *)(uintptr_t)at;
    }
    return negative ? -(int32_t)value : (int32_t)value;
}

/* Insertion sort: for lists that a person can read. */
void qsort(void *first, size_t count, size_t bytes, int (*compare)(const void *, const void *))
{
    char *base = first;

    for (size_t i = 1; i < count; i++) {
        for (char *at = base + i * bytes; at > base && compare(at - bytes, at) > 0; at -= bytes) {
            for (size_t b = 0; b < bytes; b++) {
                char c = at[b];

                at[b] = at[b - bytes];
                at[b - bytes] = c;
            }
        }
    }
}

char *strndup(const char *text, size_t most)
{
    size_t length = strlen(text) < most ? strlen(text) : most;
    char *copy = malloc(length + 1);

    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *strdup(const char *text)
{
    return strndup(text, strlen(text));
}
