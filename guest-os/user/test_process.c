/* test_process: checks fork, execve, exit, waiting, memory and bad arguments. Runs on a Linux host
 * too, with the same results: that is what shows the checks themselves to be right.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"
#include "user/mmu.h"

#define PAGE       4096
#define KERNEL_PTR ((void *)0xFFFFE000u) /* no program can have this address */

static int variable = 3;

static int wait_for(int pid)
{
    int status = -1;

    check(waitpid(pid, &status, 0) == pid, "waitpid returns the child");
    return status;
}

static void test_fork_copies_memory(void)
{
    int local = 10;
    int pid = fork();

    if (pid == 0) {
        local++;
        exit(variable == 3 && local == 11 && getpid() != 0 && getppid() > 0 ? 5 : 6);
    }
    variable++;
    check(WEXITSTATUS(wait_for(pid)) == 5, "the child's variables are its own");
    check(variable == 4 && local == 10, "the parent's variables are its own");
    variable = 3;
}

static void test_wait_statuses(void)
{
    int status, pid = fork();

    if (pid == 0) {
        exit(0x1FF);
    }
    status = wait_for(pid);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0xFF, "exit statuses have 8 bits");

    pid = fork();
    if (pid == 0) {
        raise(SIGKILL);
    }
    status = wait_for(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "ended by SIGKILL");

    errno = 0;
    check(waitpid(-1, &status, 0) == -1 && errno == ECHILD, "no children: ECHILD");
    check(waitpid(-1, &status, 0x40) == -1 && errno == EINVAL, "unknown options: EINVAL");
}

static void test_wait_without_blocking(void)
{
    int status, pid = fork();

    if (pid == 0) {
        for (;;) {
            pause();
        }
    }
    check(waitpid(pid, &status, WNOHANG) == 0, "WNOHANG returns 0 while the child runs");
    kill(pid, SIGSTOP);
    check(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) &&
              WSTOPSIG(status) == SIGSTOP,
          "WUNTRACED reports a stop");
    kill(pid, SIGCONT);
    check(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status),
          "WCONTINUED reports going on");
    kill(pid, SIGTERM);
    check(WTERMSIG(wait_for(pid)) == SIGTERM, "ended by SIGTERM after that");
}

static void test_exec_errors(void)
{
    char *const argv[] = {NULL};

    errno = 0;
    check(execve("/no/such/program", argv, argv) == -1 && errno == ENOENT, "execve: ENOENT");
    errno = 0;
    check(execve(KERNEL_PTR, argv, argv) == -1 && errno == EFAULT, "execve: EFAULT");
}

/* Run the program `path` again with `argument` and give back its exit status. */
static void test_exec(const char *path, char **environment)
{
    char *const argv[] = {(char *)(uintptr_t)path, "again", "two words", NULL};
    int pid = fork();

    if (pid == 0) {
        execve(path, argv, environment);
        exit(1);
    }
    check(WEXITSTATUS(wait_for(pid)) == 42, "execve passes the arguments on");
}

static void test_bad_pointers(void)
{
    struct utsname name;
    char text[1] = {'x'};

    errno = 0;
    check(write(1, KERNEL_PTR, 1) == -1 && errno == EFAULT, "write from the kernel's half: EFAULT");
    errno = 0;
    check(write(1, (void *)0x10, 1) == -1 && errno == EFAULT, "write from page 0: EFAULT");
    errno = 0;
    check(uname((void *)0x10) == -1 && errno == EFAULT, "uname to page 0: EFAULT");
    errno = 0;
    check(!mmu_has_pages() ||
              (uname((void *)(uintptr_t)test_bad_pointers) == -1 && errno == EFAULT),
          "uname to read-only memory: EFAULT");
    errno = 0;
    check(write(99, text, 1) == -1 && errno == EBADF, "unknown descriptor: EBADF");
    errno = 0;
    check(kill(999999, 0) == -1 && errno == ESRCH, "kill: ESRCH");
    check(uname(&name) == 0 && strcmp(name.sysname, "Linux") == 0, "uname works");
}

/* Writing to a page shared after fork must work when the kernel does the writing. */
static void test_kernel_writes_to_shared_page(void)
{
    static struct utsname name;
    int pid;

    strcpy(name.sysname, "old");
    pid = fork();
    if (pid == 0) {
        exit(uname(&name) == 0 && strcmp(name.sysname, "Linux") == 0 ? 7 : 8);
    }
    check(WEXITSTATUS(wait_for(pid)) == 7, "the child's uname changed the child's page");
    check(strcmp(name.sysname, "old") == 0, "and not the parent's");
}

static void test_heap(void)
{
    char *old = sbrk(0);
    char *big = malloc(100 * PAGE);
    char *small = malloc(10);
    bool zero = true;

    check(big != NULL && small != NULL, "malloc gives memory");
    for (int i = 0; i < 100 * PAGE; i += PAGE) {
        zero = zero && big[i] == 0;
        big[i] = 1;
    }
    check(zero, "new memory is zero");
    free(small);
    free(big);
    check(malloc(90 * PAGE) == big, "freed memory is used again");
    check((char *)sbrk(0) > old, "the break moved");
    old = sbrk(0);
    check(brk_raw(0xFFFFF000u) == (uint32_t)old, "the heap can not reach into the kernel's half");
}

static uint32_t use_stack(uint32_t depth)
{
    volatile char room[PAGE];

    room[0] = (char)depth;
    return depth == 0 ? 0 : use_stack(depth - 1) + 1 + (uint32_t)(room[0] != (char)depth);
}

static void test_stack_grows(void)
{
    int status, pid;

    check(!mmu_has_pages() || use_stack(500) == 500, "the stack grows to 2 MiB");
    pid = fork();
    if (pid == 0) {
        exit((int)use_stack(1000000));
    }
    status = wait_for(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "endless recursion: SIGSEGV");
}

static void test_orphans(void)
{
    int status = 0, pid = fork();

    if (pid == 0) {
        pid = fork();
        if (pid == 0) {
            struct timespec moment = {0, 20000000};

            while (getppid() != 1) {
                nanosleep(&moment, NULL);
            }
        }
        exit(9);
    }
    status = wait_for(pid);
    check(WEXITSTATUS(status) == 9, "a parent may end before its child");
}

static void test_many_children(void)
{
    int status, made = 0, good = 0;

    for (int i = 0; i < 20; i++) {
        int pid = fork();

        made += pid > 0;
        if (pid == 0) {
            exit(i);
        }
    }
    for (int i = 0; i < made; i++) {
        good += waitpid(-1, &status, 0) > 0 && WIFEXITED(status) && WEXITSTATUS(status) < 20;
    }
    check(made == 20 && good == 20, "20 children come and go");
}

static void test_sharing_the_cpu(void)
{
    struct tms before, after;
    clock_t start = times(&before);

    check(sched_yield() == 0, "sched_yield returns 0");
    while (times(&after) - start < 5) {}
    check(after.tms_utime + after.tms_stime >= before.tms_utime + before.tms_stime,
          "times do not run backwards");
}

int main(int argc, char **argv, char **envp)
{
    if (argc == 3 && strcmp(argv[1], "again") == 0) {
        return strcmp(argv[2], "two words") == 0 ? 42 : 41;
    }
    test_fork_copies_memory();
    test_wait_statuses();
    test_wait_without_blocking();
    test_exec_errors();
    test_exec(argv[0], envp);
    test_bad_pointers();
    test_kernel_writes_to_shared_page();
    test_heap();
    test_stack_grows();
    test_orphans();
    test_many_children();
    test_sharing_the_cpu();
    return check_summary("test_process", 12);
}
