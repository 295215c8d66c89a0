/* mmap: private and shared, of files and of nothing; mprotect, mremap, msync, brk.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u

static sigjmp_buf back;

static void fault(int number)
{
    siglongjmp(back, number);
}

static int can_write(volatile char *at)
{
    int number = sigsetjmp(back, 1);

    if (number == 0) {
        *at = *at;
    }
    return number;
}

static void in_child(volatile char *at, char value)
{
    int pid = fork();

    if (pid == 0) {
        *at = value;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

int main(void)
{
    char name[] = "/tmp/mappingXXXXXX", byte;
    int fd = mkstemp(name);
    char *own, *ours, *of_file, *copy;

    setvbuf(stdout, NULL, _IONBF, 0);
    signal(SIGSEGV, fault);
    signal(SIGBUS, fault);
    own = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ours = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    own[0] = ours[0] = 'a';
    in_child(own, 'b');
    in_child(ours, 'b');
    printf("after the child: private %c, shared %c\n", own[0], ours[0]);
    printf("mprotect %d, write: signal %d\n", mprotect(own + PAGE, PAGE, PROT_READ),
           can_write(own + PAGE));
    mprotect(own + PAGE, PAGE, PROT_NONE);
    printf("none: signal %d; beside: %d\n", can_write(own + PAGE), can_write(own + 2 * PAGE));
    printf("munmap %d, write: signal %d\n", munmap(own + PAGE, PAGE), can_write(own + PAGE));
    own = mremap(own, PAGE, 20 * PAGE, MREMAP_MAYMOVE);
    printf("mremap: %c, last page: signal %d\n", own[0], can_write(own + 19 * PAGE));
    ftruncate(fd, (off_t)PAGE + 100);
    of_file = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    copy = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    memcpy(of_file, "by memory", 9);
    copy[PAGE] = 'c';
    msync(of_file, PAGE, MS_SYNC);
    pread(fd, &byte, 1, 3);
    printf("the file has %c; ", byte);
    pread(fd, &byte, 1, PAGE);
    printf("not the copy's %d\n", byte);
    pwrite(fd, "by call", 7, 0);
    printf("memory has %.9s\n", of_file);
    printf("behind the end: signal %d; in its last page: %d\n", can_write(of_file + 2 * PAGE),
           can_write(of_file + PAGE + 200));
    printf("bad: %s", mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
                          ? strerror(errno)
                          : "?");
    printf(", %s\n",
           mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 77, 0) == MAP_FAILED ? strerror(errno) : "?");
    free(memset(malloc(1 << 20), 1, 1 << 20));
    unlink(name);
    return 0;
}
