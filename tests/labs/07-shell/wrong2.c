/* loses: output contains "/tmp\n"
 * SPDX-License-Identifier: MIT */

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

/* words up to NULL, with input and output from these descriptors; returns the pid */
static int start(char **words, int in, int out, int other)
{
    int pid = fork();

    if (pid != 0) {
        return pid;
    }
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], ">") == 0) {
            out = open(words[i + 1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
            words[i] = NULL;
            break;
        }
    }
    dup2(in, 0);
    dup2(out, 1);
    if (other >= 0) {
        close(other);
    }
    execvp(words[0], words);
    fprintf(stderr, "%s: not found\n", words[0]);
    _exit(127);
    return -1;
}

static int run(char **words)
{
    int status = 0, ends[2] = {0, 1}, first = 0, last, at = 0;

    while (words[at] && strcmp(words[at], "|") != 0) {
        at++;
    }
    if (words[at]) {
        words[at] = NULL;
        pipe(ends);
        first = start(words, 0, ends[1], ends[0]);
        close(ends[1]);
        last = start(words + at + 1, ends[0], 1, -1);
        close(ends[0]);
        waitpid(first, NULL, 0);
    } else {
        last = start(words, 0, 1, -1);
    }
    waitpid(last, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(void)
{
    char line[200];
    char *words[WORDS];
    int status = 0;

    /* byte by byte, so that nothing is taken from the programs' input */
    while (fgets(line, sizeof(line), stdin)) {
        if (split(line, words) == 0) {
            continue;
        }
        if (strcmp(words[0], "exit") == 0) {
            return status;
        }
        if (strcmp(words[0], "cd") == 0) {
            start(words, 0, 1, -1);
            continue;
        }
        status = run(words);
    }
    return status;
}
