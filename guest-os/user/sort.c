/* sort [-nrubfscm] [-t CHARACTER] [-k FROM[,TO]]... [-o FILE] [FILE...]: lines in order. A key is
 * FIELD[.CHARACTER][bfnr]. -c only looks whether they are in order. Status 1: they are not.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYS_MOST 8
#define USAGE     "sort [-nrubfsc] [-t CHARACTER] [-k FROM[,TO]] [-o FILE] [FILE...]"

struct key {
    int from_field, from_character; /* from 1 on */
    int to_field, to_character;     /* 0: to the end of the line, or of the field */
    bool numeric, reverse, fold, blanks;
};

static struct key keys[KEYS_MOST], whole = {.from_field = 1, .from_character = 1};
static int key_count;
static char separator; /* 0: where blanks begin */
static bool stable, unique;

/* ---- keys ---- */

/* The beginning of a field (from 1 on) of the line. */
static const char *field_start(const char *line, int field)
{
    for (; field > 1 && *line != '\0'; field--) {
        if (separator != '\0') {
            const char *next = strchr(line, separator);

            line = next == NULL ? line + strlen(line) : next + 1;
        } else {
            line += strspn(line, " \t");
            line += strcspn(line, " \t");
        }
    }
    return line;
}

static const char *field_end(const char *line, int field)
{
    line = field_start(line, field);
    if (separator != '\0') {
        const char *end = strchr(line, separator);

        return end == NULL ? line + strlen(line) : end;
    }
    line += strspn(line, " \t");
    return line + strcspn(line, " \t");
}

static const char *skip_characters(const char *at, int count)
{
    while (count > 0 && *at != '\0') {
        at++;
        count--;
    }
    return at;
}

static const char *key_start(const struct key *key, const char *line)
{
    const char *at = field_start(line, key->from_field);

    if (key->blanks) {
        at += strspn(at, " \t");
    }
    return skip_characters(at, key->from_character - 1);
}

static const char *key_end(const struct key *key, const char *line)
{
    const char *at;

    if (key->to_field == 0) {
        return line + strlen(line);
    }
    if (key->to_character == 0) {
        return field_end(line, key->to_field);
    }
    at = field_start(line, key->to_field);
    if (key->blanks) {
        at += strspn(at, " \t");
    }
    return skip_characters(at, key->to_character);
}

/* ---- comparing ---- */

/* Numbers of any length, with a fraction, compared digit by digit. */
static int compare_digits(const char *a, const char *b)
{
    size_t left, right;
    int order;

    a += strspn(a, "0");
    b += strspn(b, "0");
    left = strspn(a, "0123456789");
    right = strspn(b, "0123456789");
    if (left != right) {
        return left < right ? -1 : 1;
    }
    order = strncmp(a, b, left);
    if (order != 0 || (a[left] != '.' && b[right] != '.')) {
        return order;
    }
    a += left + (a[left] == '.');
    b += right + (b[right] == '.');
    while (isdigit(*a) || isdigit(*b)) {
        int x = isdigit(*a) ? *a++ : '0', y = isdigit(*b) ? *b++ : '0';

        if (x != y) {
            return x - y;
        }
    }
    return 0;
}

static bool is_zero(const char *text)
{
    text += strspn(text, "0");
    text += *text == '.';
    text += strspn(text, "0");
    return !isdigit(*text);
}

static int compare_numbers(const char *a, const char *b)
{
    bool minus_a, minus_b;

    a += strspn(a, " \t");
    b += strspn(b, " \t");
    minus_a = *a == '-';
    minus_b = *b == '-';
    a += minus_a;
    b += minus_b;
    minus_a = minus_a && !is_zero(a);
    minus_b = minus_b && !is_zero(b);
    if (minus_a != minus_b) {
        return minus_a ? -1 : 1;
    }
    return minus_a ? compare_digits(b, a) : compare_digits(a, b);
}

static int compare_texts(const char *a, const char *a_end, const char *b, const char *b_end,
                         bool fold)
{
    for (; a < a_end && b < b_end; a++, b++) {
        int x = (uint8_t)*a, y = (uint8_t)*b;

        if (fold) {
            x = toupper(x);
            y = toupper(y);
        }
        if (x != y) {
            return x - y;
        }
    }
    return (a < a_end) - (b < b_end);
}

static int compare_key(const struct key *key, const char *a, const char *b)
{
    const char *a_start = key_start(key, a), *b_start = key_start(key, b);
    const char *a_end = key_end(key, a), *b_end = key_end(key, b);
    int order;

    if (key->numeric) {
        char *left = strndup(a_start, a_end > a_start ? (size_t)(a_end - a_start) : 0);
        char *right = strndup(b_start, b_end > b_start ? (size_t)(b_end - b_start) : 0);

        order = compare_numbers(left, right);
        free(left);
        free(right);
    } else {
        order = compare_texts(a_start, a_end, b_start, b_end, key->fold);
    }
    return key->reverse ? -order : order;
}

