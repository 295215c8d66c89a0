/* tail [-n [+]LINES | -c [+]BYTES] [-fqv] [FILE...]: the end of files; -5 is -n 5. With a plus
 * sign: from that line (or byte) on. -f: goes on showing what is added.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "tail [-n [+]LINES | -c [+]BYTES] [-fqv] [FILE...]"

static size_t count = 10;
static bool in_bytes, from_start;

/* All of the stream in memory (free it). */
static char *read_all(FILE *stream, size_t *length)
{
    size_t room = BUFSIZ, got;
    char *text = malloc(room);

    *length = 0;
    while (text != NULL && (got = fread(text + *length, 1, room - *length, stream)) > 0) {
        *length += got;
        if (*length == room) {
            text = realloc(text, room *= 2);
        }
    }
    if (text == NULL) {
        errx(1, "out of memory");
    }
    return text;
}

/* Where the part that is shown begins. */
static size_t find_start(const char *text, size_t length)
{
    size_t skip = count > 0 ? count - 1 : 0, at = 0;

    if (from_start) {
        while (at < length && skip > 0) {
            skip -= in_bytes || text[at] == '\n';
            at++;
        }
        return at;
    }
    if (in_bytes) {
        return count < length ? length - count : 0;
    }
    at = length;
    if (count == 0) {
        return length;
    }
    skip = count;
    at -= at > 0 && text[at - 1] == '\n';
    while (at > 0 && !(text[at - 1] == '\n' && --skip == 0)) {
        at--;
    }
    return at;
}

static int show(const char *name, bool titled, bool first, bool follow)
{
    FILE *stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    size_t length, start;
    char *text;

    if (stream == NULL) {
        warn("%s", name);
        return 1;
    }
    if (titled) {
        printf("%s==> %s <==\n", first ? "" : "\n", stream == stdin ? "standard input" : name);
    }
    text = read_all(stream, &length);
    start = find_start(text, length);
    fwrite(text + start, 1, length - start, stdout);
    free(text);
    while (follow) {
        fflush(stdout);
        sleep(1);
        clearerr(stream);
        text = read_all(stream, &length);
        fwrite(text, 1, length, stdout);
        free(text);
    }
    if (stream != stdin) {
        fclose(stream);
    }
    return 0;
}

static void set_count(const char *word, bool bytes)
{
    from_start = *word == '+';
    word += from_start || *word == '-';
    in_bytes = bytes;
    count = (size_t)atoi(word);
    if (!isdigit(*word)) {
        errx(1, "not a number: %s", word);
    }
}

int main(int argc, char **argv)
{
    bool quiet = false, verbose = false, follow = false;
    int option, result = 0;

    if (argc > 1 && (argv[1][0] == '-' || argv[1][0] == '+') && isdigit(argv[1][1])) {
        set_count(argv[1], false);
        argv++;
        argc--;
    }
    while ((option = getopt(argc, argv, "n:c:fqv")) != -1) {
        if (option == 'n' || option == 'c') {
            set_count(optarg, option == 'c');
        } else if (option == '?') {
            usage(1, USAGE);
        }
        quiet = quiet || option == 'q';
        verbose = verbose || option == 'v';
        follow = follow || option == 'f';
    }
    if (optind == argc) {
        return show("-", verbose, true, follow);
    }
    for (int i = optind; i < argc; i++) {
        result |= show(argv[i], verbose || (argc - optind > 1 && !quiet), i == optind,
                       follow && i + 1 == argc);
    }
    return finish_output(result);
}
