/* cmp [-s | -l] FILE1 FILE2: where two files differ. Status 0: equal, 1: not, 2: an error.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static FILE *open_file(const char *name)
{
    FILE *stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");

    if (stream == NULL) {
        err(2, "%s", name);
    }
    return stream;
}

int main(int argc, char **argv)
{
    bool silent = false, all = false, differ = false;
    uint32_t place = 0, line = 1;
    FILE *a, *b;
    int option, x, y;

    while ((option = getopt(argc, argv, "sl")) != -1) {
        if (option == '?') {
            usage(2, "cmp [-s | -l] FILE1 FILE2");
        }
        silent = silent || option == 's';
        all = all || option == 'l';
    }
    if (argc - optind != 2) {
        usage(2, "cmp [-s | -l] FILE1 FILE2");
    }
    a = open_file(argv[optind]);
    b = open_file(argv[optind + 1]);
    do {
        x = fgetc(a);
        y = fgetc(b);
        place++;
        if (x != y && (x == EOF || y == EOF)) {
            if (!silent) {
                warnx("%s is shorter", x == EOF ? argv[optind] : argv[optind + 1]);
            }
            return finish_output(1);
        }
        if (x != y) {
            differ = true;
            if (all) {
                printf("%u %3o %3o\n", place, (uint32_t)x, (uint32_t)y);
            } else {
                if (!silent) {
                    printf("%s %s differ: char %u, line %u\n", argv[optind], argv[optind + 1],
                           place, line);
                }
                return finish_output(1);
            }
        }
        line += x == '\n';
    } while (x != EOF);
    return finish_output(differ);
}
