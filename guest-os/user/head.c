/* head [-n LINES|-LINES] [FILE]: the first lines, 10 if not told. SPDX-License-Identifier: MIT
 * */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    FILE *stream = stdin;
    char *line = NULL;
    size_t size = 0;
    int lines = 10, i = 1, length;

    if (i < argc && argv[i][0] == '-' && argv[i][1] != '\0') {
        const char *number = argv[i][1] != 'n'    ? argv[i] + 1
                             : argv[i][2] != '\0' ? argv[i] + 2
                                                  : argv[++i];

        lines = number == NULL ? lines : atoi(number);
        i++;
    }
    if (i < argc && (stream = fopen(argv[i], "r")) == NULL) {
        fprintf(stderr, "head: %s: %s\n", argv[i], strerror(errno));
        return 1;
    }
    while (lines-- > 0 && (length = getline(&line, &size, stream)) > 0) {
        fwrite(line, 1, (size_t)length, stdout);
    }
    return 0;
}
