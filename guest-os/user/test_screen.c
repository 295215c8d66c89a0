/* test_screen SEED [COUNT]: writes escape sequences by chance, the same ones for the same number,
 * and then waits. tests/guest/screen.py compares what is on the screen then with what another
 * terminal shows. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT   "400"
#define COLUMNS 80
#define ROWS    25

static uint32_t seed;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

static void put(const char *text)
{
    write(STDOUT_FILENO, text, strlen(text));
}

/* A word, short enough for the row; where it begins is said, so that the cursor's place behind the
 * last column, which terminals see differently, does not matter. */
static void put_word(void)
{
    char text[64], word[16];
    uint32_t length = 1 + random_below(14);

    for (uint32_t i = 0; i < length; i++) {
        word[i] = (char)('!' + random_below(90));
    }
    word[length] = '\0';
    snprintf(text, sizeof(text), "\033[%uG%s", 1 + random_below(COLUMNS - 16), word);
    put(text);
}

static void put_sequence(void)
{
    static const char letters[] = "ABCDEFGdHJKLMPX@";
    char letter = letters[random_below(sizeof(letters) - 1)], text[32];

    if (letter == 'H') {
        snprintf(text, sizeof(text), "\033[%u;%uH", 1 + random_below(ROWS + 3),
                 1 + random_below(COLUMNS + 5));
    } else if (letter == 'L' || letter == 'M') { /* below the region terminals differ */
        snprintf(text, sizeof(text), "\033[r\033[%u;1H\033[%u%c", 1 + random_below(ROWS),
                 random_below(7), letter);
    } else if (letter == 'J' || letter == 'K') {
        snprintf(text, sizeof(text), "\033[%u%c", random_below(letter == 'J' ? 2 : 3), letter);
    } else {
        snprintf(text, sizeof(text), "\033[%u%c", random_below(7), letter);
    }
    put(text);
}

static void put_region(void)
{
    char text[32];
    uint32_t top = 1 + random_below(ROWS - 2);

    snprintf(text, sizeof(text), "\033[%u;%ur", top, top + 1 + random_below(ROWS - top));
    put(random_below(3) == 0 ? "\033[r" : text);
}

int main(int argc, char **argv)
{
    static const char *const others[] = {"\r",    "\b",    "\n",    "\r\n",  "\t",     "\033D",
                                         "\033M", "\033E", "\0337", "\0338", "\033[s", "\033[u"};
    uint32_t count;

    seed = (uint32_t)atoi(argc > 1 ? argv[1] : getenv("seed") == NULL ? "1" : getenv("seed"));
    count = (uint32_t)atoi(argc > 2 ? argv[2] : getenv("count") == NULL ? COUNT : getenv("count"));
    put("\033c\033[?7h");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = random_below(20);

        if (kind < 8) {
            put_word();
        } else if (kind < 14) {
            put_sequence();
        } else if (kind == 14) {
            put_region();
        } else {
            put(others[random_below(10)]);
        }
    }
    put("\033[r\033[25;1H\033[KDONE");
    for (;;) {
        pause();
    }
}
