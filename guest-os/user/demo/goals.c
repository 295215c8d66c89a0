/* goals: what protection is for. One attempt against each goal, and three programs that want all
 * of the processor. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "user/demo/show.h"

#define KERNEL_ADDRESS 0xC0100000u
#define STRANGER       1000u /* a user id that is not root's */
#define SPINNERS       3
#define SPIN_SECONDS   1
#define MICROSECONDS   1000000

/* Status of what a child does: an exit status, or 128 + the signal that ended it. */
static int in_child(int (*attempt)(void))
{
    int status = 0, pid = fork();

    if (pid == 0) {
        _exit(attempt());
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int overwrite_kernel(void)
{
    *(volatile uint32_t *)KERNEL_ADDRESS = 0;
    return 0;
}

static int end_process_1(void)
{
    setuid(STRANGER);
    return kill(1, SIGKILL) == 0 ? 0 : errno;
}

static int read_passwords(void)
{
    setuid(STRANGER);
    return open("/etc/shadow", O_RDONLY) >= 0 ? 0 : errno;
}

/* Clocks are not the same as turns: what counts is the time used. */
static int used_ms(const struct rusage *usage)
{
    return (int)((usage->ru_utime.tv_sec * MICROSECONDS + usage->ru_utime.tv_usec) / 1000);
}

static void share_processor(void)
{
    int pids[SPINNERS], times[SPINNERS], least = 1 << 30, most = 0;
    struct rusage usage;

    for (int i = 0; i < SPINNERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            for (volatile int n = 0;; n++) {}
        }
    }
    sleep(SPIN_SECONDS);
    for (int i = 0; i < SPINNERS; i++) {
        kill(pids[i], SIGSTOP); /* all at one moment, as far as may be */
    }
    for (int i = 0; i < SPINNERS; i++) {
        kill(pids[i], SIGKILL);
        wait4(pids[i], NULL, 0, &usage);
        times[i] = used_ms(&usage);
        least = times[i] < least ? times[i] : least;
        most = times[i] > most ? times[i] : most;
    }
    printf("  three that never yield, for %d s: %d, %d and %d ms\n", SPIN_SECONDS, times[0],
           times[1], times[2]);
    show_check(least > 0 && most <= least * 2, "fairness: each got about as much as the others");
}

int main(void)
{
    show_title("goals", "A11", "what protection is for",
               "trace: exception 14, two refused calls; timeline: three lanes in turns");
    show_check(in_child(overwrite_kernel) == 128 + SIGSEGV,
               "reliability: writing into the kernel ends the writer only");
    show_check(in_child(end_process_1) == EPERM, "security: a stranger can not end process 1");
    show_check(in_child(read_passwords) == EACCES, "privacy: nor read the passwords");
    share_processor();
    return show_end("goals");
}
