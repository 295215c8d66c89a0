/* test_lines [CASES [SEED]]: what the line discipline makes of input, in many settings. The program
 * prints what it wants to have typed (READY and bytes in hexadecimal), types nothing itself, and
 * prints what it read; tests/guest/lines.py types, and compares all output of the terminal, echo
 * included, with that of a pseudo terminal of Linux. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LAST        0x1E /* the last byte of all input: VEOL in all cases */
#define INPUT_MOST  5200
#define RANDOM_MOST 40
#define LENGTH(a)   (sizeof(a) / sizeof((a)[0]))

struct test_case {
    uint32_t iflag, oflag, lflag;
    size_t read_bytes;
    const char *input; /* NULL: LONG times a letter */
    size_t length;
};

#define LONG        5000
#define TYPED(text) text, sizeof(text) - 1
#define COOKED_IN   (ICRNL | IXON)
#define COOKED_OUT  (OPOST | ONLCR)
#define COOKED      (ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN)
#define SILENT      (ISIG | ICANON | IEXTEN)

static const struct test_case cases[] = {
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("hello\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("helpx\177\177lo\r\177\177x\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("a\tb\tc\177\177\177\177\177z\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("one two_3  \027four, \027\027\027x\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("wrong\001\002\tline\025right\022\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("\026\003\026\026\026\r\177\177\026\004x\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("abc\004\004def\004\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 3, TYPED("abc\004abcdef\004abcdefg\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 1, TYPED("ab\004\r\004\004c\r")},
    {COOKED_IN | IUTF8, COOKED_OUT, COOKED, 64,
     TYPED("\303\244\303\266a\177\177\tx\177\177\177\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("\303\244\303\266a\177\177\tx\177\177\177\r")},
    {COOKED_IN | IUTF8, COOKED_OUT, COOKED, 64, TYPED("gr\303\274n \303\274ber\027b\027\r")},
    {COOKED_IN, COOKED_OUT, COOKED & ~(uint32_t)ECHOE, 64, TYPED("abc\177\177x\025y\r")},
    {COOKED_IN, COOKED_OUT, COOKED & ~(uint32_t)ECHOKE, 64, TYPED("abc\177\177x\025y\r")},
    {COOKED_IN, COOKED_OUT, COOKED & ~(uint32_t)ECHOCTL, 64, TYPED("a\001\177\177x\033[A\r")},
    {COOKED_IN, COOKED_OUT, COOKED | ECHOPRT, 64, TYPED("abcd\177\177x\177y\025z\r")},
    {COOKED_IN, COOKED_OUT, COOKED & ~(uint32_t)IEXTEN, 64, TYPED("a\026b\027c\022d\r")},
    {COOKED_IN, COOKED_OUT, SILENT, 64, TYPED("abc\003def\r")},
    {COOKED_IN, COOKED_OUT, SILENT, 64, TYPED("abc\034d\032ef\r")},
    {COOKED_IN, COOKED_OUT, COOKED | NOFLSH, 64, TYPED("abc\003def\034g\032h\r")},
    {COOKED_IN, COOKED_OUT, SILENT | ECHONL, 64, TYPED("secret\r")},
    {COOKED_IN, COOKED_OUT, COOKED, 64, TYPED("stop\023ped\021\r")},
    {COOKED_IN | IXANY, COOKED_OUT, COOKED, 64, TYPED("stop\023ped\r")},
    {0, COOKED_OUT, COOKED, 64, TYPED("a\rb\nc\023\r\n")},
    {INLCR, COOKED_OUT, COOKED, 64, TYPED("a\rb\nc\r\n")},
    {IGNCR, COOKED_OUT, COOKED, 64, TYPED("a\rb\nc\r\n")},
    {ISTRIP, COOKED_OUT, COOKED, 64, TYPED("\341\342\377\215\n")},
    {COOKED_IN, OPOST | OCRNL | ONLRET, COOKED, 64, TYPED("a\rb\tc\177\177\r")},
    {COOKED_IN, OPOST | ONOCR | XTABS, COOKED, 64, TYPED("a\tb\177\177\tc\r")},
    {COOKED_IN, 0, COOKED, 64, TYPED("a\tb\177\177c\r\001\r")},
    {ICRNL, COOKED_OUT, ECHO | ECHOCTL, 64, TYPED("ab\r\n\001\177\t\004")},
    {0, 0, 0, 64, TYPED("all\000bytes\r\n\001\002\003\004\021\023\026\032\034\177\377")},
    {0, 0, ECHO, 64, TYPED("\r\n\001\377")},
    {COOKED_IN, COOKED_OUT, SILENT, 4096, NULL, LONG},
    {COOKED_IN, COOKED_OUT, SILENT, 100, NULL, 4094},
    {COOKED_IN, COOKED_OUT, SILENT, 5000, NULL, 4095},
    {COOKED_IN, COOKED_OUT, SILENT, 5000, NULL, 4096},
    {COOKED_IN, COOKED_OUT, 0, 300, NULL, LONG},
};

static struct termios base;
static volatile int signals[4]; /* SIGINT, SIGQUIT, SIGTSTP and others */

static void on_signal(int signal_number)
{
    signals[signal_number == SIGINT    ? 0
            : signal_number == SIGQUIT ? 1
            : signal_number == SIGTSTP ? 2
                                       : 3]++;
}

static void put(const char *text)
{
    size_t length = strlen(text), done = 0;

    while (done < length) {
        int put = write(STDOUT_FILENO, text + done, length - done);

        done += put > 0 ? (size_t)put : 0;
    }
}

static void put_hexadecimal(const char *word, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    static char text[2 * INPUT_MOST + 32];
    char *to = text + snprintf(text, 32, "%s %d ", word, (int)count);

    for (size_t i = 0; i < count; i++) {
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 15];
    }
    strcpy(to, "\n");
    put(text);
}

/* In canonical mode each read is shown; in raw mode only all together, since how many bytes come at
 * once is a matter of time. */
static void read_all(const struct test_case *test)
{
    static uint8_t all[2 * INPUT_MOST];
    static int sizes[1200];
    size_t length = 0, count = 0;

    while (length == 0 || all[length - 1] != LAST) {
        int got = read(STDIN_FILENO, all + length, test->read_bytes);

        if (got >= 0 && length + (size_t)got < INPUT_MOST && count < LENGTH(sizes)) {
            length += (size_t)got;
            sizes[count++] = got;
        }
    }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &base);
    for (size_t i = 0; i < count && (test->lflag & ICANON); i++) {
        char text[16];

        snprintf(text, sizeof(text), "%d ", sizes[i]);
        put(text);
    }
    put_hexadecimal("READ", all, length);
}

static void run(const struct test_case *test, const uint8_t *end, size_t end_length)
{
    static uint8_t input[INPUT_MOST];
    struct termios settings = base;
    char text[64];
    size_t length = test->length;

    settings.c_iflag = test->iflag;
    settings.c_oflag = test->oflag;
    settings.c_lflag = test->lflag;
    settings.c_cc[VEOL] = LAST;
    settings.c_cc[VEOL2] = 0x1D;
    for (size_t i = 0; i < length; i++) {
        input[i] = test->input == NULL ? (uint8_t)('a' + i % 26) : (uint8_t)test->input[i];
    }
    memcpy(input + length, end, end_length);
    length += end_length;
    memset((void *)signals, 0, sizeof(signals));
    tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
    put_hexadecimal("READY", input, length);
    read_all(test);
    snprintf(text, sizeof(text), "SIGNALS %d %d %d %d\n", signals[0] > 0, signals[1] > 0,
             signals[2] > 0, signals[3] > 0); /* two at once may be one */
    put(text);
}

static uint32_t seed;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

static uint32_t some_of(const uint32_t *flags, size_t count)
{
    uint32_t result = 0;

    for (size_t i = 0; i < count; i++) {
        result |= random_below(2) ? flags[i] : 0;
    }
    return result;
}

/* A case by chance. Signals do not throw input away there: what was read before them is a matter of
 * time. The end ends a literal, a stopped output and the line. */
static void run_random(void)
{
    static const uint32_t in[] = {ISTRIP, INLCR, IGNCR, ICRNL, IXON, IXANY, IUTF8};
    static const uint32_t out[] = {OPOST, OPOST, ONLCR, OCRNL, ONOCR, ONLRET, XTABS};
    static const uint32_t local[] = {ISIG,   ICANON, ICANON,  ECHO,    ECHO,    ECHOE,  ECHOK,
                                     ECHOKE, ECHONL, ECHOCTL, ECHOCTL, ECHOPRT, IEXTEN, IEXTEN};
    static const char typed[] =
        "aZ_ 9,.\t\t\303\251\010\177\177\025\027\026\022\004\r\n\023\021\001"
        "\033\000\377\003\034\032\035\302";
    static const uint8_t end[] = {'x', 0x11, LAST};
    char input[RANDOM_MOST];
    struct test_case test = {.iflag = some_of(in, LENGTH(in)),
                             .oflag = some_of(out, LENGTH(out)),
                             .lflag = NOFLSH | some_of(local, LENGTH(local)),
                             .read_bytes = 1 + random_below(12),
                             .input = input,
                             .length = 1 + random_below(RANDOM_MOST)};

    for (size_t i = 0; i < test.length; i++) {
        input[i] = typed[random_below(sizeof(typed) - 1)];
    }
    run(&test, end, sizeof(end));
}

int main(int argc, char **argv)
{
    static const uint8_t end[] = {LAST};
    struct termios before;
    int count = argc > 1 ? atoi(argv[1]) : getenv("cases") != NULL ? atoi(getenv("cases")) : 100;

    seed = argc > 2 ? (uint32_t)atoi(argv[2]) : 1;
    signal(SIGINT, on_signal);
    signal(SIGQUIT, on_signal);
    signal(SIGTSTP, on_signal);
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        fputs("test_lines: standard input is no terminal\n", stderr);
        return 2;
    }
    base = before;
    base.c_iflag = base.c_lflag = 0;
    base.c_oflag = OPOST; /* so that the column is known */
    base.c_cc[VMIN] = 1;
    base.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &base);
    put("\r");
    base.c_oflag = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &base);
    put("BEGIN\n");
    for (size_t i = 0; i < LENGTH(cases); i++) {
        run(&cases[i], end, sizeof(end));
    }
    for (int i = 0; i < count; i++) {
        run_random();
    }
    put("DONE\n");
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    return 0;
}
