/* test_mount: checks mounting a file system in memory, what is refused, and what read-only means.
 * Works in a directory of its own below /tmp. Runs on a Linux host too, with the same results, if
 * it may mount there. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/check.h"

static char place[40]; /* the directory */

static void check_error(int result, int error, const char *words)
{
    if (result != -1 || errno != error) {
        printf("FAILED: %s: result %d, error %d\n", words, result, result == -1 ? errno : 0);
        check_failures++;
    }
}

static void write_file(const char *path)
{
    int fd = creat(path, 0644u);

    check(fd >= 0 && write(fd, "text", 4) == 4, "a file is written");
    close(fd);
}

static uint64_t device_of(const char *path)
{
    struct stat64 status = {0};

    stat(path, &status);
    return status.st_dev;
}

static void test_mounted(void)
{
    char path[100], wanted[100];

    check(device_of("m") != device_of("."), "it is another file system");
    write_file("m/f");
    check(chdir("m") == 0 && getcwd(path, sizeof(path)) != NULL, "it is entered");
    snprintf(wanted, sizeof(wanted), "%s/m", place);
    check(strcmp(path, wanted) == 0, "under the path where it is mounted");
    check(access("../m/f", F_OK) == 0 && chdir("..") == 0, ".. leads out of it");
    check(getcwd(path, sizeof(path)) != NULL && strcmp(path, place) == 0, "to where it is");
    write_file("g");
    check_error(rename("g", "m/g"), EXDEV, "rename into it: EXDEV");
    check_error(link("g", "m/g"), EXDEV, "link into it: EXDEV");
    check_error(rmdir("m"), EBUSY, "rmdir of where it is: EBUSY");
    check_error(rename("m", "n"), EBUSY, "rename of that: EBUSY");
    unlink("g");
}

static void test_busy(void)
{
    int fd = open("m/f", O_RDONLY);

    check_error(umount2("m", 0), EBUSY, "umount while a file is open: EBUSY");
    close(fd);
    chdir("m");
    check_error(umount2("../m", 0), EBUSY, "umount while somebody is there: EBUSY");
    chdir("..");
    mkdir("m/inner", 0755);
    check(mount("none", "m/inner", "tmpfs", 0, NULL) == 0, "one in the other");
    check_error(umount2("m", 0), EBUSY, "the outer one is in use: EBUSY");
    check(umount2("m/inner", 0) == 0 && rmdir("m/inner") == 0, "the inner one goes");
}

static void test_read_only(void)
{
    int fd = open("m/f", O_RDWR);

    check_error(mount("none", "m", "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), EBUSY,
                "read-only while a file is written: EBUSY");
    close(fd);
    check(mount("none", "m", "tmpfs", MS_REMOUNT | MS_RDONLY, NULL) == 0, "read-only");
    check_error(open("m/f", O_WRONLY), EROFS, "open to write: EROFS");
    check_error(creat("m/h", 0644u), EROFS, "a new file: EROFS");
    check_error(mkdir("m/f", 0755), EEXIST, "mkdir where something is: EEXIST");
    check_error(unlink("m/f"), EROFS, "unlink: EROFS");
    check_error(chmod("m/f", 0600), EROFS, "chmod: EROFS");
    check_error(access("m/f", W_OK), EROFS, "access: EROFS");
    fd = open("m/f", O_RDONLY);
    check(fd >= 0 && close(fd) == 0, "reading goes on");
    check(mount("none", "m", "tmpfs", MS_REMOUNT, NULL) == 0, "writable again");
    check(unlink("m/f") == 0, "as before");
}

static void test_refused(void)
{
    write_file("g");
    check_error(mount("none", "m", "no_such_kind", 0, NULL), ENODEV, "an unknown kind: ENODEV");
    check_error(mount("none", "missing", "tmpfs", 0, NULL), ENOENT, "at nothing: ENOENT");
    check_error(mount("none", "g", "tmpfs", 0, NULL), ENOTDIR, "at a file: ENOTDIR");
    check_error(umount2("g", 0), EINVAL, "umount of what is not mounted: EINVAL");
    check_error(umount2("missing", 0), ENOENT, "umount of nothing: ENOENT");
    unlink("g");
}

int main(void)
{
    snprintf(place, sizeof(place), "/tmp/test_mount.%d", getpid());
    if (mkdir(place, 0755) != 0 || chdir(place) != 0 || mkdir("m", 0755) != 0) {
        printf("FAILED: no directory %s\n", place);
        return 1;
    }
    if (mount("none", "m", "tmpfs", 0, NULL) == 0) {
        test_mounted();
        test_busy();
        test_read_only();
        check(umount2("m", 0) == 0, "umount");
        check(access("m/f", F_OK) == -1 && device_of("m") == device_of("."), "it is gone");
        test_refused();
    } else {
        check(errno == EPERM || errno == EACCES, "only if it may not mount");
    }
    chdir("/");
    snprintf(place + strlen(place), 3, "/m");
    rmdir(place);
    *strrchr(place, '/') = '\0';
    check(rmdir(place) == 0, "nothing is left over");
    return check_summary("test_mount", 4);
}
