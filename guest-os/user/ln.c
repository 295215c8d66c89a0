/* ln [-sf] TARGET... NAME: gives a file another name, or (-s) makes a name that leads to another.
 * NAME may be a directory. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define USAGE      "ln [-sf] TARGET... NAME"

int main(int argc, char **argv)
{
    bool symbolic = false, force = false, into;
    char path[PATH_BYTES];
    struct stat64 status;
    const char *to;
    int option, result = 0;

    while ((option = getopt(argc, argv, "sfn")) != -1) {
        if (option == '?') {
            usage(1, USAGE);
        }
        symbolic = symbolic || option == 's';
        force = force || option == 'f';
    }
    if (optind == argc) {
        usage(1, USAGE);
    }
    to = argc - optind == 1 ? "." : argv[argc - 1];
    into = stat(to, &status) == 0 && S_ISDIR(status.st_mode);
    if (argc - optind > 2 && !into) {
        errx(1, "%s: not a directory", to);
    }
    for (int i = optind; i < (argc - optind == 1 ? argc : argc - 1); i++) {
        snprintf(path, sizeof(path), "%s%s%s", to, into ? "/" : "", into ? path_name(argv[i]) : "");
        if (force) {
            unlink(path);
        }
        if ((symbolic ? symlink(argv[i], path) : link(argv[i], path)) != 0) {
            warn("%s", path);
            result = 1;
        }
    }
    return result;
}
