/* seq [-w] [-s TEXT] [FIRST [STEP]] LAST: whole numbers; -w with zeros, all of one width.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "seq [-w] [-s TEXT] [FIRST [STEP]] LAST"

static int64_t number_of(const char *word)
{
    char *end;
    int64_t value = strtoll(word, &end, 10);

    if (*end != '\0' || end == word) {
        errx(1, "not a whole number: %s", word);
    }
    return value;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && !isdigit(word[1]);
}

int main(int argc, char **argv)
{
    int64_t first = 1, step = 1, last;
    const char *between = "\n";
    int width = 0, at = 1;
    char text[24];

    for (; at < argc && is_option(argv[at]); at++) {
        if (argv[at][1] == 's' && (argv[at][2] != '\0' || at + 1 < argc)) {
            between = argv[at][2] != '\0' ? argv[at] + 2 : argv[++at];
        } else if (strcmp(argv[at], "-w") == 0) {
            width = 1;
        } else {
            usage(1, USAGE);
        }
    }
    if (argc - at < 1 || argc - at > 3) {
        usage(1, USAGE);
    }
    last = number_of(argv[argc - 1]);
    first = argc - at > 1 ? number_of(argv[at]) : first;
    step = argc - at > 2 ? number_of(argv[at + 1]) : step;
    if (step == 0) {
        errx(1, "a step of 0 comes to no end");
    }
    if (width > 0) {
        int other = snprintf(text, sizeof(text), "%lld", first);

        width = snprintf(text, sizeof(text), "%lld", last);
        width = other > width ? other : width;
    }
    for (int64_t i = first; step > 0 ? i <= last : i >= last; i += step) {
        printf("%s%0*lld", i == first ? "" : between, width, i);
    }
    if (step > 0 ? first <= last : first >= last) {
        putchar('\n');
    }
    return finish_output(0);
}
