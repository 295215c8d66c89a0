/* nl [-ba] [FILE]: numbers the lines that are not empty; -ba: all. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    FILE *stream = stdin;
    char *line = NULL;
    size_t size = 0;
    bool all = false;
    int option, number = 1, length;

    while ((option = getopt(argc, argv, "b:")) != -1) {
        if (option == '?') {
            usage(1, "nl [-ba] [FILE]");
        }
        all = *optarg == 'a';
    }
    if (optind < argc && (stream = fopen(argv[optind], "r")) == NULL) {
        err(1, "%s", argv[optind]);
    }
    while ((length = getline(&line, &size, stream)) > 0) {
        length -= line[length - 1] == '\n';
        if (length > 0 || all) {
            printf("%6d\t%.*s\n", number++, length, line);
        } else {
            puts("       ");
        }
    }
    return finish_output(0);
}
