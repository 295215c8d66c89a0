/* sleep TIME...: waits for the sum of the times, in seconds or with a letter: s, m, h, d. A
 * fraction is allowed: sleep 0.5. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND 1000000000LL /* in nanoseconds */

static int64_t nanoseconds(const char *word)
{
    char *at;
    int64_t total = isdigit(*word) ? strtoll(word, &at, 10) * SECOND : 0, unit = SECOND / 10;

    at = isdigit(*word) ? at : (char *)(uintptr_t)word;
    if (*at == '.') {
        for (at++; isdigit(*at); at++, unit /= 10) {
            total += (*at - '0') * unit;
        }
    }
    if (*at != '\0' && strchr("smhd", *at) != NULL && at[1] == '\0') {
        total *= *at == 'm' ? 60 : *at == 'h' ? 3600 : *at == 'd' ? 86400 : 1;
        at++;
    }
    if (*at != '\0' || at == word) {
        errx(1, "not a time: %s", word);
    }
    return total;
}

int main(int argc, char **argv)
{
    struct timespec wanted;
    int64_t total = 0;

    if (argc < 2) {
        usage(1, "sleep TIME...");
    }
    for (int i = 1; i < argc; i++) {
        total += nanoseconds(argv[i]);
    }
    wanted.tv_sec = (int32_t)(total / SECOND);
    wanted.tv_nsec = (int32_t)(total % SECOND);
    return nanosleep(&wanted, NULL) == 0 ? 0 : 1;
}
