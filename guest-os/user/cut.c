/* cut -b LIST | -c LIST | -f LIST [-d CHARACTER] [-s] [FILE...]: parts of each line. A list is like
 * 1,3-5,7-. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RANGES_MOST 64
#define USAGE       "cut -b LIST | -c LIST | -f LIST [-d CHARACTER] [-s] [FILE...]"

static struct {
    int from, to; /* both included */
} ranges[RANGES_MOST];
static int range_count;
static char separator = '\t';
static bool by_fields, only_separated;

static void read_list(const char *list)
{
    char *end = (char *)(uintptr_t)list;

    for (; range_count < RANGES_MOST; list = end + 1) {
        int from = *list == '-' ? 1 : strtol(list, &end, 10), to = from;

        end = *list == '-' ? (char *)(uintptr_t)list : end;
        if (*end == '-') {
            to = isdigit(end[1]) ? strtol(end + 1, &end, 10) : INT32_MAX;
            end += *end == '-';
        }
        if (from < 1 || to < from || (*end != ',' && *end != '\0')) {
            errx(1, "not a list: %s", list);
        }
        ranges[range_count].from = from;
        ranges[range_count++].to = to;
        if (*end == '\0') {
            break;
        }
    }
}

static bool is_chosen(int place)
{
    for (int i = 0; i < range_count; i++) {
        if (place >= ranges[i].from && place <= ranges[i].to) {
            return true;
        }
    }
    return false;
}

static void cut_fields(const char *line)
{
    bool any = false;
    int field = 1;

    if (strchr(line, separator) == NULL) {
        if (!only_separated) {
            puts(line);
        }
        return;
    }
    for (;; field++) {
        const char *end = strchr(line, separator);
        int length = end == NULL ? (int)strlen(line) : (int)(end - line);

        if (is_chosen(field)) {
            if (any) {
                putchar(separator);
            }
            printf("%.*s", length, line);
            any = true;
        }
        if (end == NULL) {
            break;
        }
        line = end + 1;
    }
    putchar('\n');
}

static void cut_line(const char *line)
{
    if (by_fields) {
        cut_fields(line);
        return;
    }
    for (int i = 0; line[i] != '\0'; i++) {
        if (is_chosen(i + 1)) {
            putchar(line[i]);
        }
    }
    putchar('\n');
}

static int cut_file(const char *name)
{
    FILE *stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    char *line = NULL;
    size_t size = 0;

    if (stream == NULL) {
        warn("%s", name);
        return 1;
    }
    while (getline(&line, &size, stream) > 0) {
        line[strcspn(line, "\n")] = '\0';
        cut_line(line);
    }
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    int option, result = 0;

    while ((option = getopt(argc, argv, "b:c:f:d:s")) != -1) {
        switch (option) {
        case 'b':
        case 'c':
        case 'f':
            by_fields = option == 'f';
            read_list(optarg);
            break;
        case 'd':
            separator = optarg[0];
            break;
        case 's':
            only_separated = true;
            break;
        default:
            usage(1, USAGE);
        }
    }
    if (range_count == 0) {
        usage(1, USAGE);
    }
    if (optind == argc) {
        result = cut_file("-");
    }
    for (int i = optind; i < argc; i++) {
        result |= cut_file(argv[i]);
    }
    return finish_output(result);
}
