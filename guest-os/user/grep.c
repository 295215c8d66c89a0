/* grep [-v] [-i] [-n] [-c] PATTERN [FILE...]: the lines that match. A pattern has . * ^ $ and
 * [...]; a backslash takes their meaning away. Status 0: found, 1: not, 2: an error.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool invert, any_case, numbers, only_count;

static int fold(int c)
{
    return any_case && c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* The length of the first element of a pattern: a character, \\c, or [...] */
static size_t element_length(const char *pattern)
{
    size_t length = 2;

    if (*pattern == '\\' && pattern[1] != '\0') {
        return 2;
    }
    if (*pattern != '[') {
        return 1;
    }
    length += pattern[1] == '^';
    while (pattern[length] != '\0' && pattern[length] != ']') {
        length++;
    }
    return pattern[length] == ']' ? length + 1 : 1;
}

static bool in_set(const char *set, int c)
{
    bool negated = *set == '^', found = false;

    set += negated;
    do {
        int low = (uint8_t)*set++, high = low;

        if (set[0] == '-' && set[1] != ']') {
            high = (uint8_t)set[1];
            set += 2;
        }
        found = found || (fold(c) >= fold(low) && fold(c) <= fold(high));
    } while (*set != ']');
    return found != negated;
}

static bool element_matches(const char *pattern, size_t length, char c)
{
    if (c == '\0') {
        return false;
    }
    if (*pattern == '[' && length > 1) {
        return in_set(pattern + 1, (uint8_t)c);
    }
    if (*pattern == '\\' && length == 2) {
        pattern++;
    } else if (*pattern == '.') {
        return true;
    }
    return fold(*pattern) == fold(c);
}

/* Does the text begin with the pattern? */
static bool matches_here(const char *pattern, const char *text)
{
    size_t length;

    if (*pattern == '\0' || (pattern[0] == '$' && pattern[1] == '\0')) {
        return *pattern == '\0' || *text == '\0';
    }
    length = element_length(pattern);
    if (pattern[length] == '*') {
        for (;; text++) {
            if (matches_here(pattern + length + 1, text)) {
                return true;
            }
            if (!element_matches(pattern, length, *text)) {
                return false;
            }
        }
    }
    return element_matches(pattern, length, *text) && matches_here(pattern + length, text + 1);
}

static bool matches(const char *pattern, const char *text)
{
    if (*pattern == '^') {
        return matches_here(pattern + 1, text);
    }
    do {
        if (matches_here(pattern, text)) {
            return true;
        }
    } while (*text++ != '\0');
    return false;
}

static int search(FILE *stream, const char *pattern, const char *name)
{
    char *line = NULL;
    size_t size = 0;
    int length, number = 0, found = 0;

    while ((length = getline(&line, &size, stream)) > 0) {
        number++;
        if (line[length - 1] == '\n') {
            line[length - 1] = '\0';
        }
        if (matches(pattern, line) == invert) {
            continue;
        }
        found++;
        if (!only_count) {
            printf("%s%s", name, *name != '\0' ? ":" : "");
            if (numbers) {
                printf("%d:", number);
            }
            fputs(line, stdout);
            putchar('\n');
        }
    }
    if (only_count) {
        printf("%s%s%d\n", name, *name != '\0' ? ":" : "", found);
    }
    free(line);
    return found;
}

static void read_options(const char *word)
{
    for (word++; *word != '\0'; word++) {
        invert = invert || *word == 'v';
        any_case = any_case || *word == 'i';
        numbers = numbers || *word == 'n';
        only_count = only_count || *word == 'c';
    }
}

int main(int argc, char **argv)
{
    const char *pattern;
    int i = 1, found = 0, errors = 0;

    for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
        read_options(argv[i]);
    }
    if (i == argc) {
        fputs("usage: grep [-v] [-i] [-n] [-c] PATTERN [FILE...]\n", stderr);
        return 2;
    }
    pattern = argv[i++];
    if (i == argc) {
        found = search(stdin, pattern, "");
    }
    for (bool many = argc - i > 1; i < argc; i++) {
        FILE *stream = fopen(argv[i], "r");

        if (stream == NULL) {
            fprintf(stderr, "grep: %s: %s\n", argv[i], strerror(errno));
            errors++;
            continue;
        }
        found += search(stream, pattern, many ? argv[i] : "");
        fclose(stream);
    }
    return errors > 0 ? 2 : found == 0;
}
