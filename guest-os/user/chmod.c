/* chmod MODE FILE...: sets permissions, as an octal number or +x. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    struct stat64 status;
    int result = 0;

    if (argc < 3) {
        fputs("usage: chmod MODE FILE...\n", stderr);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        uint32_t mode = (uint32_t)strtol(argv[1], NULL, 8);

        if (strcmp(argv[1], "+x") == 0 && stat(argv[i], &status) == 0) {
            mode = (status.st_mode & 07777) | 0111;
        }
        if (chmod(argv[i], mode) != 0) {
            fprintf(stderr, "chmod: %s: %s\n", argv[i], strerror(errno));
            result = 1;
        }
    }
    return result;
}
