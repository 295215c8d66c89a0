/* yes [WORD...]: the words, or "y", again and again. SPDX-License-Identifier: MIT */
#include <stdio.h>

int main(int argc, char **argv)
{
    while (!ferror(stdout)) {
        for (int i = 1; i < argc; i++) {
            printf("%s%s", i > 1 ? " " : "", argv[i]);
        }
        puts(argc > 1 ? "" : "y");
    }
    return 1;
}
