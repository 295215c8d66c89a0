/* which NAME...: the paths of programs, along PATH. Status 1: one was not found.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 512

static bool is_program(const char *path)
{
    struct stat64 status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static bool find(const char *name)
{
    const char *part = getenv("PATH");
    char path[PATH_BYTES];

    if (strchr(name, '/') != NULL) {
        if (is_program(name)) {
            puts(name);
            return true;
        }
        return false;
    }
    for (part = part == NULL ? "/bin" : part; part != NULL;) {
        const char *end = strchr(part, ':');
        int length = end == NULL ? (int)strlen(part) : (int)(end - part);

        snprintf(path, sizeof(path), "%.*s%s%s", length, part, length > 0 ? "/" : "", name);
        if (is_program(path)) {
            puts(path);
            return true;
        }
        part = end == NULL ? NULL : end + 1;
    }
    return false;
}

int main(int argc, char **argv)
{
    int result = 0;

    if (argc < 2) {
        usage(1, "which NAME...");
    }
    for (int i = 1; i < argc; i++) {
        result |= !find(argv[i]);
    }
    return result;
}
