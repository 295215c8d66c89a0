/* du [-aksh] [PATH...]: how much room files and directories take, in KiB. -a each file, -s only the
 * sums. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define SEEN_MOST  4096

static bool all, sums, people;
static uint64_t seen[SEEN_MOST]; /* files with several names, each counted once */
static int seen_count;

static void show(uint64_t halves, const char *path)
{
    uint64_t kib = (halves + 1) / 2;

    if (!people) {
        printf("%llu\t%s\n", kib, path);
    } else if (kib < 1024) {
        printf("%lluK\t%s\n", kib, path);
    } else {
        printf("%llu.%lluM\t%s\n", kib / 1024, kib % 1024 * 10 / 1024, path);
    }
}

static bool was_seen(const struct stat64 *status)
{
    if (status->st_nlink < 2 || S_ISDIR(status->st_mode)) {
        return false;
    }
    for (int i = 0; i < seen_count; i++) {
        if (seen[i] == status->st_ino) {
            return true;
        }
    }
    if (seen_count < SEEN_MOST) {
        seen[seen_count++] = status->st_ino;
    }
    return false;
}

/* Blocks of 512 bytes. */
static uint64_t measure(const char *path, bool is_argument, bool *failed)
{
    struct stat64 status;
    struct dirent64 *entry;
    char below[PATH_BYTES];
    uint64_t sum;
    DIR *directory;

    if (lstat(path, &status) != 0) {
        warn("%s", path);
        *failed = true;
        return 0;
    }
    if (was_seen(&status)) {
        return 0;
    }
    sum = status.st_blocks;
    if (S_ISDIR(status.st_mode)) {
        directory = opendir(path);
        while (directory != NULL && (entry = readdir(directory)) != NULL) {
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
                sum += measure(below, false, failed);
            }
        }
        if (directory != NULL) {
            closedir(directory);
        }
    }
    if (is_argument || (!sums && (all || S_ISDIR(status.st_mode)))) {
        show(sum, path);
    }
    return sum;
}

int main(int argc, char **argv)
{
    bool failed = false;
    int option;

    while ((option = getopt(argc, argv, "aksh")) != -1) {
        if (option == '?') {
            usage(1, "du [-aksh] [PATH...]");
        }
        all = all || option == 'a';
        sums = sums || option == 's';
        people = people || option == 'h';
    }
    if (optind == argc) {
        measure(".", true, &failed);
    }
    for (int i = optind; i < argc; i++) {
        measure(argv[i], true, &failed);
    }
    return finish_output(failed);
}
