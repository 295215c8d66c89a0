/* od [-A d|o|x|n] [-t x1|x2|x4|o1|o2|u1|u2|d1|d2|c] [-bcdoxv] [-j SKIP] [-N BYTES] [FILE...]: bytes
 * as numbers or characters. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROW 16
#define USAGE                                                                                      \
    "od [-A d|o|x|n] [-t x1|x2|x4|o1|o2|u1|u2|d1|d2|c] [-bcdoxv] [-j SKIP] [-N BYTES] [FILE...]"

struct form {
    char letter;  /* of -t */
    int bytes;    /* of one unit */
    char text[8]; /* for printf */
};

static const struct form forms[] = {
    {'x', 1, " %02x"},  {'x', 2, " %04x"}, {'x', 4, " %08x"}, {'o', 1, " %03o"}, {'o', 2, " %06o"},
    {'o', 4, " %011o"}, {'u', 1, " %3u"},  {'u', 2, " %5u"},  {'u', 4, " %10u"}, {'d', 1, " %4d"},
    {'d', 2, " %6d"},   {'d', 4, " %11d"}, {'c', 1, ""},
};

static const struct form *form = &forms[4];
static char addresses = 'o';
static bool show_all;
static char **files; /* not yet read */
static FILE *input;

/* The next byte of all the files. */
static int next_byte(void)
{
    for (;;) {
        int c = input == NULL ? EOF : fgetc(input);

        if (c != EOF || *files == NULL) {
            return c;
        }
        input = strcmp(*files, "-") == 0 ? stdin : fopen(*files, "r");
        if (input == NULL) {
            warn("%s", *files);
        }
        files++;
    }
}

static void show_character(uint8_t c)
{
    static const char letters[] = "0abtnvfr", bytes[] = "\0\a\b\t\n\v\f\r";
    const char *place = memchr(bytes, c, sizeof(bytes) - 1);

    if (place != NULL) {
        printf("  \\%c", letters[place - bytes]);
    } else if (c >= ' ' && c <= '~') {
        printf("   %c", c);
    } else {
        printf(" %03o", c);
    }
}

static void show_row(const uint8_t *row, int length)
{
    for (int i = 0; i < length; i += form->bytes) {
        uint32_t value = 0;

        if (form->letter == 'c') {
            show_character(row[i]);
            continue;
        }
        for (int b = 0; b < form->bytes; b++) {
            value |= (uint32_t)row[i + b] << 8 * b;
        }
        if (form->letter == 'd' && form->bytes < 4) {
            value = (uint32_t)(form->bytes == 1 ? (int8_t)value : (int16_t)value);
        }
        printf(form->text, value);
    }
    putchar('\n');
}

static void show_address(uint32_t place)
{
    if (addresses != 'n') {
        printf(addresses == 'o' ? "%07o" : addresses == 'x' ? "%06x" : "%07u", place);
    }
}

static void dump(uint32_t place, uint32_t most)
{
    uint8_t row[ROW], last[ROW];
    bool is_first = true, skipping = false;
    int length = 0, c = 0;

    while (c != EOF) {
        memset(row, 0, sizeof(row));
        for (length = 0; length < ROW && most > 0 && (c = next_byte()) != EOF; length++) {
            row[length] = (uint8_t)c;
            most--;
        }
        if (most == 0) {
            c = EOF;
        }
        if (length == ROW && !is_first && !show_all && memcmp(row, last, ROW) == 0) {
            if (!skipping) {
                puts("*");
            }
            skipping = true;
        } else if (length > 0) {
            show_address(place);
            show_row(row, length);
            skipping = false;
        }
        memcpy(last, row, ROW);
        is_first = false;
        place += (uint32_t)length;
    }
    if (addresses != 'n') {
        show_address(place);
        putchar('\n');
    }
}

static void choose(const char *type)
{
    int bytes = type[1] == '\0' ? type[0] == 'c' ? 1 : 4 : atoi(type + 1);

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (forms[i].letter == type[0] && forms[i].bytes == bytes) {
            form = &forms[i];
            return;
        }
    }
    errx(1, "not a type: %s", type);
}

int main(int argc, char **argv)
{
    static char *alone[] = {"-", NULL};
    uint32_t skip = 0, most = UINT32_MAX;
    int option;

    while ((option = getopt(argc, argv, "A:t:bcdoxvj:N:")) != -1) {
        switch (option) {
        case 'A':
            addresses = optarg[0];
            break;
        case 't':
            choose(optarg);
            break;
        case 'v':
            show_all = true;
            break;
        case 'j':
            skip = strtoul(optarg, NULL, 0);
            break;
        case 'N':
            most = strtoul(optarg, NULL, 0);
            break;
        case '?':
            usage(1, USAGE);
        default:
            choose(option == 'b'   ? "o1"
                   : option == 'c' ? "c"
                   : option == 'd' ? "u2"
                   : option == 'o' ? "o2"
                                   : "x2");
            break;
        }
    }
    files = optind == argc ? alone : argv + optind;
    for (uint32_t i = 0; i < skip; i++) {
        if (next_byte() == EOF) {
            errx(1, "can not skip so much");
        }
    }
    dump(skip, most);
    return finish_output(0);
}
