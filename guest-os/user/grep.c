/* grep [-EFivnclLqsrhHwxo] [-m COUNT] [-e PATTERN]... [PATTERN] [FILE...]: the lines that match a
 * regular expression. Status 0: found, 1: not, 2: an error. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATTERNS_MOST 32
#define PATH_BYTES    512

static struct regex patterns[PATTERNS_MOST];
static int pattern_count;
static bool options[128]; /* by their letter */
static int most = -1;     /* -m */
static bool failed, with_names;

static void add_patterns(char *text, uint32_t flags)
{
    char *line = text;

    do {
        char *end = strchr(line, '\n');

        if (end != NULL) {
            *end++ = '\0';
        }
        if (pattern_count == PATTERNS_MOST) {
            errx(2, "more than %d patterns", PATTERNS_MOST);
        }
        if (!regex_compile(&patterns[pattern_count++], line, flags)) {
            errx(2, "%s: %s", line, patterns[pattern_count - 1].error);
        }
        line = end;
    } while (line != NULL);
}

static bool is_word(char c)
{
    return isalnum(c) || c == '_';
}

/* -x: the whole line; -w: no letter before and behind. */
static bool is_good(const char *line, size_t length, size_t start, size_t end)
{
    if (options['x']) {
        return start == 0 && end == length;
    }
    return !options['w'] ||
           ((start == 0 || !is_word(line[start - 1])) && (end == length || !is_word(line[end])));
}

/* The first match from `from` on, by any of the patterns. */
static bool find(const char *line, size_t length, size_t from, size_t *start, size_t *end)
{
    bool found = false;

    for (int i = 0; i < pattern_count; i++) {
        size_t place = from, first, last;

        while (place <= length && regex_search(&patterns[i], line, length, place, &first, &last)) {
            if (is_good(line, length, first, last)) {
                if (!found || first < *start || (first == *start && last > *end)) {
                    *start = first;
                    *end = last;
                }
                found = true;
                break;
            }
            place = first + 1;
        }
    }
    return found;
}

static void show_head(const char *name, int number, char sign)
{
    if (with_names) {
        printf("%s%c", name, sign);
    }
    if (options['n']) {
        printf("%d%c", number, sign);
    }
}

static void show(const char *name, int number, const char *line, size_t length)
{
    size_t start, end, from = 0;

    if (!options['o']) {
        show_head(name, number, ':');
        fwrite(line, 1, length, stdout);
        putchar('\n');
        return;
    }
    while (!options['v'] && from <= length && find(line, length, from, &start, &end)) {
        if (end > start) {
            show_head(name, number, ':');
            printf("%.*s\n", (int)(end - start), line + start);
        }
        from = end > start ? end : end + 1;
    }
}

/* The number of lines that were found. */
static int search_stream(FILE *stream, const char *name)
{
    bool quiet = options['q'] || options['c'] || options['l'] || options['L'];
    char *line = NULL;
    size_t size = 0, start, end;
    int length, number = 0, found = 0;

    while ((most < 0 || found < most) && (length = getline(&line, &size, stream)) > 0) {
        number++;
        length -= line[length - 1] == '\n';
        if (find(line, (size_t)length, 0, &start, &end) == options['v']) {
            continue;
        }
        found++;
        if (!quiet) {
            show(name, number, line, (size_t)length);
        }
        if (options['q'] || options['l'] || options['L']) {
            break;
        }
    }
    free(line);
    if (options['q']) {
        return found;
    }
    if (options['l'] || options['L']) {
        if ((found > 0) == options['l']) {
            puts(name);
        }
    } else if (options['c']) {
        printf("%s%s%d\n", with_names ? name : "", with_names ? ":" : "", found);
    }
    return found;
}

static int search_path(const char *path);

static int search_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent64 *entry;
    char below[PATH_BYTES];
    int found = 0;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
            found += search_path(below);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return found;
}

static int search_path(const char *path)
{
    struct stat64 status;
    FILE *stream;
    int found;

    if (strcmp(path, "-") == 0) {
        return search_stream(stdin, "(standard input)");
    }
    if (options['r'] && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        return search_directory(path);
    }
    stream = fopen(path, "r");
    if (stream == NULL || (fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode))) {
        errno = stream == NULL ? errno : EISDIR;
        if (!options['s']) {
            warn("%s", path);
        }
        failed = true;
        return 0;
    }
    found = search_stream(stream, path);
    fclose(stream);
    return found;
}

static uint32_t read_options(int argc, char **argv, char **pattern)
{
    int option;

    while ((option = getopt(argc, argv, "EFGivnclLqsrRhHwxoe:m:")) != -1) {
        switch (option) {
        case 'e':
            if (*pattern == NULL) {
                *pattern = optarg;
            } else {
                char *both = malloc(strlen(*pattern) + strlen(optarg) + 2);

                sprintf(both, "%s\n%s", *pattern, optarg);
                *pattern = both;
            }
            break;
        case 'm':
            most = atoi(optarg);
            break;
        case '?':
            usage(2, "grep [-EFivnclLqsrhHwxo] [-m COUNT] [-e PATTERN] [PATTERN] [FILE...]");
        default:
            options[option == 'R' ? 'r' : option] = true;
            break;
        }
    }
    return (options['E'] ? REGEX_EXTENDED : 0) | (options['F'] ? REGEX_FIXED : 0) |
           (options['i'] ? REGEX_ANY_CASE : 0);
}

int main(int argc, char **argv)
{
    char *pattern = NULL;
    uint32_t flags = read_options(argc, argv, &pattern);
    int found = 0;

    if (pattern == NULL) {
        if (optind == argc) {
            usage(2, "grep [-EFivnclLqsrhHwxo] [-m COUNT] [-e PATTERN] [PATTERN] [FILE...]");
        }
        pattern = argv[optind++];
    }
    add_patterns(strdup(pattern), flags);
    with_names = (argc - optind > 1 || options['r'] || options['H']) && !options['h'];
    if (optind == argc) {
        found = search_path(options['r'] ? "." : "-");
    }
    for (int i = optind; i < argc; i++) {
        found += search_path(argv[i]);
    }
    if (failed && !(options['q'] && found > 0)) {
        return finish_output(2);
    }
    return finish_output(options['L'] ? found > 0 : found == 0);
}
