/* The clocks, and sleeping by them. What the machine counts are microseconds since the start; the
 * date is an offset to that. Interrupts are on. See: clock_gettime(2), clock_nanosleep(2),
 * times(2). SPDX-License-Identifier: MIT */
#include "calls/time_argument.h"
#include "drivers/pit.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

#define NANOSECONDS  1000000000u
#define MICROSECONDS 1000000u
#define MOST_TICKS   ((uint32_t)INT32_MAX - 1)

struct timespec_wide {
    int64_t tv_sec;   /* seconds */
    uint32_t tv_nsec; /* nanoseconds */
    uint32_t unused;  /* anything */
};

static uint64_t date_offset; /* microseconds from 1970 to the start of the machine */

uint64_t realtime_microseconds(void)
{
    return date_offset + pit_microseconds();
}

void realtime_set(uint64_t microseconds)
{
    date_offset = microseconds - pit_microseconds();
}

/* ---- times as arguments ---- */

int32_t time_span_argument(struct time_span *span, uint32_t address, bool wide)
{
    struct timespec_wide time = {0};
    struct timespec narrow;

    if (copy_from_user(wide ? (void *)&time : (void *)&narrow, address,
                       wide ? sizeof(time) : sizeof(narrow)) != 0) {
        return -EFAULT;
    }
    if (!wide) {
        time = (struct timespec_wide){narrow.tv_sec, (uint32_t)narrow.tv_nsec, 0};
    }
    if (time.tv_sec < 0 || time.tv_nsec >= NANOSECONDS) {
        return -EINVAL;
    }
    *span = (struct time_span){(uint64_t)time.tv_sec, time.tv_nsec};
    return 0;
}

int32_t time_span_store(const struct time_span *span, uint32_t address, bool wide)
{
    struct timespec_wide time = {(int64_t)span->seconds, span->nanoseconds, 0};
    struct timespec narrow = {(int32_t)span->seconds, (int32_t)span->nanoseconds};

    return wide ? copy_to_user(address, &time, sizeof(time))
                : copy_to_user(address, &narrow, sizeof(narrow));
}

uint32_t time_span_ticks(const struct time_span *span)
{
    uint32_t per_tick = NANOSECONDS / tick_hz;

    if (span->seconds == 0 && span->nanoseconds == 0) {
        return 0;
    }
    if (span->seconds >= MOST_TICKS / tick_hz) {
        return MOST_TICKS;
    }
    return (uint32_t)span->seconds * tick_hz + (span->nanoseconds + per_tick - 1) / per_tick + 1;
}

struct time_span time_span_of_ticks(uint32_t tick_count)
{
    return (struct time_span){tick_count / tick_hz, tick_count % tick_hz * (NANOSECONDS / tick_hz)};
}

struct timeval ticks_to_timeval(uint32_t tick_count)
{
    return (struct timeval){
        (int32_t)(tick_count / tick_hz),
        (int32_t)(tick_count % tick_hz * (MICROSECONDS / tick_hz)),
    };
}

/* ---- the clocks ---- */

static uint64_t ticks_to_microseconds(uint32_t tick_count)
{
    return (uint64_t)tick_count * MICROSECONDS / tick_hz;
}

/* -EINVAL: no such clock. */
static int32_t read_clock(uint32_t clock, uint64_t *microseconds)
{
    uint32_t user, system;

    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        *microseconds = realtime_microseconds();
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        *microseconds = pit_microseconds();
        return 0;
    case CLOCK_PROCESS_CPUTIME:
        process_times(current->leader, &user, &system);
        *microseconds = ticks_to_microseconds(user + system);
        return 0;
    case CLOCK_THREAD_CPUTIME:
        *microseconds = ticks_to_microseconds(current->user_ticks + current->system_ticks);
        return 0;
    default:
        return -EINVAL;
    }
}

static struct time_span to_span(uint64_t microseconds)
{
    return (struct time_span){microseconds / MICROSECONDS,
                              (uint32_t)(microseconds % MICROSECONDS) * 1000};
}

struct time_span time_span_until(const struct time_span *moment, uint32_t clock)
{
    struct time_span now = {0}, left = *moment;
    uint64_t microseconds = 0;

