/* cat [FILE...]: copies files, or its input, to its output. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BYTES 4096 /* moved at once */

static char buffer[BYTES];

static int copy(int fd, const char *name)
{
    int got;

    while ((got = read(fd, buffer, BYTES)) > 0) {
        if (fwrite(buffer, 1, (size_t)got, stdout) != (size_t)got) {
            return 1;
        }
    }
    if (got < 0) {
        fprintf(stderr, "cat: %s: %s\n", name, strerror(errno));
    }
    return got < 0;
}

int main(int argc, char **argv)
{
    int result = 0;

    if (argc == 1) {
        return copy(STDIN_FILENO, "input");
    }
    for (int i = 1; i < argc; i++) {
        int fd = strcmp(argv[i], "-") == 0 ? STDIN_FILENO : open(argv[i], O_RDONLY);

        if (fd < 0) {
            fprintf(stderr, "cat: %s: %s\n", argv[i], strerror(errno));
            result = 1;
            continue;
        }
        result |= copy(fd, argv[i]);
        if (fd != STDIN_FILENO) {
            close(fd);
        }
    }
    return result;
}
