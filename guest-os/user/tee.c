/* tee [-a] [FILE...]: standard input to standard output and to files; -a adds to them.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#define FILES_MOST 16
#define BYTES      4096

int main(int argc, char **argv)
{
    static char buffer[BYTES];
    int fds[FILES_MOST + 1] = {STDOUT_FILENO}, count = 1, option, got, result = 0;
    uint32_t flags = O_WRONLY | O_CREAT | O_TRUNC;

    while ((option = getopt(argc, argv, "a")) != -1) {
        if (option == '?') {
            usage(1, "tee [-a] [FILE...]");
        }
        flags = O_WRONLY | O_CREAT | O_APPEND;
    }
    for (; optind < argc && count <= FILES_MOST; optind++) {
        fds[count] = open(argv[optind], flags, 0666u);
        if (fds[count] < 0) {
            warn("%s", argv[optind]);
            result = 1;
        } else {
            count++;
        }
    }
    while ((got = read(STDIN_FILENO, buffer, BYTES)) > 0) {
        for (int i = 0; i < count; i++) {
            if (write(fds[i], buffer, (size_t)got) != got) {
                warn("output");
                result = 1;
            }
        }
    }
    return result;
}
