/* xargs [-0rt] [-n WORDS] [-I TEXT] [COMMAND [WORD...]]: runs a command with words from standard
 * input. Status 123: one of them failed, 126, 127: it could not be run.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MOST 512
#define WORD_BYTES 4096
#define USAGE      "xargs [-0rt] [-n WORDS] [-I TEXT] [COMMAND [WORD...]]"

static bool by_nulls, trace;
static const char *place; /* -I */

/* The next word of the input, of malloc; NULL: the end. */
static char *next_word(void)
{
    static char word[WORD_BYTES];
    size_t length = 0;
    bool any = false;
    int c, quote = 0;

    while ((c = getchar()) != EOF && length + 1 < WORD_BYTES) {
        if (by_nulls ? c == '\0' : place != NULL ? c == '\n' : quote == 0 && isspace(c)) {
            if (any || by_nulls) {
                break;
            }
        } else if (!by_nulls && quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
            any = true;
        } else if (quote != 0 && c == quote) {
            quote = 0;
        } else if (!by_nulls && quote == 0 && c == '\\') {
            c = getchar();
            word[length++] = (char)c;
            any = true;
        } else if (place == NULL || any || !isspace(c)) {
            word[length++] = (char)c;
            any = true;
        }
    }
    word[length] = '\0';
    return c == EOF && !any ? NULL : strdup(word);
}

static int run(char **argv)
{
    int status, pid;

    fflush(stdout);
    if (trace) {
        for (char **word = argv; *word != NULL; word++) {
            fprintf(stderr, "%s%s", *word, word[1] == NULL ? "\n" : " ");
        }
    }
    pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        warn("%s", argv[0]);
        _exit(errno == ENOENT ? 127 : 126);
    }
    if (pid < 0) {
        err(1, "fork");
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    if (WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127)) {
        exit(WEXITSTATUS(status));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 255) {
        exit(124);
    }
    return WIFSIGNALED(status) ? 125 : WEXITSTATUS(status) != 0 ? 123 : 0;
}

/* `word` with each -I text replaced by `by`. */
static char *replaced(const char *word, const char *by)
{
    const char *found = strstr(word, place);
    size_t room = strlen(word) + 1;
    char *result, *rest;

    if (found == NULL) {
        return strdup(word);
    }
    rest = replaced(found + strlen(place), by);
    room += strlen(by) + strlen(rest);
    result = malloc(room);
    if (result == NULL) {
        errx(1, "out of memory");
    }
    snprintf(result, room, "%.*s%s%s", (int)(found - word), word, by, rest);
    return result;
}

static int run_with_place(char **command, int count)
{
    char *argv[WORDS_MOST + 1], *word;
    int result = 0;

    while ((word = next_word()) != NULL) {
        for (int i = 0; i < count; i++) {
            argv[i] = replaced(command[i], word);
        }
        argv[count] = NULL;
        result |= run(argv);
    }
    return result;
}

int main(int argc, char **argv)
{
    static char *echo[] = {"echo"};
    char *words[WORDS_MOST + 1], **command, *word;
    int option, most = WORDS_MOST, first, count, result = 0, runs = 0;
    bool not_empty = false;

    while ((option = getopt(argc, argv, "0rtn:I:")) != -1) {
        if (option == '?') {
            usage(1, USAGE);
        }
        by_nulls = by_nulls || option == '0';
        not_empty = not_empty || option == 'r';
        trace = trace || option == 't';
        most = option == 'n' ? atoi(optarg) : most;
        place = option == 'I' ? optarg : place;
    }
    command = optind < argc ? argv + optind : echo;
    first = optind < argc ? argc - optind : 1;
    if (most < 1 || first >= WORDS_MOST) {
        usage(1, USAGE);
    }
    if (place != NULL) {
        return run_with_place(command, first);
    }
    memcpy(words, command, (size_t)first * sizeof(*words));
    do {
        word = NULL;
        for (count = first; count < WORDS_MOST && count - first < most; count++) {
            word = next_word();
            if (word == NULL) {
                break;
            }
            words[count] = word;
        }
        words[count] = NULL;
        if (count > first || (runs == 0 && !not_empty)) {
            result |= run(words);
            runs++;
        }
    } while (word != NULL);
    return result;
}
