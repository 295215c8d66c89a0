/* tr [-cds] SET1 [SET2]: replaces the characters of SET1 by those of SET2; -d removes them; -s
 * makes runs of one character one; -c: all that are not in SET1. Sets have ranges a-z, classes
 * [:alpha:], and escapes. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHARACTERS 256
#define SET_MOST   1024

struct set {
    uint8_t items[SET_MOST]; /* characters, in order */
    int count;
};

static void add(struct set *set, int c)
{
    if (set->count < SET_MOST) {
        set->items[set->count++] = (uint8_t)c;
    }
}

/* One character, perhaps behind a backslash. */
static int take(const char **at)
{
    static const char letters[] = "abfnrtv\\", bytes[] = "\a\b\f\n\r\t\v\\";
    const char *place;
    int c = (uint8_t) * (*at)++, value = 0;

    if (c != '\\' || **at == '\0') {
        return c;
    }
    if (**at >= '0' && **at <= '7') {
        for (int i = 0; i < 3 && **at >= '0' && **at <= '7'; i++) {
            value = value * 8 + (*(*at)++ - '0');
        }
        return value & 0xFF;
    }
    place = strchr(letters, **at);
    c = (uint8_t) * (*at)++;
    return place == NULL ? c : (uint8_t)bytes[place - letters];
}

/* [:name:] at `at`; its length, 0: it is none. */
static size_t add_class(struct set *set, const char *at)
{
    static const struct {
        char name[11];
        int (*contains)(int c);
    } classes[] = {
        {"[:alpha:]", isalpha}, {"[:digit:]", isdigit}, {"[:alnum:]", isalnum},
        {"[:upper:]", isupper}, {"[:lower:]", islower}, {"[:space:]", isspace},
        {"[:blank:]", isblank}, {"[:punct:]", ispunct}, {"[:print:]", isprint},
        {"[:graph:]", isgraph}, {"[:cntrl:]", iscntrl}, {"[:xdigit:]", isxdigit},
    };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strncmp(at, classes[i].name, strlen(classes[i].name)) == 0) {
            for (int c = 0; c < CHARACTERS; c++) {
                if (classes[i].contains(c)) {
                    add(set, c);
                }
            }
            return strlen(classes[i].name);
        }
    }
    return 0;
}

static void read_set(struct set *set, const char *at)
{
    while (*at != '\0') {
        size_t length = add_class(set, at);
        int first, last;

        if (length > 0) {
            at += length;
            continue;
        }
        first = last = take(&at);
        if (at[0] == '-' && at[1] != '\0') {
            at++;
            last = take(&at);
            if (last < first) {
                errx(1, "a range that runs backwards: %c-%c", first, last);
            }
        }
        for (int c = first; c <= last; c++) {
            add(set, c);
        }
    }
}

/* All characters that are not in it, in order. */
static void invert(struct set *set)
{
    struct set other = {.count = 0};

    for (int c = 0; c < CHARACTERS; c++) {
        if (memchr(set->items, c, (size_t)set->count) == NULL) {
            add(&other, c);
        }
    }
    *set = other;
}

int main(int argc, char **argv)
{
    static struct set from, to;
    static bool in_from[CHARACTERS], squeezed[CHARACTERS];
    int map[CHARACTERS], option, c, before = EOF;
    bool complement = false, remove = false, squeeze = false;

    while ((option = getopt(argc, argv, "cCds")) != -1) {
        if (option == '?') {
            usage(1, "tr [-cds] SET1 [SET2]");
        }
        complement = complement || option == 'c' || option == 'C';
        remove = remove || option == 'd';
        squeeze = squeeze || option == 's';
    }
    if (optind == argc || (optind + 1 == argc && !remove && !squeeze) || argc - optind > 2) {
        usage(1, "tr [-cds] SET1 [SET2]");
    }
    read_set(&from, argv[optind]);
    if (complement) {
        invert(&from);
    }
    if (optind + 1 < argc) {
        read_set(&to, argv[optind + 1]);
    }
    for (c = 0; c < CHARACTERS; c++) {
        map[c] = c;
    }
    for (int i = 0; i < from.count; i++) {
        in_from[from.items[i]] = true;
        if (!remove && to.count > 0) {
            map[from.items[i]] = to.items[i < to.count ? i : to.count - 1];
        }
    }
    for (int i = 0; i < (to.count > 0 ? to.count : from.count); i++) {
        squeezed[to.count > 0 ? to.items[i] : from.items[i]] = squeeze;
    }
    while ((c = getchar()) != EOF) {
        if (remove && in_from[c]) {
            continue;
        }
        c = map[c];
        if (!(squeezed[c] && c == before)) {
            putchar(c);
        }
        before = c;
    }
    return finish_output(0);
}
