/* echo, printf, read. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define FORMAT_BYTES 32

/* ---- escapes ---- */

static int octal(const char **at, int most)
{
    int value = 0;

    for (; most > 0 && **at >= '0' && **at <= '7'; most--) {
        value = value * 8 + (*(*at)++ - '0');
    }
    return value & 0xFF;
}

int decode_escape(const char **at, bool leading_zero)
{
    static const char letters[] = "abfnrtv\\", bytes[] = "\a\b\f\n\r\t\v\\";
    const char *place;

    if (**at >= '0' && **at <= '7' && (!leading_zero || **at == '0')) {
        *at += leading_zero;
        return octal(at, 3);
    }
    if (**at == 'c') {
        return -1;
    }
    place = **at == '\0' ? NULL : strchr(letters, **at);
    if (place == NULL) {
        return '\\';
    }
    (*at)++;
    return (uint8_t)bytes[place - letters];
}

/* `from` with its escapes decoded; false: \c, nothing more is to be written. */
static bool add_decoded(struct text *text, const char *from)
{
    while (*from != '\0') {
        int c = (uint8_t)*from++;

        if (c == '\\') {
            c = decode_escape(&from, true);
            if (c < 0) {
                return false;
            }
        }
        text_add(text, (char)c);
    }
    return true;
}

static int write_text(const struct text *text)
{
    return fwrite(text_of(text), 1, text->length, stdout) == text->length ? 0 : 1;
}

/* Escapes are decoded, as POSIX has it for XSI systems. */
int builtin_echo(char **argv)
{
    bool newline = argv[1] == NULL || strcmp(argv[1], "-n") != 0;
    struct text text = {0};

    for (argv += newline ? 1 : 2; *argv != NULL; argv++) {
        if (!add_decoded(&text, *argv)) {
            return write_text(&text);
        }
        if (argv[1] != NULL) {
            text_add(&text, ' ');
        }
    }
    if (newline) {
        text_add(&text, '\n');
    }
    return write_text(&text);
}

/* ---- printf ---- */

struct printer {
    struct text text;
    char **arguments; /* not yet used */
    bool failed;      /* a number that was none */
    bool ended;       /* \c */
};

static const char *next_argument(struct printer *printer)
{
    return *printer->arguments == NULL ? NULL : *printer->arguments++;
}

static int64_t next_number(struct printer *printer, bool is_signed)
{
    const char *word = next_argument(printer);
    char *end;
    int64_t value;

    if (word == NULL) {
        return 0;
    }
    if (*word == '\'' || *word == '"') {
        return (uint8_t)word[1];
    }
    errno = 0;
    value = is_signed ? strtoll(word, &end, 0) : (int64_t)strtoull(word, &end, 0);
    if (*end != '\0' || errno == ERANGE) {
        fprintf(stderr, "printf: %s: %s\n", word, errno == ERANGE ? "too large" : "not a number");
        printer->failed = true;
    }
    return value;
}

static void add_formatted(struct printer *printer, const char *format, int width, int most,
                          int64_t number, const char *word)
{
    size_t room = (word == NULL ? 0 : strlen(word)) + 128 + (size_t)abs(width) +
                  (most > 0 ? (size_t)most : 0);
    char *text = arena_allocate(room);

    if (word != NULL) {
        snprintf(text, room, format, width, most, word);
    } else {
        snprintf(text, room, format, width, most, number);
    }
    text_add_all(&printer->text, text);
}

/* A number in the format, or * and the next argument; -1: none. */
static const char *read_count(struct printer *printer, const char *at, int *count)
{
    char *end;

    if (*at == '*') {
        *count = (int)next_number(printer, true);
        return at + 1;
    }
    *count = isdigit(*at) ? (int)strtol(at, &end, 10) : -1;
    return isdigit(*at) ? end : at;
}

/* One conversion behind its %; returns the place behind it, NULL: it is none. */
static const char *convert(struct printer *printer, const char *at)
{
    char format[FORMAT_BYTES] = "%";
    size_t flags = strspn(at, "-+ #0");
    int width, most = -1;
    struct text word = {0};
    const char *argument;
    char one[2] = "";

    memcpy(format + 1, at, flags < 8 ? flags : 8);
    at = read_count(printer, at + flags, &width);
    if (*at == '.') {
        at = read_count(printer, at + 1, &most);
        most = most < 0 ? 0 : most;
    }
    width = width == -1 ? 0 : width;
    strcat(format, "*.*");
    switch (*at) {
    case 'd':
    case 'i':
        strcat(format, "lld");
        add_formatted(printer, format, width, most, next_number(printer, true), NULL);
        break;
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        strcat(format, "ll");
        strncat(format, at, 1);
        add_formatted(printer, format, width, most, next_number(printer, false), NULL);
        break;
    case 'c':
        argument = next_argument(printer);
        one[0] = argument == NULL ? '\0' : argument[0];
        strcat(format, "s");
        add_formatted(printer, format, width, -1, 0, one);
        break;
    case 's':
    case 'b':
        argument = next_argument(printer);
        if (*at == 'b' && argument != NULL) {
            printer->ended = !add_decoded(&word, argument);
            argument = text_of(&word);
        }
        strcat(format, "s");
        add_formatted(printer, format, width, most, 0, argument == NULL ? "" : argument);
        break;
    default:
        fprintf(stderr, "printf: not a conversion: %%%c\n", *at);
        return NULL;
    }
    return at + 1;
}

