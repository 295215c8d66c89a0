/* rev [FILE...]: each line from its end to its start. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int reverse(FILE *stream)
{
    char *line = NULL;
    size_t size = 0;
    int length;

    while ((length = getline(&line, &size, stream)) > 0) {
        bool whole = line[length - 1] == '\n';

        for (length -= whole; length > 0; length--) {
            putchar(line[length - 1]);
        }
        if (whole) {
            putchar('\n');
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    int result = 0;

    if (argc == 1) {
        reverse(stdin);
    }
    for (int i = 1; i < argc; i++) {
        FILE *stream = fopen(argv[i], "r");

        if (stream == NULL) {
            warn("%s", argv[i]);
            result = 1;
        } else {
            reverse(stream);
            fclose(stream);
        }
    }
    return finish_output(result);
}
