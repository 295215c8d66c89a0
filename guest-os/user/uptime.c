/* uptime: how long this machine has been running, and how much of that the processor was idle.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    FILE *stream = fopen("/proc/uptime", "r");
    char line[64] = "", *rest = line;
    uint32_t up, idle;

    if (stream == NULL || fgets(line, sizeof(line), stream) == NULL) {
        err(1, "/proc/uptime");
    }
    up = strtoul(line, &rest, 10);
    rest += strcspn(rest, " ");
    idle = strtoul(rest, NULL, 10);
    printf("up %u days %02u:%02u:%02u, idle for %u s\n", up / 86400, up / 3600 % 24, up / 60 % 60,
           up % 60, idle);
    return 0;
}
