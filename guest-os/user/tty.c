/* tty [-s]: the terminal that is standard input. Status 1: it is none. SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int silent = argc > 1 && strcmp(argv[1], "-s") == 0;
    const char *path = ttyname(STDIN_FILENO);

    if (!silent) {
        puts(path != NULL ? path : isatty(STDIN_FILENO) ? "a terminal" : "not a tty");
    }
    return isatty(STDIN_FILENO) ? 0 : 1;
}
