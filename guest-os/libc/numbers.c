/* Numbers in texts, and random ones. SPDX-License-Identifier: MIT */
#include "libc/include/ctype.h"
#include "libc/include/errno.h"
#include "libc/include/stdlib.h"

#include <stdbool.h>

#define NO_DIGIT 99

static uint32_t random_state = 1;

static int digit_of(char c)
{
    if (isdigit(c)) {
        return c - '0';
    }
    return isalpha(c) ? (c | 0x20) - 'a' + 10 : NO_DIGIT;
}

/* The digits of a number and its sign; above `limit` (negative ones: limit + more) is ERANGE. */
static uint64_t read_number(const char *text, char **end, int base, uint64_t limit, bool more,
                            bool *negative)
{
    const char *at = text;
    uint64_t value = 0;
    bool too_large = false, any = false;

    while (isspace(*at)) {
        at++;
    }
    *negative = *at == '-';
    at += *at == '-' || *at == '+';
    limit += more && *negative;
    if ((base == 0 || base == 16) && at[0] == '0' && (at[1] | 0x20) == 'x' &&
        digit_of(at[2]) < 16) {
        base = 16;
        at += 2;
    } else if (base == 0) {
        base = at[0] == '0' ? 8 : 10;
    }
    for (; digit_of(*at) < base; at++) {
        uint64_t digit = (uint64_t)digit_of(*at);

        too_large = too_large || value > (limit - digit) / (uint64_t)base;
        value = value * (uint64_t)base + digit;
        any = true;
    }
    if (end != NULL) {
        *end = (char *)(uintptr_t)(any ? at : text);
    }
    if (too_large) {
        errno = ERANGE;
        return limit;
    }
    return value;
}

int64_t strtoll(const char *text, char **end, int base)
{
    bool negative;
    uint64_t value = read_number(text, end, base, INT64_MAX, true, &negative);

    return (int64_t)(negative ? -value : value);
}

uint64_t strtoull(const char *text, char **end, int base)
{
    bool negative;
    uint64_t value = read_number(text, end, base, UINT64_MAX, false, &negative);

    return negative && value != UINT64_MAX ? -value : value;
}

int32_t strtol(const char *text, char **end, int base)
{
    int64_t value = strtoll(text, end, base);

    if (value < INT32_MIN || value > INT32_MAX) {
        errno = ERANGE;
        value = value < 0 ? INT32_MIN : INT32_MAX;
    }
    return (int32_t)value;
}

uint32_t strtoul(const char *text, char **end, int base)
{
    bool negative;
    uint64_t value = read_number(text, end, base, UINT64_MAX, false, &negative);

    if (value > UINT32_MAX) {
        errno = ERANGE;
        return UINT32_MAX;
    }
    return negative ? -(uint32_t)value : (uint32_t)value;
}

int abs(int value)
{
    return value < 0 ? -value : value;
}

void srand(uint32_t seed)
{
    random_state = seed;
}

/* See: Knuth, The Art of Computer Programming, 3.3.4, table 1: a linear congruential generator. */
int rand(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (int)(random_state >> 1);
}
