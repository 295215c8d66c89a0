/* uniq [-cdui] [-f FIELDS] [-s CHARACTERS] [INPUT [OUTPUT]]: one of each run of equal lines. -c
 * with their number, -d only those that come more than once, -u only the others.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool options[128];
static int fields, characters;

/* The part of a line that is compared. */
static const char *compared(const char *line)
{
    for (int i = 0; i < fields; i++) {
        line += strspn(line, " \t");
        line += strcspn(line, " \t");
    }
    for (int i = 0; i < characters && *line != '\0'; i++) {
        line++;
    }
    return line;
}

static bool are_equal(const char *a, const char *b)
{
    return (options['i'] ? strcasecmp(compared(a), compared(b))
                         : strcmp(compared(a), compared(b))) == 0;
}

static void show(const char *line, int count)
{
    if ((options['d'] && count == 1) || (options['u'] && count > 1)) {
        return;
    }
    if (options['c']) {
        printf("%7d ", count);
    }
    puts(line);
}

static void take_end_off(char *line)
{
    line[strcspn(line, "\n")] = '\0';
}

int main(int argc, char **argv)
{
    char *line = NULL, *last = NULL;
    size_t size = 0;
    int option, count = 0;

    while ((option = getopt(argc, argv, "cduif:s:")) != -1) {
        if (option == '?') {
            usage(1, "uniq [-cdui] [-f FIELDS] [-s CHARACTERS] [INPUT [OUTPUT]]");
        }
        options[option] = true;
        fields = option == 'f' ? atoi(optarg) : fields;
        characters = option == 's' ? atoi(optarg) : characters;
    }
    if (optind < argc && strcmp(argv[optind], "-") != 0) {
        close(STDIN_FILENO);
        if (fopen(argv[optind], "r") == NULL) { /* it gets descriptor 0 */
            err(1, "%s", argv[optind]);
        }
    }
    if (optind + 1 < argc) {
        close(STDOUT_FILENO);
        if (fopen(argv[optind + 1], "w") == NULL) {
            err(1, "%s", argv[optind + 1]);
        }
    }
    while (getline(&line, &size, stdin) > 0) {
        take_end_off(line);
        if (last != NULL && are_equal(last, line)) {
            count++;
            continue;
        }
        if (last != NULL) {
            show(last, count);
            free(last);
        }
        last = strdup(line);
        count = 1;
    }
    if (last != NULL) {
        show(last, count);
    }
    return finish_output(0);
}
