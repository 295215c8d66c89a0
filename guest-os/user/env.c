/* env [-i] [-u NAME] [NAME=VALUE...] [PROGRAM ARGUMENT...]: runs a program with these variables
 * added (-u: taken away, -i: with no others), or shows all. SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "iu:")) != -1) {
        if (option == 'i') {
            clearenv();
        } else if (option == 'u') {
            unsetenv(optarg);
        } else {
            usage(125, "env [-i] [-u NAME] [NAME=VALUE...] [PROGRAM ARGUMENT...]");
        }
    }
    for (; optind < argc && strchr(argv[optind], '=') != NULL; optind++) {
        if (putenv(argv[optind]) != 0) {
            err(125, "%s", argv[optind]);
        }
    }
    if (optind < argc) {
        execvp(argv[optind], argv + optind);
        warn("%s", argv[optind]);
        return errno == ENOENT ? 127 : 126;
    }
    for (char **entry = environ; *entry != NULL; entry++) {
        puts(*entry);
    }
    return finish_output(0);
}
