/* test_libc: calls functions of the C library and prints their results. It contains nothing that is
 * ours alone, so the same file is compiled with the host's C library, and both must print the same
 * (tests/guest/libc.sh). SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 2000
#define ROOM   64

static uint32_t state = 12345;

/* The same numbers everywhere. */
static uint32_t next(uint32_t limit)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void fill(char *text, uint32_t most)
{
    uint32_t length = next(most);

    for (uint32_t i = 0; i < length; i++) {
        text[i] = "abcAB \t:,"[next(9)];
    }
    text[length] = '\0';
}

static int place(const char *base, const char *found)
{
    return found == NULL ? -1 : (int)(found - base);
}

static void test_strings(void)
{
    char a[ROOM], b[ROOM], c[ROOM * 2];

    for (int i = 0; i < ROUNDS; i++) {
        uint32_t n = next(20);

        fill(a, 24);
        fill(b, i % 3 == 0 ? 3 : 24);
        printf("%d %d %d %d %d ", (int)strlen(a), sign(strcmp(a, b)), sign(strncmp(a, b, n)),
               sign(strcasecmp(a, b)), sign(strncasecmp(a, b, n)));
        printf("%d %d %d %d %d ", place(a, strchr(a, 'a')), place(a, strrchr(a, 'a')),
               place(a, strstr(a, b)), place(a, strpbrk(a, b)), (int)strspn(a, b));
        printf("%d %d %d %d\n", (int)strcspn(a, b), (int)strnlen(a, n),
               place(a, memchr(a, ':', strlen(a))), sign(memcmp(a, b, 3)));
        memset(c, '#', sizeof(c));
        strncpy(c, a, n);
        c[n] = '\0';
        strncat(c, b, n);
        strcat(c, "|");
        memmove(c + 2, c, strlen(c) + 1);
        printf("[%s]\n", c);
    }
}

static void test_tokens(void)
{
    char text[] = "  one two,three ,, four  ", *rest, *word;

    for (word = strtok_r(text, " ,", &rest); word != NULL; word = strtok_r(NULL, " ,", &rest)) {
        printf("<%s>", word);
    }
    word = strdup("a copy");
    printf(" %s %s\n", word, strndup("a part of it", 6));
    free(word);
}

static void test_characters(void)
{
    for (int c = 0; c < 128; c++) {
        printf("%d:%d%d%d%d%d%d%d%d%d%d%d%d %d %d\n", c, !!isalpha(c), !!isdigit(c), !!isalnum(c),
               !!isspace(c), !!isupper(c), !!islower(c), !!ispunct(c), !!isprint(c), !!isgraph(c),
               !!iscntrl(c), !!isxdigit(c), !!isblank(c), toupper(c), tolower(c));
    }
}

static void test_printf(void)
{
    static const char *const formats[] = {
        "%lld", "%5lld", "%-5lld|", "%05lld", "%+lld", "% lld", "%.3lld",  "%8.3lld", "%-8.3lld|",
        "%llx", "%#llx", "%llX",    "%llo",   "%#llo", "%llu",  "%020lld", "%+.0lld", "%#010llx"};
    static const long long values[] = {0,
                                       1,
                                       -1,
                                       42,
                                       -123456,
                                       2147483647LL,
                                       -2147483648LL,
                                       9223372036854775807LL,
                                       -9223372036854775807LL - 1};
    char text[ROOM];

    for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
        for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
            int length = snprintf(text, sizeof(text), formats[f], values[v]);

            printf("%s -> %s (%d)\n", formats[f], text, length);
        }
    }
    printf("%s|%10s|%-10s|%.2s|%5.1s|%*s|%-*s|%.*s|\n", "abc", "abc", "abc", "abc", "abc", 6, "abc",
           6, "abc", 1, "abc");
    printf("%c|%3c|%-3c|%%|%d|%hd|%hhd|%hu|%hhu|%i|%u|%zu\n", 'x', 'y', 'z', -7, (short)70000,
           (signed char)300, (unsigned short)70000, (unsigned char)300, 5, 4000000000u,
           sizeof(int32_t));
    printf("%d %d\n", snprintf(text, 4, "%s", "longer"), snprintf(NULL, 0, "%d%s", 12, "abc"));
    printf("[%s] %-*d|%*d\n", text, -4, 5, -4, 6);
}

