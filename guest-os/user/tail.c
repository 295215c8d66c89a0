/* tail [-n LINES|-LINES] [FILE]: the last lines, 10 if not told, at most 1000.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000

static char *kept[MOST]; /* ring of the last lines */

int main(int argc, char **argv)
{
    FILE *stream = stdin;
    char *line = NULL;
    size_t size = 0;
    int lines = 10, i = 1, count = 0;

    if (i < argc && argv[i][0] == '-' && argv[i][1] != '\0') {
        const char *number = argv[i][1] != 'n'    ? argv[i] + 1
                             : argv[i][2] != '\0' ? argv[i] + 2
                                                  : argv[++i];

        lines = number == NULL ? lines : atoi(number);
        i++;
    }
    lines = lines < 0 ? 0 : lines > MOST ? MOST : lines;
    if (i < argc && (stream = fopen(argv[i], "r")) == NULL) {
        fprintf(stderr, "tail: %s: %s\n", argv[i], strerror(errno));
        return 1;
    }
    while (lines > 0 && getline(&line, &size, stream) > 0) {
        free(kept[count % lines]);
        kept[count++ % lines] = strdup(line);
    }
    for (i = count > lines ? count - lines : 0; i < count; i++) {
        fputs(kept[i % lines], stdout);
    }
    return 0;
}
