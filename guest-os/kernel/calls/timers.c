/* alarm and the interval timers: signals after some time, once or again and again. ITIMER_REAL (and
 * alarm, which is the same one) counts always, the others while their process has the CPU.
 * Interrupts are on; they are off where the timer's interrupt could come between. See: alarm(2),
 * setitimer(2). SPDX-License-Identifier: MIT */
#include "calls/time_argument.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/system_call.h"

#define MOST_TICKS (uint32_t) INT32_MAX

/* SIGALRM in so many seconds, 0 = never; returns what was left of the last one, rounded up. */
int32_t sys_alarm(uint32_t seconds)
{
    struct thread_group *together = &current->leader->together;
    uint32_t most = MOST_TICKS / tick_hz;
    uint32_t left = 0;

    interrupts_off();
    if (together->alarm_set) {
        left = (together->alarm_tick - ticks + tick_hz - 1) / tick_hz;
    }
    together->alarm_set = seconds != 0;
    together->alarm_again = 0;
    together->alarm_tick = ticks + (seconds < most ? seconds : most) * tick_hz;
    interrupts_on();
    return (int32_t)left;
}

/* Rounded up: a timer is never early. -EINVAL. */
static int32_t to_ticks(const struct timeval *time, uint32_t *tick_count)
{
    uint32_t per_tick = MICROSECONDS / tick_hz;

    if (time->tv_sec < 0 || (uint32_t)time->tv_usec >= MICROSECONDS) {
        return -EINVAL;
    }
    *tick_count = (uint32_t)time->tv_sec >= MOST_TICKS / tick_hz - 1
                      ? MOST_TICKS
                      : (uint32_t)time->tv_sec * tick_hz +
                            ((uint32_t)time->tv_usec + per_tick - 1) / per_tick;
    return 0;
}

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

static int32_t store_timer(struct tick_timer timer, uint32_t to_user)
{
    struct itimerval value = {ticks_to_timeval(timer.again), ticks_to_timeval(timer.left)};

    return copy_result(to_user, &value, sizeof(value));
}

int32_t sys_getitimer(uint32_t which, uint32_t to_user)
{
    struct tick_timer timer;

    if (which > ITIMER_PROF || to_user == 0) {
        return which > ITIMER_PROF ? -EINVAL : -EFAULT;
    }
    interrupts_off();
    timer = read_timer(which);
    interrupts_on();
    return store_timer(timer, to_user);
}

/* `value_at` 0: it is turned off. */
int32_t sys_setitimer(uint32_t which, uint32_t value_at, uint32_t old_at)
{
    struct tick_timer old, new;
    struct itimerval value = {.it_value = {0, 0}};

    if (which > ITIMER_PROF) {
        return -EINVAL;
    }
    if (value_at != 0 && copy_from_user(&value, value_at, sizeof(value)) != 0) {
        return -EFAULT;
    }
    if (to_ticks(&value.it_value, &new.left) != 0 ||
        to_ticks(&value.it_interval, &new.again) != 0) {
        return -EINVAL;
    }
    interrupts_off();
    old = read_timer(which);
    write_timer(which, new);
    interrupts_on();
    return store_timer(old, old_at);
}
