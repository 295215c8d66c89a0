/* test_attributes: checks permissions, owners, times, lengths, transfers at offsets, and locks of
 * files. Works in a directory of its own below /tmp. Runs on a Linux host too, with the same
 * results; what needs root is left out for others. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"

#define STRANGER 1234 /* a user and a group that own nothing */

static char place[40]; /* the directory */

static void check_error(int result, int error, const char *words)
{
    if (result != -1 || errno != error) {
        printf("FAILED: %s: result %d, error %d\n", words, result, result == -1 ? errno : 0);
        check_failures++;
    }
}

static int make(const char *path, const char *text, uint32_t mode)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, mode);

    check(fd >= 0 && write(fd, text, strlen(text)) == (int)strlen(text), "a file is made");
    return fd;
}

static struct stat64 status_of(const char *path)
{
    struct stat64 status = {0};

    check(lstat(path, &status) == 0, "a file is there");
    return status;
}

static void test_modes(void)
{
    int fd = make("a", "", 0666);

    check((status_of("a").st_mode & 07777) == 0644, "the umask takes permissions away");
    check(chmod("a", 07751) == 0 && (status_of("a").st_mode & 07777) == 07751, "chmod");
    check(fchmod(fd, 0600) == 0 && (status_of("a").st_mode & 07777) == 0600, "fchmod");
    check(fchmodat_raw(AT_FDCWD, "a", 0640) == 0 && (status_of("a").st_mode & 07777) == 0640,
          "fchmodat");
    check_error(chmod("missing", 0600), ENOENT, "chmod of nothing: ENOENT");
    check_error(fchmod(77, 0600), EBADF, "fchmod of nothing: EBADF");
    check_error(access("a", 8), EINVAL, "access with odd bits: EINVAL");
    check(access("a", F_OK) == 0 && access("a", R_OK | W_OK) == 0, "access");
    check_error(access("a", X_OK), EACCES, "nobody may execute it: EACCES");
    close(fd);
    unlink("a");
}

/* What a user may do to whom nothing belongs. */
static void act_as_stranger(void)
{
    check_error(open("private", O_RDONLY), EACCES, "a private file: EACCES");
    check_error(open("readable", O_WRONLY), EACCES, "writing what may be read: EACCES");
    check(open("readable", O_RDONLY) >= 0, "reading it");
    check(open("of_group", O_RDWR) >= 0, "the group's file");
    check_error(open("closed/file", O_RDONLY), EACCES, "behind a closed directory: EACCES");
    check_error(open("new", O_WRONLY | O_CREAT, 0600u), EACCES, "a new file: EACCES");
    check_error(unlink("readable"), EACCES, "removing a file: EACCES");
    check_error(rename("readable", "x"), EACCES, "renaming it: EACCES");
    check_error(chmod("readable", 0777), EPERM, "chmod of another's: EPERM");
    check_error(chown("readable", STRANGER, STRANGER), EPERM, "taking it: EPERM");
    check_error(unlink("sticky/file"), EPERM, "another's in a sticky directory: EPERM");
    check_error(rename("sticky/file", "sticky/x"), EPERM, "renaming that: EPERM");
    check(mkdir("sticky/own", 0700) == 0 && rmdir("sticky/own") == 0, "one's own there");
    check_error(truncate("readable", 0), EACCES, "truncate: EACCES");
    check_error(utimes("readable", NULL), EACCES, "touching it: EACCES");
    check_error(mknod("sticky/device", S_IFCHR | 0600, 0x103), EPERM, "a device: EPERM");
    check_error(chroot("/"), EPERM, "chroot: EPERM");
    check_error(mount("none", "/", "tmpfs", 0, NULL), EPERM, "mount: EPERM");
    close(make("sticky/mine", "", 0600));
    check_error(chown("sticky/mine", 0, UINT32_MAX), EPERM, "giving away: EPERM");
    check(chmod("sticky/mine", 04755) == 0 && unlink("sticky/mine") == 0, "one's own file");
}

static void test_permissions(void)
{
    int status;

    if (geteuid() != 0) {
        return;
    }
    umask(0);
    close(make("private", "", 0600));
    close(make("readable", "", 0644));
    close(make("of_group", "", 0660));
    check(chown("of_group", UINT32_MAX, STRANGER) == 0, "root gives to a group");
    mkdir("closed", 0700);
    close(make("closed/file", "", 0666));
    mkdir("sticky", 01777);
    close(make("sticky/file", "", 0666));
    if (fork() == 0) {
        check_failures = 0;
        setgroups(0, NULL);
        setgid(STRANGER);
        setuid(STRANGER);
        act_as_stranger();
        _exit(check_failures > 0);
    }
    wait4(-1, &status, 0, NULL);
    check(status == 0, "a stranger finds closed what is closed");
    check(chmod("private", 06755) == 0 && chown("private", 1, 2) == 0, "chown");
    check((status_of("private").st_mode & 07777) == 0755, "takes set-id bits away");
    check(status_of("private").st_uid == 1 && status_of("private").st_gid == 2, "and gives");
    symlink("private", "link");
    check(lchown("link", 3, 4) == 0 && status_of("link").st_uid == 3 &&
              status_of("private").st_uid == 1,
          "lchown does not follow");
    unlink("link");
    unlink("private");
    unlink("readable");
    unlink("of_group");
    unlink("closed/file");
    rmdir("closed");
    unlink("sticky/file");
    check(rmdir("sticky") == 0, "all is removed");
    umask(022);
}

