/* rm [-rfiv] FILE...: removes files; with -r directories and what is in them; with -f it does not
 * complain about what is not there. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 1024

static bool recursive, quiet, ask, verbose;

static int complain(const char *path)
{
    if (quiet && errno == ENOENT) {
        return 0;
    }
    warn("%s", path);
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

static bool is_wanted(const char *path)
{
    int first, c;

    if (!ask) {
        return true;
    }
    fprintf(stderr, "rm: remove %s? ", path);
    for (first = c = getchar(); c != '\n' && c != EOF;) {
        c = getchar();
    }
    return first == 'y' || first == 'Y';
}

static int remove_path(const char *path)
{
    struct stat64 status;
    bool is_directory;
    int result = 0;

    if (lstat(path, &status) != 0) {
        return complain(path);
    }
    is_directory = S_ISDIR(status.st_mode);
    if (is_directory && !recursive) {
        errno = EISDIR;
        warn("%s", path);
        return 1;
    }
    if (is_directory) {
        result = remove_inside(path);
    }
    if (!is_wanted(path)) {
        return result;
    }
    if ((is_directory ? rmdir(path) : unlink(path)) != 0) {
        return complain(path);
    }
    if (verbose) {
        printf("removed %s'%s'\n", is_directory ? "directory " : "", path);
    }
    return result;
}

static bool is_forbidden(const char *path)
{
    const char *name = path_name(path);

    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(path, "/") == 0;
}

int main(int argc, char **argv)
{
    int option, result = 0;

    while ((option = getopt(argc, argv, "rRfiv")) != -1) {
        if (option == '?') {
            usage(1, "rm [-rfiv] FILE...");
        }
        recursive = recursive || option == 'r' || option == 'R';
        quiet = option == 'f' || (quiet && option != 'i');
        ask = option == 'i' || (ask && option != 'f');
        verbose = verbose || option == 'v';
    }
    if (optind == argc && !quiet) {
        usage(1, "rm [-rfiv] FILE...");
    }
    for (int i = optind; i < argc; i++) {
        if (is_forbidden(argv[i])) {
            warnx("%s is not removed", argv[i]);
            result = 1;
        } else {
            result |= remove_path(argv[i]);
        }
    }
    return finish_output(result);
}
