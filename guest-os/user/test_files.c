/* test_files: checks opening, reading, writing, seeking, descriptors, directories, names, links and
 * /proc. Works in a directory of its own below /tmp. Runs on a Linux host too, with the same
 * results. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "user/check.h"

#define BIG 10000 /* bytes: more than two pages */

static char place[40]; /* the directory */

static void check_error(int result, int error, const char *words)
{
    check(result == -1 && errno == error, words);
}

/* The file's whole content equals `text`. */
static bool has_content(const char *path, const char *text)
{
    char buffer[200];
    int fd = open(path, O_RDONLY);
    int length = read(fd, buffer, sizeof(buffer));

    close(fd);
    return length == (int)strlen(text) && memcmp(buffer, text, (size_t)length) == 0;
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644u);

    check(fd >= 0, "a file can be made");
    check(write(fd, text, strlen(text)) == (int)strlen(text), "and written");
    check(close(fd) == 0, "and closed");
}

static void test_open_flags(void)
{
    int fd;

    check_error(open("missing", O_RDONLY), ENOENT, "open without O_CREAT: ENOENT");
    write_file("a", "hello");
    check(has_content("a", "hello"), "what was written is read");
    check_error(open("a", O_WRONLY | O_CREAT | O_EXCL, 0644u), EEXIST, "O_EXCL: EEXIST");
    fd = open("a", O_WRONLY | O_APPEND);
    write(fd, " there", 6);
    close(fd);
    check(has_content("a", "hello there"), "O_APPEND writes at the end");
    close(open("a", O_WRONLY | O_TRUNC));
    check(has_content("a", ""), "O_TRUNC empties");
    check_error(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR, "O_DIRECTORY on a file: ENOTDIR");
    check_error(open(".", O_WRONLY), EISDIR, "writing to a directory: EISDIR");
    check_error(open("a/b", O_RDONLY), ENOTDIR, "a file in the middle of a path: ENOTDIR");
    check_error(open("", O_RDONLY), ENOENT, "an empty path: ENOENT");
    check_error(open((const char *)0xFFFFE000u, O_RDONLY), EFAULT, "a bad path: EFAULT");
}

static void test_access_modes(void)
{
    char c = 'x';
    int fd = open("a", O_RDONLY);

    check_error(write(fd, &c, 1), EBADF, "writing what is open for reading: EBADF");
    close(fd);
    fd = open("a", O_WRONLY);
    check_error(read(fd, &c, 1), EBADF, "reading what is open for writing: EBADF");
    close(fd);
    check_error(close(fd), EBADF, "closing twice: EBADF");
    fd = open(".", O_RDONLY);
    check_error(read(fd, &c, 1), EISDIR, "reading a directory: EISDIR");
    close(fd);
    check(access("a", R_OK | W_OK) == 0, "access: read and write");
    check_error(access("a", X_OK), EACCES, "access: not executable");
    check_error(access("missing", F_OK), ENOENT, "access: ENOENT");
}

static void test_seek(void)
{
    char c;
    int64_t far = 0;
    int fd;

    write_file("s", "0123456789");
    fd = open("s", O_RDWR);
    check(lseek(fd, 4, SEEK_SET) == 4 && read(fd, &c, 1) == 1 && c == '4', "SEEK_SET");
    check(lseek(fd, 1, SEEK_CUR) == 6 && read(fd, &c, 1) == 1 && c == '6', "SEEK_CUR");
    check(lseek(fd, -1, SEEK_END) == 9 && read(fd, &c, 1) == 1 && c == '9', "SEEK_END");
    check(read(fd, &c, 1) == 0, "then the end");
    check(llseek_raw(fd, 0, 2, &far, SEEK_SET) == 0 && far == 2, "_llseek");
    check_error(lseek(fd, -1, SEEK_SET), EINVAL, "before the start: EINVAL");
    check_error(lseek(fd, 0, 9), EINVAL, "unknown whence: EINVAL");
    lseek(fd, 20, SEEK_SET);
    check(write(fd, "end", 3) == 3 && lseek(fd, 15, SEEK_SET) == 15 && read(fd, &c, 1) == 1 &&
              c == 0,
          "a hole reads as zeros");
    close(fd);
}

