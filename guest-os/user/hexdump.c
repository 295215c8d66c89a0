/* hexdump [FILE...]: bytes in hexadecimal, and what of them can be printed (as hexdump -C).
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROW 16

static void show_row(uint32_t place, const uint8_t *row, size_t length)
{
    printf("%08x ", place);
    for (size_t i = 0; i < ROW; i++) {
        printf(i == ROW / 2 ? " " : "");
        printf(i < length ? " %02x" : "   ", row[i]);
    }
    printf("  |");
    for (size_t i = 0; i < length; i++) {
        putchar(isprint(row[i]) ? row[i] : '.');
    }
    puts("|");
}

static int dump(const char *name)
{
    FILE *stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    uint8_t row[ROW], last[ROW];
    uint32_t place = 0;
    bool skipping = false;
    size_t length;

    if (stream == NULL) {
        warn("%s", name);
        return 1;
    }
    while ((length = fread(row, 1, ROW, stream)) > 0) {
        if (place > 0 && length == ROW && memcmp(row, last, ROW) == 0) {
            printf(skipping ? "" : "*\n");
            skipping = true;
        } else {
            show_row(place, row, length);
            skipping = false;
        }
        memcpy(last, row, ROW);
        place += (uint32_t)length;
    }
    if (place > 0) {
        printf("%08x\n", place);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int option, result = 0;

    while ((option = getopt(argc, argv, "C")) != -1) {
        if (option == '?') {
            usage(1, "hexdump [-C] [FILE...]");
        }
    }
    if (optind == argc) {
        result = dump("-");
    }
    for (int i = optind; i < argc; i++) {
        result |= dump(argv[i]);
    }
    return finish_output(result);
}
