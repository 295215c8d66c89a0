/* A small shell: lines of words; each is a program in /bin that is run and waited for.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 16

static int split(char *line, char **words)
{
    int count = 0;

    for (char *word = strtok(line, " \n"); word && count < WORDS - 1; word = strtok(NULL, " \n")) {
        words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

int main(void)
{
    char line[200];
    char *words[WORDS];

    while (fgets(line, sizeof(line), stdin)) {
        if (split(line, words) == 0) {
            continue;
        }
        /* run it, wait for it; then cd, exit, > and | */
    }
    return 0;
}
