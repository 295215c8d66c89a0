/* pwd: the path of the current directory. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#define PATH_BYTES 1024

int main(void)
{
    char path[PATH_BYTES];

    if (getcwd(path, sizeof(path)) == NULL) {
        err(1, "current directory");
    }
    puts(path);
    return 0;
}