static void test_numbers(void)
{
    static const char *const texts[] = {"0",
                                        "12",
                                        "-12",
                                        "+7",
                                        "  42x",
                                        "0x1f",
                                        "0X1Fg",
                                        "017",
                                        "08",
                                        "z",
                                        "",
                                        "-",
                                        "0x",
                                        "1e3",
                                        "2147483647",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "-9223372036854775809",
                                        "99999999999999999999",
                                        "zz",
                                        "10110",
                                        "\t\n 5 "};
    static const int bases[] = {0, 2, 8, 10, 16, 36};

    for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
        for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
            char *end, *other;
            long long value, natural;
            int error;

            errno = 0;
            value = strtoll(texts[t], &end, bases[b]);
            error = errno == ERANGE;
            errno = 0;
            natural = (long long)strtoull(texts[t], &other, bases[b]);
            printf("%d %d: %lld %d %d, %llu %d %d\n", (int)t, bases[b], value, place(texts[t], end),
                   error, (unsigned long long)natural, place(texts[t], other), errno == ERANGE);
        }
    }
    printf("%d %d %d %d\n", atoi("12ab"), atoi("-5"), atoi("x"), abs(-3));
}

static int by_value(const void *a, const void *b)
{
    const int *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static void test_sorting(void)
{
    static int numbers[500];
    int wanted, found = 0;

    for (int round = 0; round < 20; round++) {
        size_t count = next(500);

        for (size_t i = 0; i < count; i++) {
            numbers[i] = (int)next(1000);
        }
        qsort(numbers, count, sizeof(numbers[0]), by_value);
        for (size_t i = 0; i < count; i++) {
            printf("%d ", numbers[i]);
        }
        for (wanted = 0; wanted < 1000; wanted += 7) {
            found += bsearch(&wanted, numbers, count, sizeof(numbers[0]), by_value) != NULL;
        }
        printf("found %d\n", found);
    }
}

static void test_calendar(void)
{
    static const char formats[] =
        "%a %A %b %B %c %C %d %D %e %F %H %I %j %m %M %p %R %S %T %u %w %y %Y";
    char text[256];

    for (int i = 0; i < 300; i++) {
        time_t when = (time_t)next(0x7FFFFFFF) * (i % 5 == 0 ? -1 : 1), again;
        struct tm parts = *gmtime(&when);

        strftime(text, sizeof(text), formats, &parts);
        printf("%lld: %s", (long long)when, text);
        again = mktime(&parts);
        parts.tm_mon += 14;
        parts.tm_mday -= 40;
        parts.tm_sec += 5000;
        mktime(&parts);
        printf(" %d, later %s", again == when, asctime(&parts));
    }
}

static jmp_buf back;

static void jump(int value)
{
    longjmp(back, value);
}

static void test_jumps(void)
{
    volatile int count = 0;
    int value = setjmp(back);

    count++;
    printf("jump %d, %d\n", value, count);
    if (count < 4) {
        jump(count - 1); /* 0 becomes 1 */
    }
}

static void test_streams(void)
{
    char line[ROOM], path[] = "/tmp/test_libc.txt", *whole = NULL;
    FILE *stream = fopen(path, "w");
    size_t size = 0;

    fprintf(stream, "first line\nsecond %d\n", 2);
    fputs("third", stream);
    fputc('!', stream);
    printf("at %d\n", (int)ftell(stream));
    fclose(stream);
    stream = fopen(path, "r");
    printf("%s", fgets(line, sizeof(line), stream));
    printf("%d %d %d %d\n", fgetc(stream), ungetc('X', stream), fgetc(stream), (int)ftell(stream));
    printf("%d ", (int)getline(&whole, &size, stream));
    printf("[%s] ", whole);
    printf("%d %d ", (int)fread(line, 1, 100, stream), feof(stream) != 0);
    fseek(stream, 6, SEEK_SET);
    printf("%d %c %d\n", (int)fread(line, 2, 2, stream), line[0], feof(stream));
    fclose(stream);
    unlink(path);
    stream = popen("echo from a command; exit 3", "r");
    printf("%s", fgets(line, sizeof(line), stream));
    printf("%d ", fgets(line, sizeof(line), stream) == NULL);
    printf("%x\n", (unsigned)pclose(stream));
    fflush(stdout);
    printf("%x %d\n", (unsigned)system("exit 7"), system(NULL) != 0);
}

static void test_options(void)
{
    char *argv[] = {"name", "-ab", "value", "-c", "-dx", "--", "-e", "rest", NULL};
    int option;

    opterr = 0;
    while ((option = getopt(8, argv, "ab:cd:")) != -1) {
        printf("%c %s %d; ", option, optarg == NULL ? "-" : optarg, optind);
        optarg = NULL;
    }
    printf("%s\n", argv[optind]);
}

static void test_environment(void)
{
    setenv("TEST_A", "1", 1);
    setenv("TEST_A", "2", 0);
    printf("%s ", getenv("TEST_A"));
    setenv("TEST_A", "3", 1);
    printf("%s ", getenv("TEST_A"));
    unsetenv("TEST_A");
    printf("%d ", getenv("TEST_A") == NULL);
    putenv("TEST_B=x=y");
    printf("%s\n", getenv("TEST_B"));
}

int main(void)
{
    test_strings();
    test_tokens();
    test_characters();
    test_printf();
    test_numbers();
    test_sorting();
    test_calendar();
    test_jumps();
    test_streams();
    test_options();
    test_environment();
    return 0;
}
