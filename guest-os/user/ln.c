/* ln -s TARGET NAME: makes a symbolic link. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 4 || strcmp(argv[1], "-s") != 0) {
        fputs("usage: ln -s TARGET NAME\n", stderr);
        return 2;
    }
    if (symlink(argv[2], argv[3]) != 0) {
        fprintf(stderr, "ln: %s: %s\n", argv[3], strerror(errno));
        return 1;
    }
    return 0;
}
