/* kill [-SIGNAL] PID...: sends a signal, SIGTERM if not told; kill -l: the names. A negative
 * number is a process group. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    int signal_number = SIGTERM, first = 1, result = 0;

    if (argc > 1 && strcmp(argv[1], "-l") == 0) {
        for (int i = 1; signal_name_of(i) != NULL; i++) {
            printf("%2d %-7s%s", i, signal_name_of(i), i % 8 == 0 ? "\n" : " ");
        }
        puts("");
        return 0;
    }
    if (argc > 2 && argv[1][0] == '-') {
        signal_number = signal_number_of(argv[1] + 1);
        first = 2;
    }
    if (argc <= first || signal_number < 0) {
        fputs("usage: kill [-SIGNAL] PID...; kill -l\n", stderr);
        return 2;
    }
    for (int i = first; i < argc; i++) {
        if (kill(atoi(argv[i]), signal_number) != 0) {
            fprintf(stderr, "kill: %s: %s\n", argv[i], strerror(errno));
            result = 1;
        }
    }
    return result;
}
