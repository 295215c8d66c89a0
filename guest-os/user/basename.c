/* basename PATH [SUFFIX]: the last part of a path, without the suffix. SPDX-License-Identifier: MIT
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char *path, *name;
    size_t length;

    if (argc < 2 || argc > 3) {
        usage(1, "basename PATH [SUFFIX]");
    }
    path = argv[1];
    length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        path[--length] = '\0';
    }
    name = strrchr(path, '/');
    name = name == NULL || name[1] == '\0' ? path : name + 1;
    length = strlen(name);
    if (argc == 3) {
        size_t suffix = strlen(argv[2]);

        if (suffix < length && strcmp(name + length - suffix, argv[2]) == 0) {
            name[length - suffix] = '\0';
        }
    }
    puts(name);
    return 0;
}
