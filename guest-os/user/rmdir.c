/* rmdir [-p] DIRECTORY...: removes empty directories; with -p those above them, too.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static int remove_one(char *path, bool above)
{
    char *slash;

    do {
        if (rmdir(path) != 0) {
            warn("%s", path);
            return 1;
        }
        slash = strrchr(path, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
    } while (above && slash != NULL && slash != path);
    return 0;
}

int main(int argc, char **argv)
{
    bool above = false;
    int option, result = 0;

    while ((option = getopt(argc, argv, "p")) != -1) {
        if (option == '?') {
            usage(1, "rmdir [-p] DIRECTORY...");
        }
        above = true;
    }
    if (optind == argc) {
        usage(1, "rmdir [-p] DIRECTORY...");
    }
    for (int i = optind; i < argc; i++) {
        result |= remove_one(argv[i], above);
    }
    return result;
}