    read_clock(clock, &microseconds);
    now = to_span(microseconds);
    if (left.seconds < now.seconds ||
        (left.seconds == now.seconds && left.nanoseconds <= now.nanoseconds)) {
        return (struct time_span){0};
    }
    left.seconds -= now.seconds;
    if (left.nanoseconds < now.nanoseconds) {
        left.seconds--;
        left.nanoseconds += NANOSECONDS;
    }
    left.nanoseconds -= now.nanoseconds;
    return left;
}

static int32_t get_clock(const struct trap_frame *frame, bool wide)
{
    struct time_span span;
    uint64_t microseconds;

    if (read_clock(frame->ebx, &microseconds) != 0) {
        return -EINVAL;
    }
    span = to_span(microseconds);
    return time_span_store(&span, frame->ecx, wide);
}

int32_t sys_clock_gettime(struct trap_frame *frame)
{
    return get_clock(frame, false);
}

int32_t sys_clock_gettime64(struct trap_frame *frame)
{
    return get_clock(frame, true);
}

/* Clocks that count ticks are as exact as those; the others show microseconds. */
static int32_t get_resolution(const struct trap_frame *frame, bool wide)
{
    struct time_span span = {0, 1000};
    uint64_t unused;

    if (read_clock(frame->ebx, &unused) != 0) {
        return -EINVAL;
    }
    if (frame->ebx == CLOCK_PROCESS_CPUTIME || frame->ebx == CLOCK_THREAD_CPUTIME) {
        span.nanoseconds = NANOSECONDS / tick_hz;
    }
    return frame->ecx == 0 ? 0 : time_span_store(&span, frame->ecx, wide);
}

int32_t sys_clock_getres(struct trap_frame *frame)
{
    return get_resolution(frame, false);
}

int32_t sys_clock_getres_time64(struct trap_frame *frame)
{
    return get_resolution(frame, true);
}

int32_t sys_gettimeofday(struct trap_frame *frame)
{
    uint64_t now = realtime_microseconds();
    struct timeval time = {(int32_t)(now / MICROSECONDS), (int32_t)(now % MICROSECONDS)};
    struct timezone zone = {0, 0};

    if (frame->ebx != 0 && copy_to_user(frame->ebx, &time, sizeof(time)) != 0) {
        return -EFAULT;
    }
    return frame->ecx == 0 ? 0 : copy_to_user(frame->ecx, &zone, sizeof(zone));
}

int32_t sys_time(struct trap_frame *frame)
{
    int32_t seconds = (int32_t)(realtime_microseconds() / MICROSECONDS);

    if (frame->ebx != 0 && copy_to_user(frame->ebx, &seconds, sizeof(seconds)) != 0) {
        return -EFAULT;
    }
    return seconds;
}

/* ---- setting the date ---- */

static int32_t set_date(const struct time_span *date)
{
    if (current->euid != 0) {
        return -EPERM;
    }
    if (date->seconds > UINT32_MAX) {
        return -EINVAL;
    }
    realtime_set(date->seconds * MICROSECONDS + date->nanoseconds / 1000);
    return 0;
}

int32_t sys_settimeofday(struct trap_frame *frame)
{
    struct timeval time;

    if (frame->ebx == 0) {
        return 0; /* only a time zone: there is one */
    }
    if (copy_from_user(&time, frame->ebx, sizeof(time)) != 0) {
        return -EFAULT;
    }
    if (time.tv_sec < 0 || (uint32_t)time.tv_usec >= MICROSECONDS) {
        return -EINVAL;
    }
    return set_date(&(struct time_span){(uint32_t)time.tv_sec, (uint32_t)time.tv_usec * 1000});
}

int32_t sys_stime(struct trap_frame *frame)
{
    int32_t seconds;

    if (copy_from_user(&seconds, frame->ebx, sizeof(seconds)) != 0) {
        return -EFAULT;
    }
    return seconds < 0 ? -EINVAL : set_date(&(struct time_span){(uint32_t)seconds, 0});
}

static int32_t set_clock(const struct trap_frame *frame, bool wide)
{
    struct time_span date;
    int32_t result = time_span_argument(&date, frame->ecx, wide);

    if (frame->ebx != CLOCK_REALTIME) {
        return -EINVAL;
    }
    return result != 0 ? result : set_date(&date);
}

int32_t sys_clock_settime(struct trap_frame *frame)
{
    return set_clock(frame, false);
}

