/* head [-n LINES | -c BYTES] [-qv] [FILE...]: the beginning of files; -5 is -n 5. LINES with a
 * minus sign: all but the last. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "head [-n LINES | -c BYTES] [-qv] [FILE...]"

static int count = 10;
static bool in_bytes, all_but;

static int show(const char *name, bool titled, bool first)
{
    FILE *stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    int left = count, c, total = 0;

    if (stream == NULL) {
        warn("%s", name);
        return 1;
    }
    if (titled) {
        printf("%s==> %s <==\n", first ? "" : "\n", stream == stdin ? "standard input" : name);
    }
    if (all_but) {
        while ((c = fgetc(stream)) != EOF) {
            total += in_bytes || c == '\n';
        }
        left = total > count ? total - count : 0;
        rewind(stream);
    }
    while (left > 0 && (c = fgetc(stream)) != EOF) {
        putchar(c);
        left -= in_bytes || c == '\n';
    }
    if (stream != stdin) {
        fclose(stream);
    } else {
        fflush(stdin); /* what was read too much goes back */
    }
    return 0;
}

static void set_count(const char *word, bool bytes)
{
    all_but = *word == '-';
    word += all_but || *word == '+';
    count = atoi(word);
    in_bytes = bytes;
    if (!isdigit(*word)) {
        errx(1, "not a number: %s", word);
    }
}

int main(int argc, char **argv)
{
    bool quiet = false, verbose = false;
    int option, result = 0;

    if (argc > 1 && argv[1][0] == '-' && isdigit(argv[1][1])) {
        set_count(argv[1] + 1, false);
        argv++;
        argc--;
    }
    while ((option = getopt(argc, argv, "n:c:qv")) != -1) {
        if (option == 'n' || option == 'c') {
            set_count(optarg, option == 'c');
        } else if (option == '?') {
            usage(1, USAGE);
        }
        quiet = quiet || option == 'q';
        verbose = verbose || option == 'v';
    }
    if (optind == argc) {
        return show("-", verbose, true);
    }
    for (int i = optind; i < argc; i++) {
        result |= show(argv[i], verbose || (argc - optind > 1 && !quiet), i == optind);
    }
    return finish_output(result);
}
