/* Clocks, sleeping and timers. Only order and bounds are printed. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static volatile int alarms, virtuals;

static void on_alarm(int number)
{
    if (number == SIGALRM) {
        alarms++;
    } else {
        virtuals++;
    }
}

static double now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(void)
{
    struct itimerval twice = {{0, 20000}, {0, 20000}}, off = {{0, 0}, {0, 0}}, was;
    struct timespec long_sleep = {100, 0}, left = {0, 0};
    double before = now(CLOCK_MONOTONIC);
    time_t moment = 981173106;
    struct tm tm;
    char text[64];
    struct tms times_now;

    usleep(30000);
    printf("slept at least 30 ms: %d\n", now(CLOCK_MONOTONIC) - before >= 0.03);
    signal(SIGALRM, on_alarm);
    signal(SIGVTALRM, on_alarm);
    setitimer(ITIMER_REAL, &twice, NULL);
    while (alarms < 3) {
        pause();
    }
    setitimer(ITIMER_REAL, &off, &was);
    printf("timer of 20 ms: interval %d\n", (int)was.it_interval.tv_usec);
    setitimer(ITIMER_VIRTUAL, &twice, NULL);
    while (virtuals < 2) {}
    setitimer(ITIMER_VIRTUAL, &off, NULL);
    setitimer(ITIMER_REAL, &twice, NULL);
    printf("nanosleep %d %m, time left %d\n", nanosleep(&long_sleep, &left), (int)left.tv_sec);
    setitimer(ITIMER_REAL, &off, NULL);
    alarm(100);
    printf("alarm: %u seconds were left\n", alarm(0));
    printf("clock_nanosleep in the past: %d\n",
           clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){0, 1}, NULL));
    printf("a bad time: %s\n",
           nanosleep(&(struct timespec){0, 1000000000}, NULL) ? strerror(errno) : "?");
    printf("processor time goes on: %d\n", now(CLOCK_PROCESS_CPUTIME_ID) > 0);
    printf("times: %d\n", times(&times_now) != (clock_t)-1);
    gmtime_r(&moment, &tm);
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %a %j", &tm);
    printf("%s %ld\n", text, (long)timegm(&tm));
    return 0;
}
