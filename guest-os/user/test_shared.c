/* test_shared: shared mappings of files: the file, its mappings and those of other processes are
 * always the same. Runs on a Linux host too, with the same results. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"

#define PAGE   4096
#define FAILED ((char *)-1)
#define NAME   "shared_file"

static char *map(int fd, int pages, uint32_t access, uint32_t flags)
{
    return (char *)mmap_raw(NULL, (size_t)pages * PAGE, access, flags, fd, 0);
}

static int new_file(int bytes)
{
    int fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);

    ftruncate(fd, bytes);
    return fd;
}

static char byte_of_file(int fd, int offset)
{
    char byte = '?';

    lseek(fd, offset, SEEK_SET);
    read(fd, &byte, 1);
    return byte;
}

static void test_file_and_mapping(void)
{
    int fd = new_file(2 * PAGE + 10);
    char *memory = map(fd, 3, PROT_READ | PROT_WRITE, MAP_SHARED);
    char *again = map(fd, 3, PROT_READ, MAP_SHARED);

    check(memory != FAILED && again != FAILED, "a file is mapped twice");
    memory[5] = 'a';
    memory[2 * PAGE + 9] = 'b';
    check(again[5] == 'a' && again[2 * PAGE + 9] == 'b', "both mappings are the same");
    check(byte_of_file(fd, 5) == 'a', "read() sees it at once");
    lseek(fd, PAGE + 1, SEEK_SET);
    memory[PAGE] = 'm';
    write(fd, "w", 1);
    check(memory[PAGE + 1] == 'w' && again[PAGE + 1] == 'w' && memory[PAGE] == 'm',
          "and they see what write() does");
    check(msync(memory, 3 * PAGE, MS_SYNC) == 0, "msync");
    check(munmap(memory, 3 * PAGE) == 0 && munmap(again, 3 * PAGE) == 0, "munmap");
    check(byte_of_file(fd, 2 * PAGE + 9) == 'b' && lseek(fd, 0, SEEK_END) == 2 * PAGE + 10,
          "the file has it, and is as long as before");
    close(fd);
}

static void test_processes(void)
{
    int status, fd = new_file(PAGE), pid = fork();
    char *memory;

    if (pid == 0) { /* it maps the file itself */
        memory = map(fd, 1, PROT_READ | PROT_WRITE, MAP_SHARED);
        memory[1] = 'c';
        _exit(0); /* without munmap */
    }
    waitpid(pid, &status, 0);
    memory = map(fd, 1, PROT_READ | PROT_WRITE, MAP_SHARED);
    check(memory[1] == 'c', "another process's page is this one's");
    pid = fork();
    if (pid == 0) {
        memory[2] = 'd';
        munmap(memory, PAGE);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    check(memory[2] == 'd', "a child writes to its parent's page");
    close(fd);
    munmap(memory, PAGE);
    fd = open(NAME, O_RDONLY);
    check(byte_of_file(fd, 1) == 'c' && byte_of_file(fd, 2) == 'd', "all of it is in the file");
    close(fd);
}

static int touch(volatile char *byte)
{
    int status = -1, pid = fork();

    if (pid == 0) {
        *byte = 1;
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_rights(void)
{
    int fd = new_file(PAGE), reader = open(NAME, O_RDONLY);
    char *memory;

    check(map(reader, 1, PROT_READ | PROT_WRITE, MAP_SHARED) == FAILED && errno == EACCES,
          "who may only read the file can not map it to write");
    memory = map(reader, 1, PROT_READ, MAP_SHARED);
    check(mprotect(memory, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES, "nor later");
    check(touch(memory) == SIGSEGV, "nor just do it");
    munmap(memory, PAGE);
    memory = map(reader, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memory[0] = 'p';
    check(byte_of_file(fd, 0) == 0, "a private mapping stays private");
    munmap(memory, PAGE);
    memory = map(fd, 2, PROT_READ | PROT_WRITE, MAP_SHARED);
    check(touch(memory + PAGE) == SIGBUS, "behind the file's last page: SIGBUS");
    check(mprotect(memory, PAGE, PROT_NONE) == 0 && touch(memory) == SIGSEGV, "a guard page");
    check(msync(memory + 1, PAGE, MS_SYNC) == -1 && errno == EINVAL, "msync: EINVAL");
    munmap(memory, 2 * PAGE);
    close(reader);
    close(fd);
    unlink(NAME);
}

int main(void)
{
    test_file_and_mapping();
    test_processes();
    test_rights();
    return check_summary("test_shared", 3);
}
