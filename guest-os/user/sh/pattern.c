/* Patterns with *, ? and [...], for file names, case and ${name#...}. A backslash takes the meaning
 * from the character after it. See: POSIX.1-2017, 2.13. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "user/sh/sh.h"

/* [:name:] at `at`; true: it is one, *end is behind it. */
static bool in_class(const char *at, char c, bool *found, const char **end)
{
    static const struct {
        char name[8];
        int (*contains)(int c);
    } classes[] = {
        {"alpha", isalpha}, {"digit", isdigit}, {"alnum", isalnum}, {"upper", isupper},
        {"lower", islower}, {"space", isspace}, {"blank", isblank}, {"punct", ispunct},
        {"print", isprint}, {"graph", isgraph}, {"cntrl", iscntrl}, {"xdigit", isxdigit},
    };

    for (size_t i = 0; at[0] == '[' && at[1] == ':' && i < sizeof(classes) / sizeof(classes[0]);
         i++) {
        size_t length = strlen(classes[i].name);

        if (strncmp(at + 2, classes[i].name, length) == 0 &&
            strncmp(at + 2 + length, ":]", 2) == 0) {
            *found = *found || classes[i].contains((uint8_t)c);
            *end = at + length + 4;
            return true;
        }
    }
    return false;
}

/* Is `c` in the set that begins after the bracket? *end: behind it, NULL if it has no end. */
static bool in_set(const char *set, char c, const char **end)
{
    bool negated = *set == '!' || *set == '^', found = false;
    const char *at = set + negated;

    for (bool first = true; *at != '\0' && (first || *at != ']'); first = false) {
        char low, high;

        if (in_class(at, c, &found, &at)) {
            continue;
        }
        low = *at == '\\' && at[1] != '\0' ? *++at : *at;
        high = low;
        at++;
        if (at[0] == '-' && at[1] != ']' && at[1] != '\0') {
            at += at[1] == '\\' && at[2] != '\0' ? 2 : 1;
            high = *at++;
        }
        found = found || ((uint8_t)c >= (uint8_t)low && (uint8_t)c <= (uint8_t)high);
    }
    *end = *at == ']' ? at + 1 : NULL;
    return found != negated;
}

bool pattern_matches(const char *pattern, const char *text)
{
    const char *end;

    for (; *pattern != '\0'; text++) {
        switch (*pattern) {
        case '*':
            for (;; text++) {
                if (pattern_matches(pattern + 1, text)) {
                    return true;
                }
                if (*text == '\0') {
                    return false;
                }
            }
        case '?':
            if (*text == '\0') {
                return false;
            }
            pattern++;
            break;
        case '[':
            if (*text != '\0' && in_set(pattern + 1, *text, &end) && end != NULL) {
                pattern = end;
                break;
            }
            in_set(pattern + 1, *text, &end);
            if (end != NULL || *text != '[') {
                return false;
            }
            pattern++; /* a bracket without an end stands for itself */
            break;
        default:
            pattern += *pattern == '\\' && pattern[1] != '\0';
            if (*pattern != *text) {
                return false;
            }
            pattern++;
            break;
        }
    }
    return *text == '\0';
}

bool pattern_is_plain(const char *pattern)
{
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '\\' && pattern[1] != '\0') {
            pattern++;
        } else if (strchr("*?[", *pattern) != NULL) {
            return false;
        }
    }
    return true;
}

static char *without_backslashes(const char *pattern, size_t length)
{
    struct text text = {0};

    for (size_t i = 0; i < length; i++) {
        i += pattern[i] == '\\' && i + 1 < length;
        text_add(&text, pattern[i]);
    }
    return text_of(&text);
}

static void find_in(const char *directory, const char *pattern, struct list *found);

/* What comes after one part of the path that was found as `path`. */
static void go_on(const char *path, const char *rest, struct list *found)
{
    struct stat64 status;

    if (*rest == '\0') {
        if (lstat(path, &status) == 0) {
            list_add(found, arena_join(path, ""));
        }
    } else {
        find_in(arena_join(path, "/"), rest + 1, found);
    }
}

/* The files below `directory` ("" or ending in a slash) that match. */
static void find_in(const char *directory, const char *pattern, struct list *found)
{
    const char *slash = strchr(pattern, '/');
    size_t length = slash == NULL ? strlen(pattern) : (size_t)(slash - pattern);
    char *part = arena_text(pattern, length);
    struct dirent64 *entry;
    DIR *open_directory;

    if (pattern_is_plain(part)) {
        go_on(arena_join(directory, without_backslashes(part, length)), pattern + length, found);
        return;
    }
    open_directory = opendir(*directory == '\0' ? "." : directory);
    while (open_directory != NULL && (entry = readdir(open_directory)) != NULL) {
        if ((entry->d_name[0] != '.' || part[0] == '.') && pattern_matches(part, entry->d_name)) {
            go_on(arena_join(directory, entry->d_name), pattern + length, found);
        }
    }
    if (open_directory != NULL) {
        closedir(open_directory);
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void pattern_files(const char *pattern, struct list *found)
{
    size_t before = found->count;

    find_in("", pattern, found);
    if (found->count == before) {
        list_add(found, without_backslashes(pattern, strlen(pattern)));
        return;
    }
    qsort(found->items + before, found->count - before, sizeof(char *), compare);
}
