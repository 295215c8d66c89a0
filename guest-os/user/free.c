/* free: how much memory there is, in KiB. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 128

int main(void)
{
    FILE *stream = fopen("/proc/meminfo", "r");
    uint32_t total = 0, left = 0, cached = 0;
    char line[LINE_BYTES];

    if (stream == NULL) {
        err(1, "/proc/meminfo");
    }
    while (fgets(line, sizeof(line), stream) != NULL) {
        const char *colon = strchr(line, ':');
        uint32_t value = colon == NULL ? 0 : strtoul(colon + 1, NULL, 10);

        total = strncmp(line, "MemTotal:", 9) == 0 ? value : total;
        left = strncmp(line, "MemFree:", 8) == 0 ? value : left;
        if (strncmp(line, "Buffers:", 8) == 0 || strncmp(line, "Cached:", 7) == 0) {
            cached += value;
        }
    }
    printf("%-8s %10s %10s %10s %10s\n", "KiB", "all", "used", "free", "buffers");
    printf("%-8s %10u %10u %10u %10u\n", "memory", total, total - left - cached, left, cached);
    return finish_output(0);
}
