/* test_time: clocks, sleeping, alarms and interval timers. The same on a Linux host.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user/check.h"

#define MILLISECOND 1000000LL /* in nanoseconds */

static volatile int rang;

static void on_alarm(int signal_number)
{
    (void)signal_number;
    rang++;
}

static int64_t nanoseconds(const struct timespec *time)
{
    return time->tv_sec * 1000 * MILLISECOND + time->tv_nsec;
}

static int64_t now(int clock)
{
    struct timespec time = {0, 0};

    clock_gettime(clock, &time);
    return nanoseconds(&time);
}

static void test_clocks(void)
{
    struct timespec time;
    struct timeval day;
    int64_t before = now(CLOCK_MONOTONIC);

    for (int i = 0; i < 1000; i++) {
        int64_t next = now(CLOCK_MONOTONIC);

        check(next >= before, "the monotonic clock does not run backwards");
        before = next;
    }
    check(clock_gettime(CLOCK_REALTIME, &time) == 0 && time.tv_nsec < 1000 * MILLISECOND,
          "nanoseconds are below a second");
    check(gettimeofday(&day, NULL) == 0 && abs(day.tv_sec - time.tv_sec) <= 1,
          "gettimeofday and clock_gettime agree");
    check(clock_gettime(99, &time) < 0 && errno == EINVAL, "a clock that is none: EINVAL");
    check(clock_gettime(CLOCK_REALTIME, (struct timespec *)8) < 0 && errno == EFAULT,
          "a bad address: EFAULT");
}

static void test_sleeping(void)
{
    struct timespec wanted = {0, 30 * MILLISECOND}, bad = {0, 1000 * MILLISECOND};
    int64_t before = now(CLOCK_MONOTONIC);

    check(nanosleep(&wanted, NULL) == 0, "nanosleep returns 0");
    check(now(CLOCK_MONOTONIC) - before >= 30 * MILLISECOND, "and not too early");
    check(nanosleep(&bad, NULL) < 0 && errno == EINVAL, "too many nanoseconds: EINVAL");
    bad = (struct timespec){-1, 0};
    check(nanosleep(&bad, NULL) < 0 && errno == EINVAL, "less than no time: EINVAL");
    wanted.tv_nsec = 0;
    check(nanosleep(&wanted, NULL) == 0, "no time at all: at once");
}

static void test_interrupted_sleep(void)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval timer = {.it_value = {.tv_usec = 20000}};
    struct timespec wanted = {5, 0}, left = {0, 0};

    sigaction(SIGALRM, &action, NULL);
    rang = 0;
    check(setitimer(ITIMER_REAL, &timer, NULL) == 0, "setitimer returns 0");
    check(nanosleep(&wanted, &left) < 0 && errno == EINTR, "a handler interrupts nanosleep: EINTR");
    check(rang == 1, "the handler ran");
    check(left.tv_sec == 4 && left.tv_nsec > 0, "and the rest is told: a bit less than 5 s");
}

static void test_interval_timer(void)
{
    struct itimerval timer = {{0, 10000}, {0, 10000}}, off = {{0, 0}, {0, 0}}, old;

    signal(SIGALRM, on_alarm);
    rang = 0;
    setitimer(ITIMER_REAL, &timer, NULL);
    while (rang < 3) {
        pause();
    }
    check(getitimer(ITIMER_REAL, &old) == 0 && old.it_interval.tv_usec >= 10000,
          "getitimer tells the interval");
    check(setitimer(ITIMER_REAL, &off, &old) == 0 && old.it_interval.tv_usec >= 10000,
          "setitimer tells what was before");
    check(getitimer(ITIMER_REAL, &old) == 0 && old.it_value.tv_sec == 0 &&
              old.it_value.tv_usec == 0,
          "turned off");
    timer.it_value.tv_usec = 1000000;
    check(setitimer(ITIMER_REAL, &timer, NULL) < 0 && errno == EINVAL,
          "a million microseconds: EINVAL");
    check(setitimer(9, &off, NULL) < 0 && errno == EINVAL, "a timer that is none: EINVAL");
}

static void test_alarm(void)
{
    check(alarm(100) == 0, "no alarm before");
    check(alarm(50) >= 99, "the rest of the first one, in whole seconds");
    check(alarm(0) >= 49 && alarm(0) == 0, "alarm(0) turns it off");
}

static void test_alarm_is_not_inherited(void)
{
    int status = 1, pid;

    alarm(100);
    pid = fork();
    if (pid == 0) {
        _exit(alarm(0) == 0 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    check(status == 0, "a child has no alarm");
    check(alarm(0) >= 99, "its parent still has");
}

static void test_used_time(void)
{
    struct tms used, before;
    clock_t start = times(&before);

    do { /* the processor may be busy with others */
        times(&used);
    } while (used.tms_utime + used.tms_stime == before.tms_utime + before.tms_stime &&
             times(NULL) - start < 20 * USER_HZ);
    check(used.tms_utime + used.tms_stime > before.tms_utime + before.tms_stime,
          "a loop uses time");
    check(times((struct tms *)8) == -1 && errno == EFAULT, "a bad address: EFAULT");
}

static void test_calendar(void)
{
    time_t when = 951782400; /* 29 February 2000, 0:00 UTC */
    struct tm parts = *gmtime(&when);

    check(parts.tm_mday == 29 && parts.tm_mon == 1 && parts.tm_year == 100 && parts.tm_wday == 2,
          "29 February 2000 was a Tuesday");
    check(mktime(&parts) == when, "and back");
    parts.tm_mday++;
    mktime(&parts);
    check(parts.tm_mday == 1 && parts.tm_mon == 2, "the day after was 1 March");
}

int main(void)
{
    test_clocks();
    test_sleeping();
    test_interrupted_sleep();
    test_interval_timer();
    test_alarm();
    test_alarm_is_not_inherited();
    test_used_time();
    test_calendar();
    return check_summary("test_time", 8);
}
