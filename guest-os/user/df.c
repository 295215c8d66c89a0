/* df [-hi] [PATH...]: how full file systems are, in KiB; -i: nodes instead of bytes. Without paths:
 * all that are mounted. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#define LINE_BYTES 512

static bool people, nodes;

static void show_number(uint64_t kib)
{
    if (!people || nodes || kib < 1024) {
        printf(people && !nodes ? " %9lluK" : " %10llu", kib);
    } else if (kib < 1024 * 1024) {
        printf(" %7llu.%lluM", kib / 1024, kib % 1024 * 10 / 1024);
    } else {
        printf(" %7llu.%lluG", kib >> 20, (kib & 0xFFFFF) * 10 >> 20);
    }
}

static int show(const char *source, const char *path, bool skip_empty)
{
    struct statfs64 status;
    uint64_t all, used, left;

    if (statfs(path, &status) != 0) {
        warn("%s", path);
        return 1;
    }
    all = nodes ? status.f_files : status.f_blocks * (status.f_bsize / 512) / 2;
    left = nodes ? status.f_ffree : status.f_bavail * (status.f_bsize / 512) / 2;
    used = nodes ? all - left : (status.f_blocks - status.f_bfree) * (status.f_bsize / 512) / 2;
    if (all == 0 && skip_empty) {
        return 0;
    }
    printf("%-14s", source);
    show_number(all);
    show_number(used);
    show_number(left);
    printf(" %3llu%% %s\n", used + left == 0 ? 0 : (used * 100 + used + left - 1) / (used + left),
           path);
    return 0;
}

/* /proc/mounts: lines of source, path, kind and options. */
static int show_mounted(void)
{
    FILE *stream = fopen("/proc/mounts", "r");
    char line[LINE_BYTES], *rest;
    int result = 0;

    if (stream == NULL) {
        return show("root", "/", false);
    }
    while (fgets(line, sizeof(line), stream) != NULL) {
        const char *source = strtok_r(line, " ", &rest), *path = strtok_r(NULL, " ", &rest);

        if (source != NULL && path != NULL) {
            result |= show(source, path, true);
        }
    }
    fclose(stream);
    return result;
}

int main(int argc, char **argv)
{
    int option, result = 0;

    while ((option = getopt(argc, argv, "hik")) != -1) {
        if (option == '?') {
            usage(1, "df [-hi] [PATH...]");
        }
        people = people || option == 'h';
        nodes = nodes || option == 'i';
    }
    printf("%-14s %10s %10s %10s %4s %s\n", "Source",
           nodes    ? "nodes"
           : people ? "size"
                    : "KiB",
           "used", "free", "used", "mounted on");
    if (optind == argc) {
        result = show_mounted();
    }
    for (int i = optind; i < argc; i++) {
        result |= show("-", argv[i], false);
    }
    return finish_output(result);
}
