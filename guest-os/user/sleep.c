/* sleep SECONDS: waits. A fraction is allowed: sleep 0.5. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
    struct timespec wanted = {0, 0};
    const char *point;
    int unit = 100000000;

    if (argc != 2) {
        fputs("usage: sleep SECONDS\n", stderr);
        return 2;
    }
    wanted.tv_sec = atoi(argv[1]);
    point = strchr(argv[1], '.');
    for (; point != NULL && point[1] >= '0' && point[1] <= '9' && unit > 0; point++) {
        wanted.tv_nsec += (point[1] - '0') * unit;
        unit /= 10;
    }
    return nanosleep(&wanted, NULL) == 0 ? 0 : 1;
}
