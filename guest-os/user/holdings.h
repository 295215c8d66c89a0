/* What a kernel has, and whether it has all of it again: for programs that run as process 1 and use
 * up much on the way. SPDX-License-Identifier: MIT */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOLDINGS_LOST_LEAST                                                                        \
    16 /* KiB that may be missing: pages that are about to be given back                           \
        */
#define HOLDINGS_TEXT_BYTES 4096

struct holdings {
    int memory;                      /* KiB free, or that the buffer cache would give back */
    char pools[HOLDINGS_TEXT_BYTES]; /* /proc/slabinfo; empty where it can not be read */
};

/* The number behind `name` in /proc/meminfo; KiB. */
static int holdings_memory(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at == NULL ? 0 : atoi(at + strlen(name) + strspn(at + strlen(name), " "));
}

static void holdings_read(const char *path, char *text)
{
    int fd = open(path, O_RDONLY);
    int bytes = fd < 0 ? 0 : read(fd, text, HOLDINGS_TEXT_BYTES - 1);

    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
}

static void holdings_look(struct holdings *holdings)
{
    char text[HOLDINGS_TEXT_BYTES];

    holdings_read("/proc/meminfo", text);
    holdings->memory = holdings_memory(text, "MemFree:") + holdings_memory(text, "Buffers:");
    holdings_read("/proc/slabinfo", holdings->pools);
}

/* How many objects the pool has, -1: there is no such pool. */
static int holdings_objects(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at == NULL ? -1 : atoi(at + strlen(name) + strspn(at + strlen(name), " "));
}

/* A line for each kind, after the program's name; 1 if something is missing or left over. */
static int holdings_compare(const char *program, const struct holdings *before,
                            const struct holdings *after)
{
    static const char *const names[] = {
        "\nprocess ", "\nhandlers ", "\ndescriptors ", "\nplaces ", "\nfile ", "\nnode ", "\npipe ",
    };
    int lost = before->memory - after->memory, failures = lost > HOLDINGS_LOST_LEAST;

    printf("%s: %d KiB less are free\n", program, lost);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int first = holdings_objects(before->pools, names[i]);
        int now = holdings_objects(after->pools, names[i]);

        printf("%s: %s%d before, %d after\n", program, names[i] + 1, first, now);
        failures += now != first || (i == 0 && now < 0); /* a pool comes with its first object */
    }
    return failures > 0;
}