static void test_big_file(void)
{
    static uint8_t out[BIG], in[BIG];
    int fd = open("big", O_RDWR | O_CREAT, 0600u);

    for (int i = 0; i < BIG; i++) {
        out[i] = (uint8_t)(i * 7 + i / 256);
    }
    check(write(fd, out, BIG) == BIG, "many pages are written");
    lseek(fd, 0, SEEK_SET);
    check(read(fd, in, BIG) == BIG && memcmp(in, out, BIG) == 0, "and read");
    lseek(fd, 4090, SEEK_SET);
    check(read(fd, in, 20) == 20 && memcmp(in, out + 4090, 20) == 0, "across the end of a page");
    close(fd);
    check(unlink("big") == 0, "unlink");
}

static void test_duplicates(void)
{
    char c;
    int fd, other;

    write_file("d", "abcdef");
    fd = open("d", O_RDONLY);
    other = dup(fd);
    read(fd, &c, 1);
    check(read(other, &c, 1) == 1 && c == 'b', "dup shares the offset");
    check(dup2(fd, 20) == 20 && read(20, &c, 1) == 1 && c == 'c', "dup2 to a number");
    check(dup2(fd, fd) == fd, "dup2 to itself");
    check_error(dup2(25, 26), EBADF, "dup2 of nothing: EBADF");
    check_error(dup3(fd, fd, 0), EINVAL, "dup3 to itself: EINVAL");
    check(fcntl(fd, F_DUPFD, 15) == 15, "F_DUPFD takes the lowest from there on");
    check(fcntl(fd, F_GETFD, 0) == 0 && dup3(fd, 16, O_CLOEXEC) == 16 &&
              fcntl(16, F_GETFD, 0) == FD_CLOEXEC,
          "dup3 can set FD_CLOEXEC");
    check(fcntl(16, F_SETFD, 0) == 0 && fcntl(16, F_GETFD, 0) == 0, "F_SETFD");
    check((fcntl(fd, F_GETFL, 0) & (int)O_ACCMODE) == O_RDONLY, "F_GETFL");
    close(fd);
    check(read(other, &c, 1) == 1 && c == 'd', "the others stay open");
    close(other);
    close(15);
    close(16);
    close(20);
}

/* Descriptors after fork and execve: run this program again, which looks at 7 and 8. */
static void test_inheritance(void)
{
    char *const argv[] = {"test_files", "descriptors", NULL};
    int status = 0, pid, fd = open("d", O_RDONLY);
    char c;

    dup2(fd, 7);
    dup3(fd, 8, O_CLOEXEC);
    pid = fork();
    if (pid == 0) {
        execve("/proc/self/exe", argv, environ);
        exit(1);
    }
    waitpid(pid, &status, 0);
    check(WEXITSTATUS(status) == 33, "execve closes what has FD_CLOEXEC, and only that");
    check(read(fd, &c, 1) == 1 && c == 'b', "the child moved the shared offset");
    close(fd);
    close(7);
    close(8);
}

