/* test_users: users and groups, and what they may do. To be run by root; each step is a process of
 * its own, because rights do not come back. The same on a Linux host. See: setuid(2), kill(2),
 * path_resolution(7). SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"

#define FILE_PATH   "/tmp/test_users.file"
#define FOLDER_PATH "/tmp/test_users.folder"
#define USER        1000u
#define OTHER       1001u
#define GROUP       2000u

static void in_process(void (*test)(void))
{
    int status = 1, pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        check_failures = 0;
        test();
        exit(check_failures > 0);
    }
    waitpid(pid, &status, 0);
    check_failures += status != 0;
}

static void become(uint32_t user, uint32_t group)
{
    setgroups(0, NULL);
    setgid(group);
    setuid(user);
}

static void make_file(uint32_t mode, uint32_t owner, uint32_t group)
{
    int fd = open(FILE_PATH, O_WRONLY | O_CREAT | O_TRUNC, 0600u);

    write(fd, "text", 4);
    close(fd);
    chown(FILE_PATH, owner, group);
    chmod(FILE_PATH, mode);
}

static bool can(uint32_t flags)
{
    int fd = open(FILE_PATH, flags);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 || errno != EACCES;
}

static void test_setuid_of_root(void)
{
    check(setuid(USER) == 0 && (uint32_t)getuid() == USER && (uint32_t)geteuid() == USER,
          "root becomes a user, in all respects");
    check(setuid(0) < 0 && errno == EPERM, "and not root again: EPERM");
    check(setuid(OTHER) < 0 && errno == EPERM, "nor another user: EPERM");
    check(setuid(USER) == 0, "what one is already is allowed");
    check(setgroups(0, NULL) < 0 && errno == EPERM, "groups are root's business: EPERM");
}

static void test_effective_user(void)
{
    uint32_t real, effective, saved;

    check(setresuid(USER, OTHER, 0) == 0, "root may choose all three");
    check(getresuid(&real, &effective, &saved) == 0 && real == USER && effective == OTHER &&
              saved == 0,
          "real, effective and saved user are told apart");
    check(setreuid(UINT32_MAX, 0) == 0 && geteuid() == 0, "back to the saved one");
    check(setresuid(OTHER, UINT32_MAX, UINT32_MAX) == 0 && (uint32_t)getuid() == OTHER,
          "-1 leaves a number as it is");
}

static void test_groups(void)
{
    uint32_t groups[4] = {7, 8, 9, 0};

    check(setgroups(3, groups) == 0, "root chooses groups");
    check(getgroups(0, NULL) == 3, "how many there are");
    check(getgroups(2, groups) < 0 && errno == EINVAL, "no room for them: EINVAL");
    groups[0] = 0;
    check(getgroups(4, groups) == 3 && groups[0] + groups[1] + groups[2] == 24, "the groups");
    check(setgid(GROUP) == 0 && (uint32_t)getegid() == GROUP, "the first group");
}

static void test_owner(void)
{
    make_file(0400, USER, GROUP);
    check(can(O_RDWR), "root may do everything");
    become(USER, OTHER);
    check(can(O_RDONLY) && !can(O_WRONLY), "0400: the owner reads, and does not write");
    check(chmod(FILE_PATH, 0200) == 0, "the owner changes permissions");
    check(!can(O_RDONLY) && can(O_WRONLY), "0200: the owner writes, and does not read");
    check(chown(FILE_PATH, OTHER, UINT32_MAX) < 0 && errno == EPERM, "no gifts: EPERM");
}

static void test_group(void)
{
    make_file(0640, USER, GROUP);
    become(OTHER, GROUP);
    check(can(O_RDONLY) && !can(O_WRONLY), "0640: the group reads, and does not write");
    check(chmod(FILE_PATH, 0666) < 0 && errno == EPERM, "only the owner changes permissions");
}

static void test_second_group(void)
{
    uint32_t group = GROUP;

    make_file(0060, USER, GROUP);
    setgroups(1, &group);
    setgid(OTHER);
    setuid(OTHER);
    check(can(O_RDWR), "one of the further groups counts as well");
}

static void test_others(void)
{
    make_file(0604, USER, GROUP);
    become(OTHER, OTHER);
    check(can(O_RDONLY) && !can(O_WRONLY), "0604: others read, and do not write");
    check(access(FILE_PATH, R_OK) == 0 && access(FILE_PATH, W_OK) < 0, "access() says so, too");
}

static void test_group_before_others(void)
{
    make_file(0606, USER, GROUP);
    become(OTHER, GROUP);
    check(!can(O_RDONLY), "0606: the group has less than others");
}

static void test_folder(void)
{
    mkdir(FOLDER_PATH, 0700);
    close(open(FOLDER_PATH "/x", O_WRONLY | O_CREAT, 0666u));
    chmod(FOLDER_PATH "/x", 0666);
    become(OTHER, OTHER);
    check(open(FOLDER_PATH "/x", O_RDONLY) < 0 && errno == EACCES,
          "a folder without x hides what is in it");
    check(open(FOLDER_PATH, O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES, "without r no list");
}

static void test_sticky_folder(void)
{
    mkdir(FOLDER_PATH, 0700);
    close(open(FOLDER_PATH "/x", O_WRONLY | O_CREAT, 0666u));
    chmod(FOLDER_PATH, 01777);
    become(OTHER, OTHER);
    check(unlink(FOLDER_PATH "/x") < 0 && (errno == EPERM || errno == EACCES),
          "in a folder with t nobody removes what is another's");
    check(open(FOLDER_PATH "/y", O_WRONLY | O_CREAT, 0666u) >= 0 && unlink(FOLDER_PATH "/y") == 0,
          "but one's own");
}

static void test_signals(void)
{
    int pid = fork(), status;

    if (pid == 0) {
        become(USER, USER);
        for (;;) {
            pause();
        }
    }
    if (fork() == 0) {
        become(OTHER, OTHER);
        while (kill(pid, 0) == 0) {
            sched_yield(); /* until the other is no longer root */
        }
        _exit(errno == EPERM ? 0 : 1);
    }
    wait4(-1, &status, 0, NULL);
    check(status == 0, "a signal to another user's process: EPERM");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_calls_for_root(void)
{
    int before = getpriority(0, 0);

    become(USER, USER);
    check(chroot("/tmp") < 0 && errno == EPERM, "chroot: EPERM");
    check(sethostname("x", 1) < 0 && errno == EPERM, "sethostname: EPERM");
    errno = 0;
    check(nice(-5) == -1 && errno == EPERM, "nice(-5): EPERM");
    check(nice(5) == before + 5 || before > 14, "nice(5) is allowed");
    check(mount("/dev/hda", "/tmp", "ext2", 0, NULL) < 0 && errno == EPERM, "mount: EPERM");
}

int main(void)
{
    void (*const tests[])(void) = {
        test_setuid_of_root, test_effective_user, test_groups,         test_owner,
        test_group,          test_second_group,   test_others,         test_group_before_others,
        test_folder,         test_sticky_folder,  test_calls_for_root, test_signals,
    };
    int count = (int)(sizeof(tests) / sizeof(tests[0]));

    if (getuid() != 0) {
        puts("test_users: only root can test this");
        return check_summary("test_users", 0);
    }
    for (int i = 0; i < count; i++) {
        unlink(FILE_PATH);
        unlink(FOLDER_PATH "/x");
        rmdir(FOLDER_PATH);
        in_process(tests[i]);
    }
    unlink(FILE_PATH);
    unlink(FOLDER_PATH "/x");
    rmdir(FOLDER_PATH);
    return check_summary("test_users", count);
}
