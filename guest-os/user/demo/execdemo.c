/* execdemo: what a process loses by execve, and what it keeps. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "user/demo/show.h"
#include "user/mmu.h"

#define PAGE   4096
#define ALARM  600 /* seconds: does not ring */
#define KEPT   20  /* descriptors */
#define CLOSED 21

static int variable = 1;

static void handler(int signal_number)
{
    (void)signal_number;
}

static sighandler_t handler_of(int signal_number)
{
    struct sigaction action;

    return sigaction(signal_number, NULL, &action) == 0 ? action.sa_handler : SIG_ERR;
}

/* The program once more, in the same process: what is left? */
static int look_around(char **argv)
{
    char *mapping = (char *)(uintptr_t)strtoul(argv[3], NULL, 16);
    sigset_t blocked;

    setvbuf(stdout, NULL, _IOLBF, 0);
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    puts("  after execve - lost:");
    show_check(variable == 1, "data: the variable is 1 again, not 2");
    show_check(access(mapping, F_OK) < 0 && errno == (mmu_has_pages() ? EFAULT : ENOENT),
               "mappings: what was there is gone");
    show_check(handler_of(SIGUSR1) == SIG_DFL, "caught signals: SIGUSR1 has its default action");
    show_check(fcntl(CLOSED, F_GETFD, 0) < 0, "descriptors with close-on-exec");
    puts("  kept:");
    show_check(getpid() == atoi(argv[2]), "the pid");
    show_check(fcntl(KEPT, F_GETFD, 0) >= 0, "descriptors without close-on-exec");
    show_check(handler_of(SIGUSR2) == SIG_IGN, "ignored signals: SIGUSR2");
    show_check(sigismember(&blocked, SIGTERM) == 1, "the mask: SIGTERM is blocked");
    show_check(alarm(0) > 0, "the alarm is still running");
    show_check(strcmp(getenv("EXECDEMO"), "was here") == 0, "what envp gave it");
    return show_end("execdemo");
}

int main(int argc, char **argv)
{
    char pid[12], address[12];
    char *again[] = {argv[0], "after", pid, address, NULL};
    sigset_t blocked;
    void *page;

    if (argc == 4 && strcmp(argv[1], "after") == 0) {
        return look_around(argv);
    }
    show_title("execdemo", "C6", "the same process, another program: lost and kept",
               "memory map before and after; trace: the steps of execve");
    variable = 2;
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    alarm(ALARM);
    dup2(open("/dev/null", O_RDONLY), KEPT);
    dup2(KEPT, CLOSED);
    fcntl(CLOSED, F_SETFD, FD_CLOEXEC);
    setenv("EXECDEMO", "was here", 1);
    snprintf(pid, sizeof(pid), "%d", getpid());
    snprintf(address, sizeof(address), "%x", (uint32_t)page);
    execve("/nosuchprogram", again, environ);
    show_check(errno == ENOENT, "execve returns only with an error: there is no /nosuchprogram");
    execvp(argv[0], again);
    perror(argv[0]);
    return 1;
}
