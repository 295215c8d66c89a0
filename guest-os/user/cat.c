/* cat [-nu] [FILE...]: the files one after the other; "-" is standard input. -n numbers the lines.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BYTES 4096 /* moved at once */

static bool numbers;

static bool write_all(const char *from, int bytes)
{
    while (bytes > 0) {
        int put = write(STDOUT_FILENO, from, (size_t)bytes);

        if (put < 0 && errno != EINTR) {
            return false;
        }
        from += put > 0 ? put : 0;
        bytes -= put > 0 ? put : 0;
    }
    return true;
}

static void write_numbered(const char *from, int bytes)
{
    static int line;
    static bool at_start = true;

    for (int i = 0; i < bytes; i++) {
        if (at_start) {
            printf("%6d\t", ++line);
        }
        putchar(from[i]);
        at_start = from[i] == '\n';
    }
}

static int copy(const char *name)
{
    static char buffer[BYTES];
    int fd = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY), got;

    if (fd < 0) {
        warn("%s", name);
        return 1;
    }
    while ((got = read(fd, buffer, BYTES)) != 0) {
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            warn("%s", name);
            break;
        }
        if (numbers) {
            write_numbered(buffer, got);
        } else if (!write_all(buffer, got)) {
            err(1, "output");
        }
    }
    if (fd != STDIN_FILENO) {
        close(fd);
    }
    return got < 0;
}

int main(int argc, char **argv)
{
    int option, result = 0;

    while ((option = getopt(argc, argv, "nu")) != -1) {
        if (option == '?') {
            usage(1, "cat [-nu] [FILE...]");
        }
        numbers = numbers || option == 'n';
    }
    if (optind == argc) {
        return finish_output(copy("-"));
    }
    for (int i = optind; i < argc; i++) {
        result |= copy(argv[i]);
    }
    return finish_output(result);
}
