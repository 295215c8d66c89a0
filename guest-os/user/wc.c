/* wc [-l|-w|-c] [FILE...]: counts lines, words and bytes. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct counts {
    int lines, words, bytes;
};

static void count(FILE *stream, struct counts *counts)
{
    bool in_word = false;
    int c;

    while ((c = fgetc(stream)) != EOF) {
        counts->bytes++;
        counts->lines += c == '\n';
        counts->words += !isspace(c) && !in_word;
        in_word = !isspace(c);
    }
}

static void show(const struct counts *counts, char only, const char *name)
{
    const char *between = name == NULL ? "" : " ";

    name = name == NULL ? "" : name;
    if (only == '\0') {
        printf("%7d %7d %7d%s%s\n", counts->lines, counts->words, counts->bytes, between, name);
    } else {
        printf("%d%s%s\n",
               only == 'l'   ? counts->lines
               : only == 'w' ? counts->words
                             : counts->bytes,
               between, name);
    }
}

int main(int argc, char **argv)
{
    char only = argc > 1 && argv[1][0] == '-' ? argv[1][1] : '\0';
    int first = only == '\0' ? 1 : 2, result = 0;
    struct counts total = {0, 0, 0};

    if (argc == first) {
        count(stdin, &total);
        show(&total, only, NULL);
        return 0;
    }
    for (int i = first; i < argc; i++) {
        struct counts counts = {0, 0, 0};
        FILE *stream = fopen(argv[i], "r");

        if (stream == NULL) {
            fprintf(stderr, "wc: %s: %s\n", argv[i], strerror(errno));
            result = 1;
            continue;
        }
        count(stream, &counts);
        fclose(stream);
        show(&counts, only, argv[i]);
        total.lines += counts.lines;
        total.words += counts.words;
        total.bytes += counts.bytes;
    }
    if (argc - first > 1) {
        show(&total, only, "total");
    }
    return result;
}
