/* wc [-lwcmL] [FILE...]: counts lines, words, bytes; -L: the longest line.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct counts {
    uint32_t lines, words, bytes, longest; /* longest: columns */
};

static bool options[128];
static int width = 1; /* of a number */

static void count(FILE *stream, struct counts *counts)
{
    uint32_t column = 0;
    bool in_word = false;
    int c;

    while ((c = fgetc(stream)) != EOF) {
        counts->bytes++;
        counts->lines += c == '\n';
        counts->words += !isspace(c) && !in_word;
        in_word = !isspace(c);
        column = c == '\n' ? 0 : c == '\t' ? (column | 7) + 1 : column + (isprint(c) != 0);
        counts->longest = column > counts->longest ? column : counts->longest;
    }
}

static void show(const struct counts *counts, const char *name)
{
    const char *between = "";
    const struct {
        char letter;
        uint32_t value;
    } columns[] = {
        {'l', counts->lines}, {'w', counts->words}, {'c', counts->bytes}, {'L', counts->longest}};

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (options[(int)columns[i].letter]) {
            printf("%s%*u", between, width, columns[i].value);
            between = " ";
        }
    }
    if (name != NULL) {
        printf(" %s", name);
    }
    putchar('\n');
}

/* Numbers are as wide as the sum of all sizes; 7 if a size is not known. */
static void choose_width(char **names, int number)
{
    int chosen = options['l'] + options['w'] + options['c'] + options['L'];
    uint32_t sum = 0;
    struct stat64 status;
    bool known = true;
    char text[16];

    if (chosen == 1 && number <= 1) {
        return;
    }
    for (int i = 0; i < (number == 0 ? 1 : number); i++) {
        bool good = number == 0 || strcmp(names[i], "-") == 0 ? fstat(0, &status) == 0
                                                              : stat(names[i], &status) == 0;

        if (good) {
            known = known && S_ISREG(status.st_mode);
            sum += (uint32_t)status.st_size;
        }
    }
    width = snprintf(text, sizeof(text), "%u", sum);
    if (!known && width < 7) {
        width = 7;
    }
}

static int count_file(const char *name, struct counts *total)
{
    struct counts counts = {0};
    FILE *stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    bool bad;

    if (stream == NULL) {
        warn("%s", name);
        return 1;
    }
    count(stream, &counts);
    bad = ferror(stream);
    if (bad) {
        warn("%s", name);
    }
    if (stream != stdin) {
        fclose(stream);
    }
    show(&counts, name);
    total->lines += counts.lines;
    total->words += counts.words;
    total->bytes += counts.bytes;
    total->longest = counts.longest > total->longest ? counts.longest : total->longest;
    return bad;
}

int main(int argc, char **argv)
{
    struct counts total = {0};
    int option, result = 0;

    while ((option = getopt(argc, argv, "lwcmL")) != -1) {
        if (option == '?') {
            usage(1, "wc [-lwcmL] [FILE...]");
        }
        options[option == 'm' ? 'c' : option] = true;
    }
    if (!options['l'] && !options['w'] && !options['c'] && !options['L']) {
        options['l'] = options['w'] = options['c'] = true;
    }
    choose_width(argv + optind, argc - optind);
    if (optind == argc) {
        count(stdin, &total);
        show(&total, NULL);
        return finish_output(0);
    }
    for (int i = optind; i < argc; i++) {
        result |= count_file(argv[i], &total);
    }
    if (argc - optind > 1) {
        show(&total, "total");
    }
    return finish_output(result);
}
