/* rights: what a process may do to files, memory and other processes, and the limits of its
 * privilege. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "user/demo/show.h"

#define STRANGER   1000u
#define OWN_FILE   "/tmp/rights-root-only"
#define FILE_BYTES 4096u
#define SLOWER     5

static void expect(int result, int error, const char *words)
{
    int got = errno;
    char line[100];

    snprintf(line, sizeof(line), "%-52s %s", words, result >= 0 ? "allowed" : strerror(got));
    show_check(error == 0 ? result >= 0 : result < 0 && got == error, line);
}

static void as_root(void)
{
    expect(open(OWN_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600u), 0, "root makes a file of its own");
    expect(setpriority(0, 0, -1), 0, "root takes more of the processor");
}

/* What is left when the privilege has been given up. */
static void as_stranger(void)
{
    expect(open(OWN_FILE, O_RDONLY), EACCES, "another user reads root's file");
    expect(open("/etc/passwd", O_WRONLY), EACCES, "writes the list of users");
    expect(open("/etc/passwd", O_RDONLY), 0, "reads it");
    expect(unlink("/bin/sh"), EACCES, "removes a program");
    expect(kill(1, SIGTERM), EPERM, "ends process 1");
    expect(chown("/etc/passwd", STRANGER, STRANGER), EPERM, "takes a file away from its owner");
    expect(setpriority(0, 0, SLOWER), 0, "lets others run first");
    expect(setpriority(0, 0, 0), EACCES, "takes that back");
    expect(setuid(0), EPERM, "becomes root again");
    expect(mount("none", "/tmp", "tmpfs", 0, NULL), EPERM, "mounts a file system");
}

/* Rights of a page: to write is to be ended. */
static void write_to_constant(void)
{
    void *page = mmap(NULL, FILE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    *(volatile char *)page = 1;
}

int main(void)
{
    int status = 0, pid;

    show_title("rights", "C21", "rights of a process, and what is left without privilege",
               "system-call log: the calls that came back with EACCES or EPERM");
    if (geteuid() != 0) {
        puts("  (needs to begin as root)");
        return 1;
    }
    as_root();
    pid = fork();
    if (pid == 0) {
        show_failures = 0;
        setgid(STRANGER);
        setuid(STRANGER);
        as_stranger();
        _exit(show_failures);
    }
    waitpid(pid, &status, 0);
    show_failures += WEXITSTATUS(status);
    pid = fork();
    if (pid == 0) {
        write_to_constant();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    show_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
               "a page that may only be read is written: SIGSEGV");
    unlink(OWN_FILE);
    return show_end("rights");
}
