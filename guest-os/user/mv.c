/* mv FROM... TO: gives files another name or place; TO is a name or a directory.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 256

int main(int argc, char **argv)
{
    char path[PATH_BYTES];
    struct stat64 status;
    bool into;
    int result = 0;

    if (argc < 3) {
        fputs("usage: mv FROM... TO\n", stderr);
        return 2;
    }
    into = stat(argv[argc - 1], &status) == 0 && S_ISDIR(status.st_mode);
    if (argc > 3 && !into) {
        fprintf(stderr, "mv: %s: not a directory\n", argv[argc - 1]);
        return 1;
    }
    for (int i = 1; i < argc - 1; i++) {
        const char *name = strrchr(argv[i], '/');

        snprintf(path, sizeof(path), "%s/%s", argv[argc - 1], name == NULL ? argv[i] : name + 1);
        if (rename(argv[i], into ? path : argv[argc - 1]) != 0) {
            fprintf(stderr, "mv: %s: %s\n", argv[i], strerror(errno));
            result = 1;
        }
    }
    return result;
}
