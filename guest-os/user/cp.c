/* cp [-rpfiv] FROM... TO: copies files; TO is a file or a directory. -r directories and what is in
 * them (links stay links), -p with permissions, owner and times. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES      4096 /* moved at once */
#define PATH_BYTES 1024
#define USAGE      "cp [-rpfiv] FROM... TO"

static bool options[128];

static int copy(const char *from, const char *to);

static int complain(const char *path)
{
    warn("%s", path);
    return 1;
}

static int copy_bytes(int in, int out, const char *from, const char *to)
{
    static char buffer[BYTES];
    int got;

    while ((got = read(in, buffer, BYTES)) > 0) {
        if (write(out, buffer, (size_t)got) != got) {
            return complain(to);
        }
    }
    return got < 0 ? complain(from) : 0;
}

static int copy_file(const char *from, const char *to, const struct stat64 *status)
{
    struct stat64 there;
    int in, out, result;

    if (stat(to, &there) == 0) {
        if (there.st_ino == status->st_ino && there.st_dev == status->st_dev) {
            warnx("%s and %s are the same file", from, to);
            return 1;
        }
        if (options['i']) {
            fprintf(stderr, "cp: overwrite %s? ", to);
            if (getchar() != 'y') {
                return 1;
            }
        }
    }
    in = open(from, O_RDONLY);
    if (in < 0) {
        return complain(from);
    }
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC, status->st_mode & 0777);
    if (out < 0 && options['f'] && unlink(to) == 0) {
        out = open(to, O_WRONLY | O_CREAT | O_TRUNC, status->st_mode & 0777);
    }
    if (out < 0) {
        close(in);
        return complain(to);
    }
    result = copy_bytes(in, out, from, to);
    close(in);
    close(out);
    return result;
}

static int copy_link(const char *from, const char *to)
{
    char target[PATH_BYTES];
    int length = readlink(from, target, sizeof(target) - 1);

    if (length < 0) {
        return complain(from);
    }
    target[length] = '\0';
    return symlink(target, to) == 0 ? 0 : complain(to);
}

static int copy_directory(const char *from, const char *to, const struct stat64 *status)
{
    char below[PATH_BYTES], target[PATH_BYTES];
    DIR *directory = opendir(from);
    struct dirent64 *entry;
    int result = 0;

    if (directory == NULL) {
        return complain(from);
    }
    if (mkdir(to, (status->st_mode & 0777) | 0700) != 0 && errno != EEXIST) {
        closedir(directory);
        return complain(to);
    }
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(below, sizeof(below), "%s/%s", from, entry->d_name);
            snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
            result |= copy(below, target);
        }
    }
    closedir(directory);
    return result;
}

static void copy_properties(const char *to, const struct stat64 *status)
{
    struct timespec times[2] = {{(int32_t)status->st_atime, (int32_t)status->st_atime_nsec},
                                {(int32_t)status->st_mtime, (int32_t)status->st_mtime_nsec}};

    chown(to, status->st_uid, status->st_gid);
    chmod(to, status->st_mode & 07777);
    utimensat(AT_FDCWD, to, times, 0);
}

static int copy(const char *from, const char *to)
{
    struct stat64 status;
    int result;

    if ((options['r'] ? lstat(from, &status) : stat(from, &status)) != 0) {
        return complain(from);
    }
    if (options['v']) {
        printf("'%s' -> '%s'\n", from, to);
    }
    if (S_ISLNK(status.st_mode)) {
        return copy_link(from, to);
    }
    if (S_ISDIR(status.st_mode)) {
        if (!options['r']) {
            warnx("%s is a directory (without -r)", from);
            return 1;
        }
        result = copy_directory(from, to, &status);
    } else if (options['r'] && !S_ISREG(status.st_mode)) {
        result = mknod(to, status.st_mode, (uint32_t)status.st_rdev) == 0 ? 0 : complain(to);
    } else {
        result = copy_file(from, to, &status);
    }
    if (options['p']) {
        copy_properties(to, &status);
    }
    return result;
}

static void trim(char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/') {
        path[--length] = '\0';
    }
}

int main(int argc, char **argv)
{
    char path[PATH_BYTES], *to;
    struct stat64 status;
    int option, result = 0;
    bool into;

    while ((option = getopt(argc, argv, "rRpfiva")) != -1) {
        if (option == '?') {
            usage(1, USAGE);
        }
        options[option == 'R' || option == 'a' ? 'r' : option] = true;
        options['p'] = options['p'] || option == 'a';
    }
    if (argc - optind < 2) {
        usage(1, USAGE);
    }
    to = argv[argc - 1];
    into = stat(to, &status) == 0 && S_ISDIR(status.st_mode);
    if (argc - optind > 2 && !into) {
        errx(1, "%s: not a directory", to);
    }
    for (int i = optind; i < argc - 1; i++) {
        trim(argv[i]);
        snprintf(path, sizeof(path), "%s/%s", to, path_name(argv[i]));
        result |= copy(argv[i], into ? path : to);
    }
    return finish_output(result);
}
