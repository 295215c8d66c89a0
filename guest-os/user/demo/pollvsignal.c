/* pollvsignal: asking again and again against being told. Polling costs the processor's time, and
 * what comes and goes between two looks is never seen. SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "user/demo/show.h"

#define EVENTS       8
#define EVERY_MS     20 /* between two events */
#define SELDOM_MS    70 /* a program that looks seldom */
#define MS_NS        1000000
#define MICROSECONDS 1000000

static volatile int notices;

static void on_event(int signal_number)
{
    (void)signal_number;
    notices++;
}

static void pause_ms(int milliseconds)
{
    struct timespec moment = {.tv_nsec = milliseconds * MS_NS};

    while (nanosleep(&moment, &moment) < 0 && errno == EINTR) {}
}

/* A child that makes an event each 20 ms. */
static int source(void)
{
    int pid = fork();

    if (pid == 0) {
        for (int i = 0; i < EVENTS; i++) {
            pause_ms(EVERY_MS);
            kill(getppid(), SIGUSR1);
        }
        _exit(0);
    }
    return pid;
}

static int used_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (int)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * MICROSECONDS +
           (int)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static bool is_pending(void)
{
    sigset_t set;

    sigpending(&set);
    return sigismember(&set, SIGUSR1) == 1;
}

/* Take the pending one away, as a device's "done" bit is cleared. */
static void take(const sigset_t *without)
{
    sigsuspend(without);
}

/* Look until the source has ended; events seen. `pause`: ms between two looks, 0 = at once again.
 */
static int poll_events(const sigset_t *without, int pause, int *cost)
{
    int seen = 0, before = used_us(), pid = source();

    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (is_pending()) {
            take(without);
            seen++;
        }
        if (pause > 0) {
            pause_ms(pause);
        }
    }
    if (is_pending()) {
        take(without);
        seen++;
    }
    *cost = used_us() - before;
    return seen;
}

/* Sleep until told. */
static int be_told(const sigset_t *without, int *cost)
{
    int before = used_us(), pid = source();

    notices = 0;
    while (notices < EVENTS) {
        sigsuspend(without);
    }
    waitpid(pid, NULL, 0);
    *cost = used_us() - before;
    return notices;
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_event};
    int often, seldom, told, often_us, seldom_us, told_us;
    sigset_t set, without;

    show_title("pollvsignal", "D2", "polling against notification",
               "timeline: a lane that is full, one that is nearly empty");
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &without);
    often = poll_events(&without, 0, &often_us);
    seldom = poll_events(&without, SELDOM_MS, &seldom_us);
    told = be_told(&without, &told_us);
    printf("  %d events      seen   processor time\n", EVENTS);
    printf("  ask all the time  %2d   %8d us\n", often, often_us);
    printf("  ask each %d ms    %2d   %8d us\n", SELDOM_MS, seldom, seldom_us);
    printf("  be told           %2d   %8d us\n", told, told_us);
    show_check(often == EVENTS && often_us > told_us, "asking all the time sees all, and costs");
    show_check(seldom < EVENTS, "asking seldom is cheap, and not correct: events were lost");
    show_check(told == EVENTS, "being told is cheap and complete");
    return show_end("pollvsignal");
}
