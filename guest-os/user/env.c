/* env [NAME=VALUE...] [PROGRAM ARGUMENT...]: runs a program with these variables added, or shows
 * all. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int i = 1;

    for (; i < argc && strchr(argv[i], '=') != NULL; i++) {
        char *sign = strchr(argv[i], '=');

        *sign = '\0';
        setenv(argv[i], sign + 1, 1);
    }
    if (i < argc) {
        execvp(argv[i], argv + i);
        fprintf(stderr, "env: %s: %s\n", argv[i], strerror(errno));
        return errno == ENOENT ? 127 : 126;
    }
    for (char **entry = environ; *entry != NULL; entry++) {
        puts(*entry);
    }
    return 0;
}
