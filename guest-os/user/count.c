/* count NAME LINES MILLISECONDS: looks for prime numbers and reports in between. It never sleeps
 * and never yields: that others run too is the timer's doing. LINES 0 means for ever.
 * SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#define NUMBERS_PER_LOOK 500 /* tested between two looks at the clock */

static bool is_prime(uint32_t number)
{
    for (uint32_t divisor = 3; divisor <= number / divisor; divisor += 2) {
        if (number % divisor == 0) {
            return false;
        }
    }
    return true;
}

static uint32_t milliseconds(void)
{
    struct timeval now;

    gettimeofday(&now, NULL);
    return (uint32_t)now.tv_sec * 1000 + (uint32_t)now.tv_usec / 1000;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "A";
    int lines = argc > 2 ? atoi(argv[2]) : 0;
    uint32_t period = argc > 3 ? (uint32_t)atoi(argv[3]) : 1000;
    uint32_t next_report = milliseconds() + period;
    uint32_t number = 3, found = 1; /* 2 is the first */

    for (int line = 1; lines == 0 || line <= lines; line++) {
        do {
            for (int i = 0; i < NUMBERS_PER_LOOK; i++, number += 2) {
                found += is_prime(number);
            }
        } while ((int32_t)(milliseconds() - next_report) < 0);
        next_report += period;
        printf("%s: %u primes below %u\n", name, found, number);
    }
    return 0;
}
