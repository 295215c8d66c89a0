/* spin [check]: computes for ever and never makes a system call; only the timer takes the processor
 * from it. `check`: a child does so while the parent looks at the clock.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "user/demo/show.h"

#define SLEEPS      20
#define SLEEP_MS    10
#define LATE_MS     100 /* a few slices of the timer at most */
#define MS_NS       1000000
#define MS_A_SECOND 1000

_Noreturn static void spin(void)
{
    for (volatile uint32_t count = 0;; count++) {}
}

static int milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * MS_A_SECOND + now.tv_nsec / MS_NS;
}

static int check(void)
{
    struct timespec moment = {.tv_nsec = SLEEP_MS * MS_NS};
    int latest = 0, status = 0, pid;

    show_title("spin", "A7", "a program that never yields",
               "timer view; timeline: its slices end by an interrupt of IRQ 0");
    pid = fork();
    if (pid == 0) {
        spin();
    }
    for (int i = 0; i < SLEEPS; i++) {
        int before = milliseconds(), late;

        nanosleep(&moment, NULL);
        late = milliseconds() - before - SLEEP_MS;
        latest = late > latest ? late : latest;
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    printf("  %d sleeps of %d ms beside it; the latest ended %d ms late\n", SLEEPS, SLEEP_MS,
           latest);
    show_check(latest < LATE_MS, "others run, although it never gives the processor away");
    show_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "and it can be ended");
    return show_end("spin");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "check") == 0) {
        return check();
    }
    spin();
}
