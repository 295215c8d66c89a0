/* catcher: computes, is interrupted by an alarm and by a signal from a sibling (poker), and goes on
 * as if nothing had happened. Whoever starts it has blocked SIGUSR1, so that the signal can not
 * come before the handler is there. Status 0: both came and the sum is right.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile int alarms, pokes;
static volatile int poker_pid;

static void on_alarm(int signal_number)
{
    (void)signal_number;
    alarms++;
    puts("catcher: the alarm rang");
}

static void on_poke(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    pokes++;
    poker_pid = info->si_pid;
    printf("catcher: signal %d from process %d\n", signal_number, info->si_pid);
}

int main(void)
{
    struct sigaction poke = {.sa_sigaction = on_poke, .sa_flags = SA_SIGINFO};
    sigset_t set;
    uint32_t count = 0, sum = 0;

    signal(SIGALRM, on_alarm);
    sigaction(SIGUSR1, &poke, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    alarm(1);
    while (alarms == 0 || pokes == 0) {
        count++;
        sum += count;
    }
    /* 1 + 2 + ... + count, in 32 bits: a lost or repeated step would show */
    if (sum != (uint32_t)((uint64_t)count * ((uint64_t)count + 1) / 2)) {
        puts("catcher: the sum is wrong");
        return 1;
    }
    printf("catcher: interrupted %d times, and the sum is still right\n", alarms + pokes);
    return 0;
}
