/* dirname PATH...: the paths without their last parts. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>

static void show(char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    while (length > 0 && path[length - 1] != '/') {
        length--;
    }
    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    if (length == 0) {
        puts(".");
    } else {
        printf("%.*s\n", (int)length, path);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(1, "dirname PATH...");
    }
    for (int i = 1; i < argc; i++) {
        show(argv[i]);
    }
    return 0;
}