int32_t sys_clock_settime64(struct trap_frame *frame)
{
    return set_clock(frame, true);
}

/* ---- sleeping ---- */

/* Sleep until current->wake_tick, or until a signal; the time left then goes to sleep_left_to. */
static int32_t sleep_until_wake_tick(void)
{
    struct time_span rest;
    uint32_t left;

    interrupts_off();
    while (current->wake_set && !signal_is_pending(current)) {
        sleep_on(&current->wake_tick);
    }
    left = current->wake_set ? current->wake_tick - ticks : 0;
    current->wake_set = false;
    interrupts_on();
    if (left == 0) {
        return 0;
    }
    rest = time_span_of_ticks(left);
    if (current->sleep_left_to != 0 &&
        time_span_store(&rest, current->sleep_left_to, current->sleep_left_wide) != 0) {
        return -EFAULT;
    }
    return -ERESTART_WITH_0;
}

/* `moment`: not for that long, but until then; nothing is stored then, and the call can begin anew.
 */
static int32_t sleep_for(uint32_t clock, bool moment, uint32_t span_at, uint32_t left_at, bool wide)
{
    struct time_span span;
    uint64_t unused;
    int32_t result = time_span_argument(&span, span_at, wide);

    if (result != 0) {
        return result;
    }
    if (clock == CLOCK_THREAD_CPUTIME || read_clock(clock, &unused) != 0) {
        return -EINVAL;
    }
    if (moment) {
        span = time_span_until(&span, clock);
    }
    current->sleep_left_to = moment ? 0 : left_at;
    current->sleep_left_wide = wide;
    wake_after(time_span_ticks(&span));
    result = sleep_until_wake_tick();
    return moment && result == -ERESTART_WITH_0 ? -ERESTARTNOHAND : result;
}

int32_t sys_nanosleep(struct trap_frame *frame)
{
    return sleep_for(CLOCK_MONOTONIC, false, frame->ebx, frame->ecx, false);
}

int32_t sys_clock_nanosleep(struct trap_frame *frame)
{
    return sleep_for(frame->ebx, (frame->ecx & TIMER_ABSTIME) != 0, frame->edx, frame->esi, false);
}

int32_t sys_clock_nanosleep_time64(struct trap_frame *frame)
{
    return sleep_for(frame->ebx, (frame->ecx & TIMER_ABSTIME) != 0, frame->edx, frame->esi, true);
}

/* A sleep that a stop interrupted goes on to its old end. */
int32_t sys_restart_syscall(struct trap_frame *frame)
{
    int32_t left = (int32_t)(current->wake_tick - ticks);

    (void)frame;
    wake_after(left > 0 ? (uint32_t)left : 0);
    return sleep_until_wake_tick();
}

/* ---- time used ---- */

static clock_t to_clock(uint32_t tick_count)
{
    return (clock_t)((uint64_t)tick_count * USER_HZ / tick_hz);
}

int32_t sys_times(struct trap_frame *frame)
{
    const struct thread_group *together = &current->leader->together;
    uint32_t user, system;
    struct tms times;

    process_times(current->leader, &user, &system);
    times = (struct tms){to_clock(user), to_clock(system), to_clock(together->children_user_ticks),
                         to_clock(together->children_system_ticks)};
    if (frame->ebx != 0 && copy_to_user(frame->ebx, &times, sizeof(times)) != 0) {
        return -EFAULT;
    }
    return to_clock(ticks);
}

int32_t sys_getrusage(struct trap_frame *frame)
{
    const struct thread_group *together = &current->leader->together;
    struct rusage usage = {{0, 0}, {0, 0}, {0}};
    uint32_t user, system;

    switch ((int32_t)frame->ebx) {
    case RUSAGE_SELF:
        process_times(current->leader, &user, &system);
        break;
    case RUSAGE_CHILDREN:
        user = together->children_user_ticks;
        system = together->children_system_ticks;
        break;
    case RUSAGE_THREAD:
        user = current->user_ticks;
        system = current->system_ticks;
        break;
    default:
        return -EINVAL;
    }
    usage.ru_utime = ticks_to_timeval(user);
    usage.ru_stime = ticks_to_timeval(system);
    return copy_to_user(frame->ecx, &usage, sizeof(usage));
}
