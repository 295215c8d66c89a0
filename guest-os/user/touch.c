/* touch [-acm] [-d @SECONDS | -r FILE] FILE...: sets the times of files to now, and makes those
 * that are not there (not with -c). SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define USAGE "touch [-acm] [-d @SECONDS | -r FILE] FILE..."

static struct timespec stamps[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}}; /* of reading, of writing */
static bool create = true;

static int touch(const char *path)
{
    int fd;

    if (utimensat(AT_FDCWD, path, stamps, 0) == 0) {
        return 0;
    }
    if (errno == ENOENT && !create) {
        return 0;
    }
    fd = errno == ENOENT ? open(path, O_WRONLY | O_CREAT, 0666u) : -1;
    if (fd < 0) {
        warn("%s", path);
        return 1;
    }
    close(fd);
    if (stamps[1].tv_nsec != UTIME_NOW) {
        utimensat(AT_FDCWD, path, stamps, 0);
    }
    return 0;
}

int main(int argc, char **argv)
{
    bool only_read = false, only_written = false;
    struct stat64 status;
    int option, result = 0;

    while ((option = getopt(argc, argv, "acmd:r:")) != -1) {
        switch (option) {
        case 'a':
            only_read = true;
            break;
        case 'm':
            only_written = true;
            break;
        case 'c':
            create = false;
            break;
        case 'd':
            if (*optarg != '@') {
                errx(1, "a time is given as @SECONDS since 1970");
            }
            stamps[0] = stamps[1] = (struct timespec){strtol(optarg + 1, NULL, 10), 0};
            break;
        case 'r':
            if (stat(optarg, &status) != 0) {
                err(1, "%s", optarg);
            }
            stamps[0] = (struct timespec){(int32_t)status.st_atime, (int32_t)status.st_atime_nsec};
            stamps[1] = (struct timespec){(int32_t)status.st_mtime, (int32_t)status.st_mtime_nsec};
            break;
        default:
            usage(1, USAGE);
        }
    }
    if (optind == argc) {
        usage(1, USAGE);
    }
    stamps[0].tv_nsec = only_written && !only_read ? (int32_t)UTIME_OMIT : stamps[0].tv_nsec;
    stamps[1].tv_nsec = only_read && !only_written ? (int32_t)UTIME_OMIT : stamps[1].tv_nsec;
    for (int i = optind; i < argc; i++) {
        result |= touch(argv[i]);
    }
    return result;
}
