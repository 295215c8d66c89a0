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
    if (*letters == '\0') {
        if (optind >= argc) {
            return false;
        }
        letters = argv[optind++];
    }
    optarg = letters;
    letters = NULL;
    return true;
}

int getopt(int argc, char *const *argv, const char *options)
{
    const char *place;

    if (optind == 0) { /* from the beginning */
        optind = 1;
        letters = NULL;
    }
    if (letters == NULL || *letters == '\0') {
        char *word = optind < argc ? argv[optind] : NULL;

        if (word == NULL || word[0] != '-' || word[1] == '\0') {
            return -1;
        }
        optind++;
        if (strcmp(word, "--") == 0) {
            return -1;
        }
        letters = word + 1;
    }
    optopt = *letters++;
    place = optopt == ':' ? NULL : strchr(options, optopt);
    if (place == NULL) {
        return complain(argv[0], options, "option not known:");
    }
    if (place[1] == ':' && !take_argument(argc, argv)) {
        return complain(argv[0], options, "argument is missing for");
    }
    return optopt;
}