static void test_status(void)
{
    struct stat64 status, other;
    int fd;

    write_file("st", "1234567");
    check(stat("st", &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 7, "stat: file");
    check((status.st_mode & 0777) == 0644 && status.st_nlink == 1, "permissions and links");
    fd = open("st", O_RDONLY);
    check(fstat(fd, &other) == 0 && other.st_ino == status.st_ino, "fstat: the same file");
    close(fd);
    check(fstatat(AT_FDCWD, ".", &status, 0) == 0 && S_ISDIR(status.st_mode), "fstatat: directory");
    check(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == 0x103,
          "stat: device");
    check_error(stat("missing", &status), ENOENT, "stat: ENOENT");
    check_error(stat("st", (void *)0xFFFFE000u), EFAULT, "stat: EFAULT");
    check(umask(077) == 022, "umask gives the old mask");
    close(open("masked", O_WRONLY | O_CREAT, 0666u));
    check(stat("masked", &status) == 0 && (status.st_mode & 0777) == 0600, "umask takes bits away");
    umask(022);
}

static bool lists(const char *path, const char *wanted)
{
    DIR *directory = opendir(path);
    struct dirent64 *entry;
    bool found = false;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        found = found || strcmp(entry->d_name, wanted) == 0;
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return found;
}

static void test_directories(void)
{
    char path[80];

    check(mkdir("dir", 0755) == 0 && mkdir("dir/sub", 0755) == 0, "mkdir");
    check_error(mkdir("dir", 0755), EEXIST, "mkdir: EEXIST");
    check_error(mkdir("no/dir", 0755), ENOENT, "mkdir: ENOENT");
    check_error(rmdir("dir"), ENOTEMPTY, "rmdir: ENOTEMPTY");
    check_error(rmdir("st"), ENOTDIR, "rmdir of a file: ENOTDIR");
    check_error(unlink("dir"), EISDIR, "unlink of a directory: EISDIR");
    check(lists("dir", "sub") && lists("dir", ".") && lists("dir", ".."), "getdents64 lists");
    check(chdir("dir/sub") == 0 && getcwd(path, sizeof(path)) != NULL, "chdir, getcwd");
    check(strncmp(path, place, strlen(place)) == 0 && strcmp(path + strlen(place), "/dir/sub") == 0,
          "getcwd gives the whole path");
    check_error(getcwd_raw(path, 3), ERANGE, "getcwd: ERANGE");
    check(chdir("../..") == 0 && rmdir("dir/sub") == 0 && !lists("dir", "sub"), "rmdir");
    check_error(chdir("st"), ENOTDIR, "chdir to a file: ENOTDIR");
    check(chdir("/") == 0 && getcwd(path, 2) != NULL && strcmp(path, "/") == 0, "the root's path");
    chdir(place);
}

static void test_openat(void)
{
    int directory = open("dir", O_RDONLY | O_DIRECTORY), fd;

    fd = openat(directory, "inside", O_WRONLY | O_CREAT, 0600);
    check(fd >= 0 && write(fd, "in", 2) == 2 && close(fd) == 0, "openat makes a file");
    check(has_content("dir/inside", "in"), "in that directory");
    check_error(openat(99, "inside", O_RDONLY, 0), EBADF, "openat: EBADF");
    check(unlink("dir/inside") == 0, "unlink in a directory");
    close(directory);
}

static void test_rename(void)
{
    write_file("r1", "one");
    write_file("r2", "two");
    check(rename("r1", "r2") == 0 && has_content("r2", "one"), "rename replaces");
    check_error(open("r1", O_RDONLY), ENOENT, "the old name is gone");
    check(rename("r2", "dir/r3") == 0 && has_content("dir/r3", "one"), "rename moves");
    check_error(rename("missing", "x"), ENOENT, "rename: ENOENT");
    check_error(rename("dir", "dir/below"), EINVAL, "a directory can not go into itself");
    check_error(rename("st", "dir"), EISDIR, "a file can not replace a directory");
    check_error(rename("dir", "st"), ENOTDIR, "a directory can not replace a file");
    unlink("dir/r3");
}

static void test_removed_but_open(void)
{
    char text[3];
    int fd;

    write_file("gone", "yes");
    fd = open("gone", O_RDONLY);
    check(unlink("gone") == 0 && read(fd, text, 3) == 3 && memcmp(text, "yes", 3) == 0,
          "a removed file lives as long as it is open");
    close(fd);
}

static void test_links(void)
{
    struct stat64 status;
    char target[20];

    check(symlink("st", "link") == 0 && has_content("link", "1234567"), "a link is followed");
    check(readlink("link", target, sizeof(target)) == 2 && memcmp(target, "st", 2) == 0,
          "readlink");
    check(lstat("link", &status) == 0 && S_ISLNK(status.st_mode), "lstat does not follow");
    check_error(readlink("st", target, sizeof(target)), EINVAL, "readlink of a file: EINVAL");
    symlink("loop", "loop");
    check_error(open("loop", O_RDONLY), ELOOP, "a link to itself: ELOOP");
    check(symlink("/proc/self", "to_proc") == 0 && access("to_proc/stat", R_OK) == 0,
          "a link to elsewhere, in the middle of a path");
    unlink("link");
    unlink("loop");
    unlink("to_proc");
}

static void test_writev(void)
{
    static char one[] = "one ", two[] = "two";
    struct iovec parts[2] = {{(uint32_t)one, 4}, {(uint32_t)two, 3}};
    int fd = open("v", O_WRONLY | O_CREAT, 0600u);

    check(writev(fd, parts, 2) == 7, "writev writes all parts");
    close(fd);
    check(has_content("v", "one two"), "one behind the other");
}

static void test_devices(void)
{
    char buffer[100] = "x";
    int fd = open("/dev/null", O_RDWR);
    struct pollfd entry = {fd, POLLIN | POLLOUT, 0};

    check(write(fd, buffer, 100) == 100 && read(fd, buffer, 100) == 0, "/dev/null");
    check(poll(&entry, 1, -1) == 1 && entry.revents == (POLLIN | POLLOUT), "poll: always ready");
    check_error(ioctl(fd, TCGETS, buffer), ENOTTY, "it is no terminal");
    close(fd);
    fd = open("/dev/zero", O_RDONLY);
    check(read(fd, buffer, 100) == 100 && buffer[0] == 0 && buffer[99] == 0, "/dev/zero");
    close(fd);
    fd = open("/dev/urandom", O_RDONLY);
    check(read(fd, buffer, 100) == 100 && memcmp(buffer, buffer + 50, 50) != 0, "/dev/urandom");
    close(fd);
}

/* The field after the name in /proc/PID/stat: the parent's pid is the second one. */
static void test_proc(void)
{
    char text[500], path[40], wanted[20];
    int length, fd;
    char *after;

    snprintf(path, sizeof(path), "/proc/%d/stat", getpid());
    fd = open(path, O_RDONLY);
    length = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    after = strrchr(text, ')');
    check(atoi(text) == getpid() && strstr(text, "(test_files)") != NULL, "stat: pid and name");
    check(after != NULL && after[2] == 'R' && atoi(after + 4) == getppid(), "state and parent");
    fd = open("/proc/self/cmdline", O_RDONLY);
    length = read(fd, text, sizeof(text));
    close(fd);
    check(length > 10 && strcmp(text + length - 11, "test_files") == 0, "cmdline");
    snprintf(wanted, sizeof(wanted), "%d", getpid());
    check(lists("/proc", wanted) && lists("/proc", "meminfo"), "/proc is listed");
    check(readlink("/proc/self", text, sizeof(text)) == (int)strlen(wanted), "self is a link");
    check_error(open("/proc/999999/stat", O_RDONLY), ENOENT, "no such process: ENOENT");
    fd = open("/proc/meminfo", O_RDONLY);
    check(read(fd, text, 9) == 9 && memcmp(text, "MemTotal:", 9) == 0, "meminfo");
    close(fd);
}

static void test_too_many(void)
{
    int first = dup(0), last = first, count = 1;

    while (count < 100000 && (last = dup(0)) >= 0) {
        count++;
    }
    check_error(last, EMFILE, "the table of descriptors ends: EMFILE");
    while (--count >= 0) {
        close(first + count);
    }
}

static void clean_up(void)
{
    static const char *const files[] = {"a", "s", "d", "st", "masked", "v"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        check(unlink(files[i]) == 0, "what was made can be removed");
    }
    check(rmdir("dir") == 0 && chdir("/") == 0 && rmdir(place) == 0, "the directories too");
}

int main(int argc, char **argv)
{
    char c;

    if (argc == 2 && strcmp(argv[1], "descriptors") == 0) {
        return read(7, &c, 1) == 1 && c == 'a' && read(8, &c, 1) == -1 && errno == EBADF ? 33 : 1;
    }
    umask(022);
    snprintf(place, sizeof(place), "/tmp/test_files.%d", getpid());
    check(mkdir(place, 0755) == 0 && chdir(place) == 0, "a directory to work in");
    test_open_flags();
    test_access_modes();
    test_seek();
    test_big_file();
    test_duplicates();
    test_inheritance();
    test_status();
    test_directories();
    test_openat();
    test_rename();
    test_removed_but_open();
    test_links();
    test_writev();
    test_devices();
    test_proc();
    test_too_many();
    clean_up();
    return check_summary("test_files", 17);
}
