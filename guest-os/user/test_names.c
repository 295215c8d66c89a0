/* test_names: checks links, renaming, removing, the calls that begin at a directory, FIFOs and the
 * errors of all of them. Works in a directory of its own below /tmp. Runs on a Linux host too, with
 * the same results. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644u);

    check(fd >= 0 && write(fd, text, strlen(text)) == (int)strlen(text), "a file is written");
    close(fd);
}

static bool has_content(const char *path, const char *text)
{
    char buffer[100];
    int fd = open(path, O_RDONLY);
    int length = read(fd, buffer, sizeof(buffer));

    close(fd);
    return fd >= 0 && length == (int)strlen(text) && memcmp(buffer, text, (size_t)length) == 0;
}

static uint32_t links_of(const char *path)
{
    struct stat64 status;

    return lstat(path, &status) == 0 ? status.st_nlink : 0;
}

static uint64_t number_of(const char *path)
{
    struct stat64 status;

    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

static void test_links(void)
{
    write_file("a", "text");
    check(link("a", "b") == 0, "a second name");
    check(links_of("a") == 2 && number_of("a") == number_of("b"), "is the same file");
    write_file("b", "other");
    check(has_content("a", "other"), "written under one name, read under the other");
    check(unlink("a") == 0 && links_of("b") == 1 && has_content("b", "other"), "one is left");
    check_error(link("b", "b"), EEXIST, "link to an existing name: EEXIST");
    check_error(link("missing", "c"), ENOENT, "link of nothing: ENOENT");
    check_error(link("b", "c/"), ENOENT, "link to a name with a slash: ENOENT");
    check_error(link("b", "b/c"), ENOTDIR, "link in a file: ENOTDIR");
    mkdir("d", 0755);
    check_error(link("d", "c"), EPERM, "link of a directory: EPERM");
    symlink("b", "l");
    check(link("l", "m") == 0 && number_of("m") == number_of("l"), "link does not follow");
    check(linkat(AT_FDCWD, "l", AT_FDCWD, "n", AT_SYMLINK_FOLLOW) == 0 &&
              number_of("n") == number_of("b"),
          "linkat follows if it is to");
    check_error(linkat(AT_FDCWD, "l", AT_FDCWD, "o", 1), EINVAL, "linkat with odd flags: EINVAL");
    check(links_of("d") == 2 && mkdir("d/e", 0755) == 0 && links_of("d") == 3,
          "a directory is a name of its parent");
    check(rmdir("d/e") == 0 && links_of("d") == 2, "until it is gone");
    unlink("b");
    unlink("l");
    unlink("m");
    unlink("n");
    rmdir("d");
}

static void test_rename(void)
{
    write_file("a", "one");
    write_file("b", "two");
    check(rename("a", "b") == 0 && has_content("b", "one"), "rename over a file");
    check_error(rename("a", "b"), ENOENT, "rename of nothing: ENOENT");
    check(rename("b", "b") == 0 && has_content("b", "one"), "rename to itself");
    link("b", "c");
    check(rename("b", "c") == 0 && links_of("b") == 2, "rename to the same file does nothing");
    mkdir("d", 0755);
    mkdir("e", 0755);
    check_error(rename("b", "d"), EISDIR, "a file over a directory: EISDIR");
    check_error(rename("d", "b"), ENOTDIR, "a directory over a file: ENOTDIR");
    check_error(rename("b/", "x"), ENOTDIR, "a file with a slash: ENOTDIR");
    check_error(rename("b", "x/"), ENOTDIR, "to a name with a slash: ENOTDIR");
    check(rename("d", "e") == 0 && links_of("d") == 0, "a directory over an empty one");
    mkdir("d", 0755);
    write_file("e/f", "inside");
    check_error(rename("d", "e"), ENOTEMPTY, "over one that is not: ENOTEMPTY");
    check_error(rename("e", "e/g"), EINVAL, "into itself: EINVAL");
    check_error(rename("e/f", "e"), ENOTEMPTY, "over its own directory: ENOTEMPTY");
    check_error(rename(".", "x"), EBUSY, "the current directory: EBUSY");
    check_error(rename("d", "e/.."), EBUSY, "to ..: EBUSY");
    check(rename("e", "d/e") == 0 && has_content("d/e/f", "inside"), "a directory moves");
    check(links_of("d") == 3 && number_of("d/e/..") == number_of("d"), "with its ..");
    check_error(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_NOREPLACE), EEXIST,
                "RENAME_NOREPLACE: EEXIST");
    check(renameat2(AT_FDCWD, "b", AT_FDCWD, "g", RENAME_NOREPLACE) == 0, "or it is moved");
    unlink("c");
    unlink("g");
    unlink("d/e/f");
    rmdir("d/e");
    check(rmdir("d") == 0, "all is gone");
}

static void test_remove(void)
{
    mkdir("d", 0755);
    write_file("f", "");
    check_error(mkdir("d", 0755), EEXIST, "mkdir where something is: EEXIST");
    check_error(mkdir("x/y", 0755), ENOENT, "mkdir in nothing: ENOENT");
    check_error(mkdir("f/y", 0755), ENOTDIR, "mkdir in a file: ENOTDIR");
    check_error(mkdir("", 0755), ENOENT, "mkdir of nothing: ENOENT");
    check_error(mkdir("/", 0755), EEXIST, "mkdir of the root: EEXIST");
    check_error(mkdir(".", 0755), EEXIST, "mkdir of .: EEXIST");
    check(mkdir("d/e/", 0755) == 0, "mkdir with a slash");
    check_error(rmdir("d"), ENOTEMPTY, "rmdir of a full directory: ENOTEMPTY");
    check_error(rmdir("d/."), EINVAL, "rmdir of .: EINVAL");
    check_error(rmdir("d/e/.."), ENOTEMPTY, "rmdir of ..: ENOTEMPTY");
    check_error(rmdir("/"), EBUSY, "rmdir of the root: EBUSY");
    check_error(rmdir("f"), ENOTDIR, "rmdir of a file: ENOTDIR");
    check_error(unlink("d"), EISDIR, "unlink of a directory: EISDIR");
    check_error(unlink("f/"), ENOTDIR, "unlink of a file with a slash: ENOTDIR");
    check_error(unlink("missing/"), ENOENT, "unlink of nothing with a slash: ENOENT");
    check_error(unlink("f/g"), ENOTDIR, "unlink in a file: ENOTDIR");
    check_error(open("f/", O_RDONLY), ENOTDIR, "open of a file with a slash: ENOTDIR");
    check_error(open("new/", O_WRONLY | O_CREAT, 0644u), EISDIR, "and of a new one: EISDIR");
    check(rmdir("d/e/") == 0 && rmdir("d") == 0 && unlink("f") == 0, "in the right way they go");
}

static void test_long_names(void)
{
    static char path[5000];
    int fd;

    memset(path, 'n', 255);
    path[255] = '\0';
    write_file(path, "long");
    check(has_content(path, "long") && unlink(path) == 0, "a name of 255 bytes");
    path[255] = 'n';
    path[256] = '\0';
    check_error(open(path, O_RDONLY), ENAMETOOLONG, "one of 256: ENAMETOOLONG");
    for (int i = 0; i < 4094; i += 2) {
        memcpy(path + i, "./", 2);
    }
    strcpy(path + 4094, ".");
    fd = open(path, O_RDONLY | O_DIRECTORY);
    check(fd >= 0, "a path of 4095 bytes");
    close(fd);
    strcpy(path + 4094, "./");
    check_error(open(path, O_RDONLY), ENAMETOOLONG, "one of 4096: ENAMETOOLONG");
    symlink("loop2", "loop1");
    symlink("loop1", "loop2");
    check_error(open("loop1", O_RDONLY), ELOOP, "a loop of links: ELOOP");
    unlink("loop1");
    unlink("loop2");
    memset(path, 't', 300);
    path[300] = '\0';
    check(symlink(path, "slow") == 0 && readlink("slow", path + 1000, 1000) == 300 &&
              memcmp(path, path + 1000, 300) == 0,
          "a link with a long text");
    check(readlink("slow", path, 10) == 10, "read in part");
    unlink("slow");
}

static void test_at_calls(void)
{
    struct stat64 status;
    char text[20];
    int directory;

    check(mkdirat(AT_FDCWD, "d", 0700) == 0, "mkdirat");
    directory = open("d", O_RDONLY | O_DIRECTORY);
    check(directory >= 0 && mkdirat(directory, "e", 0755) == 0, "mkdirat in a directory");
    check(symlinkat("e", directory, "l") == 0 && readlinkat(directory, "l", text, 20) == 1,
          "symlinkat, readlinkat");
    check(mknodat(directory, "f", S_IFREG | 0600, 0) == 0, "mknodat makes a file");
    check(renameat(directory, "f", AT_FDCWD, "g") == 0, "renameat");
    check(linkat(AT_FDCWD, "g", directory, "f", 0) == 0, "linkat");
    check(fstatat(directory, "l", &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode),
          "fstatat of a link");
    check(fstatat(directory, "l", &status, 0) == 0 && S_ISDIR(status.st_mode), "and through it");
    check(fstatat(directory, "", &status, AT_EMPTY_PATH) == 0 && S_ISDIR(status.st_mode),
          "and of what is open");
    check_error(fstatat(directory, "", &status, 0), ENOENT, "fstatat of \"\": ENOENT");
    check_error(fstatat(77, "f", &status, 0), EBADF, "at a bad descriptor: EBADF");
    check(fstatat(77, "/", &status, 0) == 0, "which is not looked at for /");
    check_error(unlinkat(directory, "e", 0), EISDIR, "unlinkat of a directory: EISDIR");
    check_error(unlinkat(directory, "f", AT_REMOVEDIR), ENOTDIR, "or of a file: ENOTDIR");
    check_error(unlinkat(directory, "f", 1), EINVAL, "with odd flags: EINVAL");
    check(unlinkat(directory, "e", AT_REMOVEDIR) == 0 && unlinkat(directory, "f", 0) == 0 &&
              unlinkat(directory, "l", 0) == 0,
          "unlinkat");
    close(directory);
    directory = open("g", O_RDONLY);
    check_error(mkdirat(directory, "x", 0755), ENOTDIR, "mkdirat at a file: ENOTDIR");
    close(directory);
    unlink("g");
    check(rmdir("d") == 0, "nothing is left");
}

static void test_gone_but_open(void)
{
    char text[100], buffer[4];
    struct stat64 status;
    int fd;

    write_file("a", "still here");
    fd = open("a", O_RDWR);
    check(unlink("a") == 0, "an open file is unlinked");
    check(fstat(fd, &status) == 0 && status.st_nlink == 0, "it has no name");
    check(read(fd, buffer, 4) == 4 && memcmp(buffer, "stil", 4) == 0, "and is still read");
    check(write(fd, buffer, 4) == 4, "and written");
    close(fd);
    mkdir("d", 0755);
    check(chdir("d") == 0 && rmdir("../d") == 0, "the current directory is removed");
    check_error((int)(intptr_t)getcwd(text, sizeof(text)) - 1, ENOENT, "it has no path: ENOENT");
    check_error(open("x", O_WRONLY | O_CREAT, 0600u), ENOENT, "nothing is made in it: ENOENT");
    check_error(mkdir("x", 0700), ENOENT, "no directory either: ENOENT");
    check(chdir("..") == 0 && getcwd(text, sizeof(text)) != NULL, ".. leads out of it");
    chdir(place);
}

static void test_fifo(void)
{
    char buffer[20];
    int status, fd;

    check(mknod("p", S_IFIFO | 0600, 0) == 0, "a FIFO is made");
    check_error(open("p", O_WRONLY | O_NONBLOCK), ENXIO, "to write, without a reader: ENXIO");
    fd = open("p", O_RDONLY | O_NONBLOCK);
    check(fd >= 0 && read(fd, buffer, 5) == 0, "to read, without a writer: the end");
    close(fd);
    if (fork() == 0) {
        fd = open("p", O_WRONLY);
        write(fd, "through", 7);
        _exit(0);
    }
    fd = open("p", O_RDONLY);
    check(read(fd, buffer, sizeof(buffer)) == 7 && memcmp(buffer, "through", 7) == 0,
          "what one process writes another reads");
    check(read(fd, buffer, sizeof(buffer)) == 0, "then comes the end");
    check_error(lseek(fd, 0, SEEK_SET), ESPIPE, "it has no offset: ESPIPE");
    close(fd);
    wait4(-1, &status, 0, NULL);
    unlink("p");
}

/* Names in the current directory, by the old call and the new one. */
static int count_names(bool old)
{
    static char buffer[1000];
    int fd = open(".", O_RDONLY | O_DIRECTORY), count = 0, bytes;

    while ((bytes = old ? getdents_old(fd, buffer, sizeof(buffer))
                        : getdents64(fd, buffer, sizeof(buffer))) > 0) {
        for (int at = 0; at < bytes; count++) {
            at += old ? ((struct old_dirent *)(buffer + at))->d_reclen
                      : ((struct dirent64 *)(buffer + at))->d_reclen;
        }
    }
    close(fd);
    return bytes < 0 ? bytes : count;
}

