/* stty [-a] [SETTING...]: shows or changes the settings of the terminal. SETTING: a name as -a
 * shows it, with a minus sign to turn it off; sane, raw, cooked; intr, quit, erase, kill, eof, susp
 * and a character (^C). SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum place { INPUT, OUTPUT, LOCAL };

static const struct {
    char name[8];
    enum place place;
    uint32_t bit;
    bool sane; /* is it usually on? */
} settings[] = {
    {"inlcr", INPUT, INLCR, false},    {"igncr", INPUT, IGNCR, false},
    {"icrnl", INPUT, ICRNL, true},     {"opost", OUTPUT, OPOST, true},
    {"onlcr", OUTPUT, ONLCR, true},    {"isig", LOCAL, ISIG, true},
    {"icanon", LOCAL, ICANON, true},   {"echo", LOCAL, ECHO, true},
    {"echoe", LOCAL, ECHOE, true},     {"echok", LOCAL, ECHOK, true},
    {"echoctl", LOCAL, ECHOCTL, true}, {"noflsh", LOCAL, NOFLSH, false},
    {"tostop", LOCAL, TOSTOP, false},  {"iexten", LOCAL, IEXTEN, true},
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static const struct {
    char name[8];
    uint8_t index; /* in c_cc */
    uint8_t sane;
} characters[] = {
    {"intr", VINTR, 3},  {"quit", VQUIT, 28}, {"erase", VERASE, 127},
    {"kill", VKILL, 21}, {"eof", VEOF, 4},    {"susp", VSUSP, 26},
};
#define CHARACTERS (sizeof(characters) / sizeof(characters[0]))

static uint32_t *word_of(struct termios *termios, enum place place)
{
    return place == INPUT    ? &termios->c_iflag
           : place == OUTPUT ? &termios->c_oflag
                             : &termios->c_lflag;
}

static void show(struct termios *termios, bool all)
{
    struct winsize size;

    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
        printf("rows %u; columns %u;", size.ws_row, size.ws_col);
    }
    for (size_t i = 0; i < CHARACTERS; i++) {
        uint8_t c = termios->c_cc[characters[i].index];

        if (all || c != characters[i].sane) {
            printf(c < 32 || c == 127 ? " %s = ^%c;" : " %s = %c;", characters[i].name,
                   c < 32 || c == 127 ? c ^ 64 : c);
        }
    }
    putchar('\n');
    for (size_t i = 0; i < SETTINGS; i++) {
        bool on = (*word_of(termios, settings[i].place) & settings[i].bit) != 0;

        if (all || on != settings[i].sane) {
            printf("%s%s ", on ? "" : "-", settings[i].name);
        }
    }
    putchar('\n');
}

static bool set_flag(struct termios *termios, const char *word)
{
    bool on = *word != '-';

    for (size_t i = 0; i < SETTINGS; i++) {
        if (strcmp(settings[i].name, word + !on) == 0) {
            uint32_t *flags = word_of(termios, settings[i].place);

            *flags = on ? *flags | settings[i].bit : *flags & ~settings[i].bit;
            return true;
        }
    }
    return false;
}

static bool set_character(struct termios *termios, const char *word, const char *value)
{
    for (size_t i = 0; i < CHARACTERS; i++) {
        if (strcmp(characters[i].name, word) == 0 && value != NULL) {
            bool control = value[0] == '^' && value[1] != '\0';

            termios->c_cc[characters[i].index] =
                (uint8_t)(control ? value[1] == '?' ? 127 : value[1] & 31 : value[0]);
            return true;
        }
    }
    return false;
}

static void set_sane(struct termios *termios)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        uint32_t *flags = word_of(termios, settings[i].place);

        *flags = settings[i].sane ? *flags | settings[i].bit : *flags & ~settings[i].bit;
    }
    for (size_t i = 0; i < CHARACTERS; i++) {
        termios->c_cc[characters[i].index] = characters[i].sane;
    }
}

int main(int argc, char **argv)
{
    struct termios termios;
    bool all = argc > 1 && strcmp(argv[1], "-a") == 0;

    if (tcgetattr(STDIN_FILENO, &termios) != 0) {
        err(1, "standard input");
    }
    if (argc == 1 || all) {
        show(&termios, all);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "sane") == 0 || strcmp(argv[i], "cooked") == 0 ||
            strcmp(argv[i], "-raw") == 0) {
            set_sane(&termios);
        } else if (strcmp(argv[i], "raw") == 0) {
            cfmakeraw(&termios);
        } else if (set_character(&termios, argv[i], argv[i + 1])) {
            i++;
        } else if (!set_flag(&termios, argv[i])) {
            errx(1, "not known: %s", argv[i]);
        }
    }
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &termios) != 0) {
        err(1, "standard input");
    }
    return 0;
}