/* The format once; false: an error in it. */
static bool print_once(struct printer *printer, const char *format)
{
    while (*format != '\0' && !printer->ended) {
        int c = (uint8_t)*format++;

        if (c == '\\') {
            c = decode_escape(&format, false);
            if (c < 0) {
                printer->ended = true;
                break;
            }
        } else if (c == '%' && *format == '%') {
            format++;
        } else if (c == '%') {
            format = convert(printer, format);
            if (format == NULL) {
                return false;
            }
            continue;
        }
        text_add(&printer->text, (char)c);
    }
    return true;
}

int builtin_printf(char **argv)
{
    struct printer printer = {0};
    char **before;

    argv += argv[1] != NULL && strcmp(argv[1], "--") == 0;
    if (argv[1] == NULL) {
        fputs("usage: printf FORMAT [ARGUMENT...]\n", stderr);
        return STATUS_ERROR;
    }
    printer.arguments = argv + 2;
    do {
        before = printer.arguments;
        if (!print_once(&printer, argv[1])) {
            write_text(&printer.text);
            return STATUS_ERROR;
        }
    } while (*printer.arguments != NULL && printer.arguments != before && !printer.ended);
    return write_text(&printer.text) | printer.failed;
}

/* ---- read ---- */

/* A line as it is typed: characters, and a mark on those that a backslash stands before. */
struct input {
    struct text text, quoted; /* the second has 'q' or '-' for each of the first */
};

/* Byte for byte, so that what comes behind the line is left for others. false: the end came. */
static bool read_line(struct input *input, int fd, bool raw, int most)
{
    bool escaped = false;
    char c;
    int got;

    while (most < 0 || (int)input->text.length < most) {
        got = (int)read(fd, &c, 1);
        if (got < 0 && errno == EINTR && !trap_waits() && !shell.interrupted) {
            continue;
        }
        if (got != 1) {
            return false;
        }
        if (c == '\\' && !raw && !escaped) {
            escaped = true;
            continue;
        }
        if (c == '\n' && !escaped) {
            return true;
        }
        if (c != '\n' && c != '\0') {
            text_add(&input->text, c);
            text_add(&input->quoted, escaped ? 'q' : '-');
        }
        escaped = false;
    }
    return true;
}

static bool is_separator(const struct input *input, size_t i, const char *ifs, bool blank)
{
    char c = input->text.bytes[i];

    return i < input->text.length && input->quoted.bytes[i] == '-' && strchr(ifs, c) != NULL &&
           (!blank || isspace(c));
}

/* The rest of the line, without separators at its end: blanks, or one that is not, if only that. */
static char *last_field(const struct input *input, size_t start, const char *ifs)
{
    size_t end = input->text.length, i = start;

    while (end > start && is_separator(input, end - 1, ifs, true)) {
        end--;
    }
    while (i < end && !is_separator(input, i, ifs, false)) {
        i++;
    }
    if (i + 1 == end && is_separator(input, i, ifs, false)) {
        end = i; /* "a:" is one field, "a:b:" is not */
    }
    return arena_text(text_of(&input->text) + start, end - start);
}

static void give_fields(const struct input *input, char **names)
{
    const char *ifs = variable_get("IFS") == NULL ? " \t\n" : variable_get("IFS");
    size_t i = 0, start;

    while (i < input->text.length && is_separator(input, i, ifs, true)) {
        i++;
    }
    for (; names[1] != NULL; names++) {
        for (start = i; i < input->text.length && !is_separator(input, i, ifs, false);) {
            i++;
        }
        variable_set(*names, arena_text(text_of(&input->text) + start, i - start));
        while (i < input->text.length && is_separator(input, i, ifs, true)) {
            i++;
        }
        if (i < input->text.length && is_separator(input, i, ifs, false)) {
            for (i++; i < input->text.length && is_separator(input, i, ifs, true);) {
                i++;
            }
        }
    }
    variable_set(*names, last_field(input, i, ifs));
}

/* read [-r] [-p PROMPT] [-u DESCRIPTOR] [-n BYTES] NAME... */
int builtin_read(char **argv)
{
    static char *reply[] = {(char *)(uintptr_t) "REPLY", NULL};
    struct input input = {0};
    int fd = STDIN_FILENO, most = -1, option;
    bool raw = false, whole;

    optind = 0;
    while ((option = getopt(count_words(argv), argv, "rp:u:n:")) != -1) {
        switch (option) {
        case 'r':
            raw = true;
            break;
        case 'p':
            fputs(optarg, stderr);
            break;
        case 'u':
            fd = atoi(optarg);
            break;
        case 'n':
            most = atoi(optarg);
            break;
        default:
            return STATUS_ERROR;
        }
    }
    whole = read_line(&input, fd, raw, most);
    if (input.text.length == 0) { /* so that there are bytes */
        input.text.bytes = input.quoted.bytes = arena_text("", 0);
    }
    if (trap_waits()) {
        return STATUS_SIGNAL + trap_signal();
    }
    give_fields(&input, argv[optind] == NULL ? reply : argv + optind);
    return whole ? 0 : 1;
}