static void test_times(void)
{
    struct timespec times[2] = {{1000, 0}, {2000, 0}};
    const int32_t seconds[2] = {3000, 4000};
    const struct timeval both[2] = {{5000, 0}, {6000, 999999}}, wrong[2] = {{1, 0}, {1, 1000000}};
    struct stat64 status;

    close(make("a", "x", 0644));
    check(utimensat(AT_FDCWD, "a", times, 0) == 0, "utimensat");
    status = status_of("a");
    check(status.st_atime == 1000 && status.st_mtime == 2000, "sets both times");
    times[0].tv_nsec = (int32_t)UTIME_OMIT;
    times[1].tv_sec = 2500;
    check(utimensat(AT_FDCWD, "a", times, 0) == 0, "or one");
    status = status_of("a");
    check(status.st_atime == 1000 && status.st_mtime == 2500, "and leaves the other");
    check(utime("a", seconds) == 0 && status_of("a").st_mtime == 4000, "utime");
    check(utimes("a", both) == 0 && status_of("a").st_mtime == 6000, "utimes");
    check_error(utimes("a", wrong), EINVAL, "a million microseconds: EINVAL");
    check_error(utimes("missing", both), ENOENT, "of nothing: ENOENT");
    check(utimes("a", NULL) == 0 && status_of("a").st_mtime != 6000, "now");
    unlink("a");
}

static void test_lengths(void)
{
    char buffer[10] = "xxxxxxxxx";
    int fd = make("a", "hello", 0644);

    check(truncate("a", 3) == 0 && status_of("a").st_size == 3, "truncate");
    check(ftruncate(fd, 8) == 0 && status_of("a").st_size == 8, "ftruncate makes longer, too");
    check(pread_raw(fd, buffer, 10, 0, 0) == 8 && memcmp(buffer, "hel\0\0\0\0\0", 8) == 0,
          "with zeros");
    check_error(truncate("a", -1), EINVAL, "to less than nothing: EINVAL");
    check_error(truncate(".", 0), EISDIR, "of a directory: EISDIR");
    check_error(truncate("missing", 0), ENOENT, "of nothing: ENOENT");
    close(fd);
    fd = open("a", O_RDONLY);
    check_error(ftruncate(fd, 0), EINVAL, "of what is open for reading: EINVAL");
    close(fd);
    fd = open("a", O_RDWR | O_LARGEFILE);
    check(ftruncate64_raw(fd, 10, 1) == 0 && status_of("a").st_size == 0x10000000A, "over 4 GiB");
    check(status_of("a").st_blocks < 100, "takes no room");
    check(pwrite_raw(fd, "end", 3, 7, 1) == 3 && pread_raw(fd, buffer, 10, 5, 1) == 5 &&
              memcmp(buffer, "\0\0end", 5) == 0,
          "and is written at its end");
    close(fd);
    check_error(open("a", O_RDONLY), EOVERFLOW, "open without O_LARGEFILE: EOVERFLOW");
    unlink("a");
}

static void test_transfers(void)
{
    char one[4], two[10];
    struct iovec parts[2] = {{(uint32_t)one, 4}, {(uint32_t)two, 10}};
    int fd = make("a", "0123456789", 0644), other = make("b", "", 0644), fds[2];

    check(pwrite_raw(fd, "xy", 2, 3, 0) == 2 && lseek(fd, 0, SEEK_CUR) == 10,
          "pwrite leaves the offset");
    check(pread_raw(fd, two, 10, 2, 0) == 8 && memcmp(two, "2xy56789", 8) == 0, "pread");
    check_error(pread_raw(fd, two, 10, 0, 0x80000000u), EINVAL, "before the start: EINVAL");
    lseek(fd, 0, SEEK_SET);
    check(readv(fd, parts, 2) == 10 && memcmp(one, "012x", 4) == 0 && memcmp(two, "y56789", 6) == 0,
          "readv");
    check_error(readv(fd, parts, -1), EINVAL, "readv of -1 parts: EINVAL");
    check(preadv_raw(fd, parts, 2, 6, 0) == 4 && memcmp(one, "6789", 4) == 0, "preadv");
    lseek(fd, 0, SEEK_SET);
    check(sendfile(other, fd, NULL, 100) == 10, "sendfile");
    check(status_of("b").st_size == 10 && lseek(fd, 0, SEEK_CUR) == 10, "copies all");
    pipe(fds);
    check_error(pread_raw(fds[0], two, 1, 0, 0), ESPIPE, "pread of a pipe: ESPIPE");
    check_error(fsync(fds[0]), EINVAL, "fsync of a pipe: EINVAL");
    check(fsync(fd) == 0 && fdatasync(fd) == 0, "fsync of a file");
    close(fds[0]);
    close(fds[1]);
    close(other);
    close(fd);
    check_error(fsync(77), EBADF, "fsync of nothing: EBADF");
    unlink("a");
    unlink("b");
}