static int compare(const char *a, const char *b)
{
    int order = key_count == 0 ? compare_key(&whole, a, b) : 0;

    for (int i = 0; i < key_count && order == 0; i++) {
        order = compare_key(&keys[i], a, b);
    }
    if (order == 0 && !stable && !unique) {
        order = strcmp(a, b);
        order = whole.reverse ? -order : order;
    }
    return order;
}

/* Merge sort: equal lines stay in their order. */
static void sort_lines(char **lines, char **room, size_t count)
{
    size_t half = count / 2, left = 0, right = half, to = 0;

    if (count < 2) {
        return;
    }
    sort_lines(lines, room, half);
    sort_lines(lines + half, room, count - half);
    memcpy(room, lines, count * sizeof(*lines));
    while (left < half || right < count) {
        bool first = right == count || (left < half && compare(room[left], room[right]) <= 0);

        lines[to++] = first ? room[left++] : room[right++];
    }
}

/* ---- input and output ---- */

static char **lines;
static size_t line_count, line_room;

static int read_file(const char *name)
{
    FILE *stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    char *line = NULL;
    size_t size = 0;
    int length;

    if (stream == NULL) {
        warn("%s", name);
        return 2;
    }
    while ((length = getline(&line, &size, stream)) > 0) {
        if (line_count + 1 >= line_room) {
            line_room = line_room == 0 ? 256 : line_room * 2;
            lines = realloc(lines, line_room * sizeof(*lines));
        }
        if (lines == NULL) {
            errx(2, "out of memory");
        }
        lines[line_count++] = strndup(line, (size_t)(length - (line[length - 1] == '\n')));
    }
    free(line);
    if (stream != stdin) {
        fclose(stream);
    }
    return 0;
}

static int check_order(void)
{
    for (size_t i = 1; i < line_count; i++) {
        int order = compare(lines[i - 1], lines[i]);

        if (order > 0 || (order == 0 && unique)) {
            warnx("-: %zu: out of order: %s", i + 1, lines[i]);
            return 1;
        }
    }
    return 0;
}

static void write_lines(const char *path)
{
    FILE *stream = path == NULL ? stdout : fopen(path, "w");

    if (stream == NULL) {
        err(2, "%s", path);
    }
    for (size_t i = 0; i < line_count; i++) {
        if (!unique || i == 0 || compare(lines[i - 1], lines[i]) != 0) {
            fputs(lines[i], stream);
            fputc('\n', stream);
        }
    }
    if (stream != stdout) {
        fclose(stream);
    }
}

/* ---- options ---- */

static bool set_flag(struct key *key, char letter)
{
    key->numeric = key->numeric || letter == 'n';
    key->reverse = key->reverse || letter == 'r';
    key->fold = key->fold || letter == 'f';
    key->blanks = key->blanks || letter == 'b';
    return letter != '\0' && strchr("nrfb", letter) != NULL;
}

static void add_key(const char *word)
{
    struct key *key = &keys[key_count++];
    char *at;

    if (key_count == KEYS_MOST) {
        errx(2, "too many keys");
    }
    *key = (struct key){.from_field = strtol(word, &at, 10), .from_character = 1};
    if (*at == '.') {
        key->from_character = strtol(at + 1, &at, 10);
    }
    while (set_flag(key, *at)) {
        at++;
    }
    if (*at == ',') {
        key->to_field = strtol(at + 1, &at, 10);
        if (*at == '.') {
            key->to_character = strtol(at + 1, &at, 10);
        }
        while (set_flag(key, *at)) {
            at++;
        }
    }
    if (*at != '\0' || key->from_field < 1 || key->from_character < 1) {
        errx(2, "not a key: %s", word);
    }
}

/* Keys without letters of their own have those of the options. */
static void complete_keys(void)
{
    for (int i = 0; i < key_count; i++) {
        struct key *key = &keys[i];

        if (!key->numeric && !key->reverse && !key->fold && !key->blanks) {
            key->numeric = whole.numeric;
            key->reverse = whole.reverse;
            key->fold = whole.fold;
            key->blanks = whole.blanks;
        }
    }
}

int main(int argc, char **argv)
{
    const char *output = NULL;
    bool check_only = false;
    int option, result = 0;
    char **room;

    while ((option = getopt(argc, argv, "nrubfscmt:k:o:")) != -1) {
        switch (option) {
        case 't':
            separator = optarg[0];
            break;
        case 'k':
            add_key(optarg);
            break;
        case 'o':
            output = optarg;
            break;
        case '?':
            usage(2, USAGE);
        default:
            set_flag(&whole, (char)option);
            unique = unique || option == 'u';
            stable = stable || option == 's';
            check_only = check_only || option == 'c';
            break;
        }
    }
    complete_keys();
    for (int i = optind; i < argc; i++) {
        result |= read_file(argv[i]);
    }
    if (optind == argc) {
        result = read_file("-");
    }
    if (check_only || result != 0) {
        return result != 0 ? result : check_order();
    }
    room = malloc((line_count + 1) * sizeof(*room));
    if (room == NULL) {
        errx(2, "out of memory");
    }
    sort_lines(lines, room, line_count);
    write_lines(output);
    return finish_output(0);
}