static void test_listing(void)
{
    char name[40];
    int fd;

    mkdir("d", 0755);
    chdir("d");
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof(name), "a_name_that_fills_blocks_%d", i);
        write_file(name, "");
    }
    check(count_names(false) == 202, "200 names are listed");
    check(count_names(true) == 202, "by getdents, too");
    for (int i = 0; i < 200; i += 2) {
        snprintf(name, sizeof(name), "a_name_that_fills_blocks_%d", i);
        unlink(name);
    }
    check(count_names(false) == 102, "every second one is removed");
    fd = open("a_name_that_fills_blocks_1", O_RDONLY);
    check_error(getdents64(fd, name, sizeof(name)), ENOTDIR, "getdents64 of a file: ENOTDIR");
    close(fd);
    fd = open(".", O_RDONLY);
    check_error(getdents64(fd, name, 3), EINVAL, "into 3 bytes: EINVAL");
    check_error(read(fd, name, 3), EISDIR, "read of a directory: EISDIR");
    close(fd);
    for (int i = 1; i < 200; i += 2) {
        snprintf(name, sizeof(name), "a_name_that_fills_blocks_%d", i);
        unlink(name);
    }
    chdir("..");
    check(rmdir("d") == 0, "an emptied directory goes");
}

/* The program itself is in use: not to be written to, but to be removed. */
static void test_running_program(void)
{
    const char *self = "/proc/self/exe";

    check_error(open(self, O_WRONLY), ETXTBSY, "writing to a program that runs: ETXTBSY");
    check_error(truncate(self, 0), ETXTBSY, "making it shorter: ETXTBSY");
    check(open(self, O_RDONLY) >= 0, "it may be read");
    int fd = creat("script", 0755);

    check_error(execve("script", NULL, NULL), ETXTBSY, "executing what is written: ETXTBSY");
    close(fd);
    check_error(open("script", O_RDONLY | O_DIRECTORY | O_NOFOLLOW), ENOTDIR, "ENOTDIR");
    symlink("script", "l");
    check_error(open("l", O_RDONLY | O_NOFOLLOW), ELOOP, "O_NOFOLLOW at a link: ELOOP");
    check_error(open("l", O_RDONLY | O_DIRECTORY | O_NOFOLLOW), ENOTDIR,
                "and O_DIRECTORY: ENOTDIR");
    unlink("l");
    unlink("script");
}

int main(void)
{
    snprintf(place, sizeof(place), "/tmp/test_names.%d", getpid());
    if (mkdir(place, 0755) != 0 || chdir(place) != 0) {
        printf("FAILED: no directory %s\n", place);
        return 1;
    }
    umask(022);
    test_links();
    test_rename();
    test_remove();
    test_long_names();
    test_at_calls();
    test_gone_but_open();
    test_fifo();
    test_listing();
    test_running_program();
    chdir("/");
    check(rmdir(place) == 0, "nothing is left over");
    return check_summary("test_names", 9);
}