/* Ask from another process who has a lock on byte `at`; its pid, 0 nobody. */
static int who_locks(int fd, int at)
{
    struct flock wish = {F_WRLCK, SEEK_SET, at, 1, 0};
    int status;

    if (fork() == 0) {
        fcntl(fd, F_GETLK, (uint32_t)&wish);
        _exit(wish.l_type == F_UNLCK ? 0 : 1);
    }
    wait4(-1, &status, 0, NULL);
    return WEXITSTATUS(status);
}

static void test_locks(void)
{
    struct flock wish = {F_WRLCK, SEEK_SET, 10, 10, 0};
    int fd = make("a", "", 0644), other = open("a", O_RDWR), status;

    check(fcntl(fd, F_SETLK, (uint32_t)&wish) == 0, "a range is locked");
    check(who_locks(fd, 9) == 0 && who_locks(fd, 10) == 1 && who_locks(fd, 19) == 1 &&
              who_locks(fd, 20) == 0,
          "just that range");
    wish = (struct flock){F_UNLCK, SEEK_SET, 13, 2, 0};
    check(fcntl(fd, F_SETLK, (uint32_t)&wish) == 0, "its middle is given back");
    check(who_locks(fd, 12) == 1 && who_locks(fd, 13) == 0 && who_locks(fd, 15) == 1, "only that");
    if (fork() == 0) {
        wish = (struct flock){F_RDLCK, SEEK_SET, 10, 1, 0};
        _exit(fcntl(fd, F_SETLK, (uint32_t)&wish) == -1 && errno == EAGAIN ? 0 : 1);
    }
    wait4(-1, &status, 0, NULL);
    check(status == 0, "another process gets EAGAIN");
    close(other);
    check(who_locks(fd, 10) == 0, "closing any descriptor of the file ends them");
    other = open("a", O_RDWR);
    check(flock(fd, LOCK_EX) == 0, "flock");
    check_error(flock(other, LOCK_SH | LOCK_NB), EAGAIN, "by another open file: EAGAIN");
    check(flock(fd, LOCK_SH) == 0 && flock(other, LOCK_SH | LOCK_NB) == 0, "both may share");
    check(flock(fd, LOCK_UN) == 0 && flock(other, LOCK_EX | LOCK_NB) == 0, "or one has it");
    check_error(flock(fd, 0), EINVAL, "flock with no operation: EINVAL");
    close(other);
    check(flock(fd, LOCK_EX | LOCK_NB) == 0, "close gives it back");
    close(fd);
    unlink("a");
}

static void test_statx_statfs(void)
{
    struct statx extended;
    struct statfs64 system;
    struct stat64 status;
    int fd = make("a", "some", 0640);

    fstat(fd, &status);
    check(statx(AT_FDCWD, "a", 0, STATX_BASIC_STATS, &extended) == 0, "statx");
    check(extended.stx_size == 4 && extended.stx_mode == (S_IFREG | 0640) &&
              extended.stx_ino == status.st_ino && extended.stx_nlink == 1,
          "tells the same as stat");
    check(statx(fd, "", AT_EMPTY_PATH, 0, &extended) == 0 && extended.stx_size == 4,
          "and of what is open");
    check_error(statx(AT_FDCWD, "a", 0x6000, 0, &extended), EINVAL, "two ways at once: EINVAL");
    check(statfs_raw(".", sizeof(system), &system) == 0 && system.f_bsize > 0 &&
              system.f_bfree <= system.f_blocks && system.f_namelen == 255,
          "statfs");
    check(fstatfs_raw(fd, sizeof(system), &system) == 0, "fstatfs");
    check_error(statfs_raw(".", 10, &system), EINVAL, "into too little: EINVAL");
    close(fd);
    unlink("a");
}

int main(void)
{
    snprintf(place, sizeof(place), "/tmp/test_attributes.%d", getpid());
    if (mkdir(place, 0755) != 0 || chdir(place) != 0) {
        printf("FAILED: no directory %s\n", place);
        return 1;
    }
    umask(022);
    test_modes();
    test_permissions();
    test_times();
    test_lengths();
    test_transfers();
    test_locks();
    test_statx_statfs();
    chdir("/");
    check(rmdir(place) == 0, "nothing is left over");
    return check_summary("test_attributes", 7);
}
