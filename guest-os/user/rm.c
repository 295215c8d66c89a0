/* rm [-r] [-f] FILE...: removes files; with -r directories and what is in them; with -f it does
 * not complain about what is not there. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 256

static bool recursive, quiet;

static int complain(const char *path)
{
    if (quiet && errno == ENOENT) {
        return 0;
    }
    fprintf(stderr, "rm: %s: %s\n", path, strerror(errno));
    return 1;
}

static int remove_path(const char *path);

static int remove_inside(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent64 *entry;
    char below[PATH_BYTES];
    int result = 0;

    if (directory == NULL) {
        return complain(path);
    }
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
            result |= remove_path(below);
        }
    }
    closedir(directory);
    return result;
}

static int remove_path(const char *path)
{
    struct stat64 status;
    int result = 0;

    if (lstat(path, &status) != 0) {
        return complain(path);
    }
    if (S_ISDIR(status.st_mode) && recursive) {
        result = remove_inside(path);
        return result | (rmdir(path) != 0 ? complain(path) : 0);
    }
    return unlink(path) != 0 ? complain(path) : 0;
}

int main(int argc, char **argv)
{
    int i = 1, result = 0;

    for (; i < argc && argv[i][0] == '-'; i++) {
        recursive = recursive || strchr(argv[i], 'r') != NULL;
        quiet = quiet || strchr(argv[i], 'f') != NULL;
    }
    for (; i < argc; i++) {
        result |= remove_path(argv[i]);
    }
    return result;
}
