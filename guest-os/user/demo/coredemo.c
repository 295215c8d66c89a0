/* coredemo: a child ends by a write to nowhere, three calls deep, and leaves a core file in the
 * current directory. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "user/demo/show.h"

#define NOTHING_THERE 0x70000000

static __attribute__((noinline)) int third_call(int depth)
{
    *(volatile int *)NOTHING_THERE = depth;
    return depth;
}

static __attribute__((noinline)) int second_call(int depth)
{
    return third_call(depth + 1) + 1;
}

static __attribute__((noinline)) int first_call(int depth)
{
    return second_call(depth + 1) + 1;
}

/* The wait status of a child that may leave so much. */
static int end_badly(uint32_t most)
{
    int status = 0, pid = fork();

    if (pid == 0) {
        struct rlimit limit = {most, most};

        setrlimit(RLIMIT_CORE, &limit);
        _exit(first_call(1));
    }
    waitpid(pid, &status, 0);
    return status;
}

int main(void)
{
    char head[20] = "";
    int status, fd;

    show_title("coredemo", "D6", "what a program had in memory and registers when it was ended",
               "gdb PROGRAM core on your own computer: bt; `get` copies the file out");
    fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);
    read(fd, head, sizeof(head));
    close(fd);
    if (strncmp(head, "core\n", 5) != 0) {
        puts("  this kernel's core files go elsewhere (/proc/sys/kernel/core_pattern)");
        return show_end("coredemo");
    }
    unlink("core");
    status = end_badly(0);
    show_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV && !WCOREDUMP(status) &&
                   access("core", F_OK) < 0,
               "RLIMIT_CORE 0: ended by SIGSEGV, no core file");
    status = end_badly(RLIM_INFINITY);
    show_check(WTERMSIG(status) == SIGSEGV && WCOREDUMP(status),
               "without a limit: bit 80h of the wait status says that there is one");
    fd = open("core", O_RDONLY);
    show_check(read(fd, head, sizeof(head)) == sizeof(head) && memcmp(head, "\177ELF", 4) == 0 &&
                   head[16] == 4,
               "it is an ELF file of the type \"core\"");
    close(fd);
    return show_end("coredemo");
}
