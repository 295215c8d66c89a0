/* chmod [-R] MODE FILE...: sets permissions; MODE is an octal number or words like u+x,go-w.
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <err.h>
#include <modes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define USAGE      "chmod [-R] MODE FILE..."

static bool recursive;

static int change(const char *path, const char *text);

static int change_below(const char *path, const char *text)
{
    DIR *directory = opendir(path);
    struct dirent64 *entry;
    char below[PATH_BYTES];
    int result = 0;

    if (directory == NULL) {
        warn("%s", path);
        return 1;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
            result |= change(below, text);
        }
    }
    closedir(directory);
    return result;
}

static int change(const char *path, const char *text)
{
    struct stat64 status;
    uint32_t mode;
    int result = 0;

    if ((recursive ? lstat(path, &status) : stat(path, &status)) != 0) {
        warn("%s", path);
        return 1;
    }
    if (S_ISLNK(status.st_mode)) {
        return 0;
    }
    if (!mode_parse(text, status.st_mode, S_ISDIR(status.st_mode), &mode)) {
        errx(1, "not a mode: %s", text);
    }
    if (chmod(path, mode) != 0) {
        warn("%s", path);
        result = 1;
    }
    if (recursive && S_ISDIR(status.st_mode)) {
        result |= change_below(path, text);
    }
    return result;
}

int main(int argc, char **argv)
{
    int first = 1, result = 0;

    if (argc > 1 && strcmp(argv[1], "-R") == 0) {
        recursive = true;
        first = 2;
    }
    if (argc - first < 2) {
        usage(1, USAGE);
    }
    for (int i = first + 1; i < argc; i++) {
        result |= change(argv[i], argv[first]);
    }
    return result;
}
