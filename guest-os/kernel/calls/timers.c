/* alarm and the interval timers: signals after some time, once or again and again. ITIMER_REAL (and
 * alarm, which is the same one) counts always, the others while their process has the CPU.
 * Interrupts are on; they are off where the timer's interrupt could come between. See: alarm(2),
 * setitimer(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/system_call.h"

/* Interrupts are off. */
static struct tick_timer read_timer(uint32_t which)
{
    const struct thread_group *together = &current->leader->together;

    if (which == ITIMER_VIRTUAL) {
        return together->virtual_timer;
    }
    if (which == ITIMER_PROF) {
        return together->profile_timer;
    }
    return (struct tick_timer){together->alarm_set ? together->alarm_tick - ticks : 0,
                               together->alarm_again};
}

/* Interrupts are off. */
static void write_timer(uint32_t which, struct tick_timer timer)
{
    struct thread_group *together = &current->leader->together;

    if (which == ITIMER_VIRTUAL) {
        together->virtual_timer = timer;
    } else if (which == ITIMER_PROF) {
        together->profile_timer = timer;
    } else {
        together->alarm_set = timer.left != 0;
        together->alarm_tick = ticks + timer.left;
        together->alarm_again = timer.again;
    }
}

static struct tick_timer exchange(uint32_t which, const struct tick_timer *new)
{
    struct tick_timer old;

    interrupts_off();
    old = read_timer(which);
    if (new != NULL) {
        write_timer(which, *new);
    }
    interrupts_on();
    return old;
}

/* A time as ticks, rounded up: a timer is never early. -EINVAL. */
static int32_t to_ticks(const struct timeval *time, uint32_t *tick_count)
{
    uint64_t seconds = (uint32_t)time->tv_sec;

    *tick_count = time_to_ticks(seconds * MICROSECONDS + (uint32_t)time->tv_usec);
    return time->tv_sec < 0 || (uint32_t)time->tv_usec >= MICROSECONDS ? -EINVAL : 0;
}

int32_t timer_exchange(uint32_t which, const struct itimerval *new, struct itimerval *old)
{
    struct tick_timer wanted, before;

    if (which > ITIMER_PROF || (new != NULL && (to_ticks(&new->it_value, &wanted.left) != 0 ||
                                                to_ticks(&new->it_interval, &wanted.again) != 0))) {
        return -EINVAL;
    }
    before = exchange(which, new == NULL ? NULL : &wanted);
    *old = (struct itimerval){ticks_to_timeval(before.again), ticks_to_timeval(before.left)};
    return 0;
}

/* SIGALRM in so many seconds, 0 = never; returns what was left of the last one, rounded up. */
int32_t sys_alarm(uint32_t seconds)
{
    struct tick_timer new = {time_to_ticks((uint64_t)seconds * MICROSECONDS), 0};

    return (int32_t)((exchange(ITIMER_REAL, &new).left + tick_hz - 1) / tick_hz);
}
