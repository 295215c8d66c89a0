/* kill [-SIGNAL | -s SIGNAL] PID...: sends a signal, SIGTERM if not told. A negative PID is a
 * process group, 0 one's own, -1 all. kill -l [NUMBER...]: the names. SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE         "kill [-SIGNAL | -s SIGNAL] PID...; kill -l [NUMBER...]"
#define STATUS_SIGNAL 128

static int list(char **words)
{
    if (*words == NULL) {
        for (int i = 1; signal_name_of(i) != NULL; i++) {
            printf("%2d %-7s%s", i, signal_name_of(i), i % 8 == 0 ? "\n" : " ");
        }
        puts("");
    }
    for (; *words != NULL; words++) {
        int number = signal_number_of(*words);

        number = number > STATUS_SIGNAL ? number - STATUS_SIGNAL : number;
        if (number <= 0 || signal_name_of(number) == NULL) {
            errx(1, "no such signal: %s", *words);
        }
        if (isdigit(**words)) {
            puts(signal_name_of(number));
        } else {
            printf("%d\n", number);
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    int signal_number = SIGTERM, result = 0;
    char **words = argv + (argc > 0);

    if (*words != NULL && strcmp(*words, "-l") == 0) {
        return list(words + 1);
    }
    if (*words != NULL && strcmp(*words, "-s") == 0 && words[1] != NULL) {
        signal_number = signal_number_of(words[1]);
        words += 2;
    } else if (*words != NULL && words[0][0] == '-' && strcmp(*words, "--") != 0) {
        signal_number = signal_number_of(*words + 1);
        words++;
    }
    words += *words != NULL && strcmp(*words, "--") == 0;
    if (*words == NULL || signal_number < 0) {
        usage(1, USAGE);
    }
    for (; *words != NULL; words++) {
        char *end;
        int pid = strtol(*words, &end, 10);

        if (*end != '\0' || end == *words) {
            warnx("not a number: %s", *words);
            result = 1;
        } else if (kill(pid, signal_number) != 0) {
            warn("%s", *words);
            result = 1;
        }
    }
    return result;
}
