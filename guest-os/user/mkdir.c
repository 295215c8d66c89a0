/* mkdir [-p] DIRECTORY...: makes directories; with -p those above them, too.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int make(char *path, bool above)
{
    for (char *slash = strchr(path + 1, '/'); above && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    if (mkdir(path, 0777) == 0 || (above && errno == EEXIST)) {
        return 0;
    }
    fprintf(stderr, "mkdir: %s: %s\n", path, strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    bool above = argc > 1 && strcmp(argv[1], "-p") == 0;
    int result = 0;

    for (int i = above ? 2 : 1; i < argc; i++) {
        result |= make(argv[i], above);
    }
    return result;
}
