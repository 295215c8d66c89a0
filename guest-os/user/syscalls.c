/* syscalls [-c] [-g GROUP] [NAME]: the system calls by groups: number, name, how often it was used
 * since the start of the system, its name in the Unix manual of November 1971. -c: only those that
 * were used, the most used first. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "syscalls [-c] [-g GROUP] [NAME]"

struct call {
    int number;
    const char *name, *group, *old, *words;
};

#define CALL_WORDS(number, name, group, old, words) {number, name, group, old, words},
static const struct call table[] = {
#include "call_words.h"
};
#undef CALL_WORDS
#define CALLS ((int)(sizeof(table) / sizeof(table[0])))

static const char *const groups[][2] = {
    {"processes", "Process control"},
    {"signals", "Signals"},
    {"files", "Files"},
    {"devices", "Devices"},
    {"memory", "Memory"},
    {"communication", "Communication"},
    {"time", "Time"},
    {"information", "Information"},
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static uint32_t uses[SYSTEM_CALL_LIMIT]; /* by row */

static uint32_t uses_of(const struct call *call)
{
    return uses[SYSTEM_CALL_ROW(call->number)];
}

/* /proc/syscalls: "number name count" in each line; other kernels have no such file. */
static bool read_uses(void)
{
    FILE *from = fopen("/proc/syscalls", "r");
    char *line = NULL, *rest;
    size_t room = 0;

    if (from == NULL) {
        return false;
    }
    while (getline(&line, &room, from) > 0) {
        uint32_t number = strtoul(line, &rest, 10);
        uint32_t row = SYSTEM_CALL_ROW(number);

        rest = strrchr(line, ' ');
        if (row < SYSTEM_CALL_LIMIT && rest != NULL) {
            uses[row] = strtoul(rest, NULL, 10);
        }
    }
    fclose(from);
    free(line);
    return true;
}

static void show(const struct call *call, bool counted)
{
    char count[16] = "";

    if (counted) {
        snprintf(count, sizeof(count), "%u", uses_of(call));
    }
    printf("  %4d  %-22s %8s  %-12s %s\n", call->number, call->name, count, call->old, call->words);
}

static void show_group(size_t group, const char *name, bool counted)
{
    bool is_first = true;

    for (int i = 0; i < CALLS; i++) {
        if (strcmp(table[i].group, groups[group][0]) != 0 ||
            (name != NULL && strcmp(name, table[i].name) != 0)) {
            continue;
        }
        if (is_first) {
            printf("%s (%s)\n", groups[group][1], groups[group][0]);
            is_first = false;
        }
        show(&table[i], counted);
    }
}

static int compare(const void *a, const void *b)
{
    const struct call *left = *(const struct call *const *)a;
    const struct call *right = *(const struct call *const *)b;
    uint32_t used_left = uses_of(left), used_right = uses_of(right);

    return used_left != used_right ? (used_left < used_right ? 1 : -1)
                                   : left->number - right->number;
}

static void show_used(void)
{
    const struct call *sorted[CALLS];

    for (int i = 0; i < CALLS; i++) {
        sorted[i] = &table[i];
    }
    qsort(sorted, (size_t)CALLS, sizeof(*sorted), compare);
    for (int i = 0; i < CALLS && uses_of(sorted[i]) > 0; i++) {
        show(sorted[i], true);
    }
}

static void show_sum(void)
{
    int old = 0, used = 0;

    for (int i = 0; i < CALLS; i++) {
        old += table[i].old[0] != '-';
        used += uses_of(&table[i]) > 0;
    }
    printf("%d calls, %d of them used so far; %d do what a call of 1971 did. man 2 NAME tells "
           "more.\n",
           CALLS, used, old);
}

int main(int argc, char **argv)
{
    bool only_used = false, counted = read_uses();
    const char *wanted = NULL;
    int option;

    while ((option = getopt(argc, argv, "cg:")) != -1) {
        if (option == '?') {
            usage(1, USAGE);
        }
        only_used = only_used || option == 'c';
        wanted = option == 'g' ? optarg : wanted;
    }
    if (only_used && !counted) {
        errx(1, "this kernel does not count its calls: there is no /proc/syscalls");
    }
    printf("  %4s  %-22s %8s  %-12s %s\n", "NR", "NAME", "USED", "1971", "WHAT IT DOES");
    if (only_used) {
        show_used();
        return finish_output(0);
    }
    for (size_t i = 0; i < GROUPS; i++) {
        if (wanted == NULL || strcmp(wanted, groups[i][0]) == 0) {
            show_group(i, argv[optind], counted);
        }
    }
    show_sum();
    return finish_output(0);
}
