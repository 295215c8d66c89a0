/* Options of a command line. See: POSIX.1-2017, getopt() and 12.2 "Utility Syntax Guidelines".
 * SPDX-License-Identifier: MIT */
#include "libc/include/stdio.h"
#include "libc/include/string.h"
#include "libc/include/unistd.h"

char *optarg;
int optind = 1, optopt, opterr = 1;
static char *letters; /* what is left of a word like -abc */

static int complain(const char *program, const char *options, const char *words)
{
    if (options[0] == ':') {
        return words[0] == 'o' ? '?' : ':';
    }
    if (opterr) {
        fprintf(stderr, "%s: %s -%c\n", program, words, optopt);
    }
    return '?';
}

/* The option's argument: the rest of its word, or the next word. */
static bool take_argument(int argc, char *const *argv)
{
    optarg = *letters != '\0' ? letters : argv[optind + 1];
    optind += *letters != '\0' ? 1 : 2;
    letters = NULL;
    return optind <= argc;
}

/* The word is used up when its last letter is. */
static void go_on(void)
{
    if (*letters == '\0') {
        letters = NULL;
        optind++;
    }
}

/* The next letter's place; NULL: there is none. */
static char *next_letter(int argc, char *const *argv)
{
    char *word = optind < argc ? argv[optind] : NULL;

    if (optind == 0) { /* from the beginning */
        optind = 1;
        letters = NULL;
        word = argc > 1 ? argv[1] : NULL;
    }
    if (letters != NULL) {
        return letters;
    }
    if (word == NULL || word[0] != '-' || word[1] == '\0') {
        return NULL;
    }
    if (strcmp(word, "--") == 0) {
        optind++;
        return NULL;
    }
    return word + 1;
}

int getopt(int argc, char *const *argv, const char *options)
{
    const char *place;

    letters = next_letter(argc, argv);
    if (letters == NULL) {
        return -1;
    }
    optopt = *letters++;
    place = optopt == ':' ? NULL : strchr(options, optopt);
    if (place != NULL && place[1] == ':') {
        return take_argument(argc, argv) ? optopt
                                         : complain(argv[0], options, "argument is missing for");
    }
    go_on();
    return place == NULL ? complain(argv[0], options, "option not known:") : optopt;
}
