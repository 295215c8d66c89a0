/* nice [-n BY] [COMMAND [ARGUMENT...]]: runs a command that lets others run first (BY 10, if not
 * told); without a command: the own number. SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int option, by = 10;

    while ((option = getopt(argc, argv, "n:")) != -1) {
        if (option == '?') {
            usage(125, "nice [-n BY] [COMMAND [ARGUMENT...]]");
        }
        by = atoi(optarg);
    }
    if (optind == argc) {
        printf("%d\n", getpriority(0, 0));
        return 0;
    }
    errno = 0;
    if (nice(by) == -1 && errno != 0) {
        warn("%d", by);
    }
    execvp(argv[optind], argv + optind);
    warn("%s", argv[optind]);
    return errno == ENOENT ? 127 : 126;
}
