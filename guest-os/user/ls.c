/* ls [-l] [-a] [PATH...]: the files of directories, in the order of their names.
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MOST 1000
#define PATH_BYTES 320

static bool with_details, with_hidden;

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void show_mode(uint32_t mode)
{
    static const char letters[] = "rwxrwxrwx";
    char text[11] = "?---------";

    text[0] = S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : S_ISCHR(mode) ? 'c' : '-';
    for (int i = 0; i < 9; i++) {
        text[i + 1] = mode >> (8 - i) & 1 ? letters[i] : '-';
    }
    fputs(text, stdout);
}

static int show(const char *path, const char *name)
{
    struct stat64 status;
    char target[PATH_BYTES];
    int length;

    if (!with_details) {
        puts(name);
        return 0;
    }
    if (lstat(path, &status) != 0) {
        fprintf(stderr, "ls: %s: %s\n", path, strerror(errno));
        return 1;
    }
    show_mode(status.st_mode);
    if (S_ISCHR(status.st_mode)) {
        printf(" %2u %3u,%3u %s", status.st_nlink, (uint32_t)status.st_rdev >> 8,
               (uint32_t)status.st_rdev & 255, name);
    } else {
        printf(" %2u %7u %s", status.st_nlink, (uint32_t)status.st_size, name);
    }
    length = S_ISLNK(status.st_mode) ? readlink(path, target, sizeof(target)) : 0;
    printf(length > 0 ? " -> %.*s\n" : "\n", length, target);
    return 0;
}

static int list(const char *path)
{
    static char *names[NAMES_MOST];
    char below[PATH_BYTES];
    DIR *directory = opendir(path);
    struct dirent64 *entry;
    int count = 0, result = 0;

    if (directory == NULL) {
        fprintf(stderr, "ls: %s: %s\n", path, strerror(errno));
        return 1;
    }
    while ((entry = readdir(directory)) != NULL && count < NAMES_MOST) {
        if (with_hidden || entry->d_name[0] != '.') {
            names[count++] = strdup(entry->d_name);
        }
    }
    closedir(directory);
    qsort(names, (size_t)count, sizeof(names[0]), compare);
    for (int i = 0; i < count; i++) {
        snprintf(below, sizeof(below), "%s/%s", path, names[i]);
        result |= show(below, names[i]);
        free(names[i]);
    }
    return result;
}

int main(int argc, char **argv)
{
    struct stat64 status;
    int i = 1, result = 0, first;

    for (; i < argc && argv[i][0] == '-'; i++) {
        with_details = with_details || strchr(argv[i], 'l') != NULL;
        with_hidden = with_hidden || strchr(argv[i], 'a') != NULL;
    }
    if (i == argc) {
        return list(".");
    }
    for (first = i; i < argc; i++) {
        if (stat(argv[i], &status) == 0 && !S_ISDIR(status.st_mode)) {
            result |= show(argv[i], argv[i]);
            continue;
        }
        if (argc - first > 1) {
            printf("%s%s:\n", i > first ? "\n" : "", argv[i]);
        }
        result |= list(argv[i]);
    }
    return result;
}
