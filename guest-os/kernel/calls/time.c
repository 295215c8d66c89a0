/* The clocks, and sleeping by them. What the machine counts are microseconds since the start; the
 * date is an offset to that. Interrupts are on. See: clock_gettime(2), clock_nanosleep(2),
 * times(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "drivers/pit.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

#define MOST_TICKS ((uint32_t)INT32_MAX - 1)

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

/* How many of the fraction's units make a second. */
static uint32_t parts_of(enum time_format format)
{
    return format == TIME_MICRO ? MICROSECONDS : NANOSECONDS;
}

int32_t time_read(uint32_t address, enum time_format format, int64_t *seconds, uint32_t *fraction)
{
    int64_t large[2];
    int32_t small[2] = {0, 0};
    int32_t bytes = format == TIME_NANO_64 ? sizeof(large) : format == TIME_WHOLE ? 4 : 8;

    if (copy_from_user(format == TIME_NANO_64 ? (void *)large : small, address, (size_t)bytes) !=
        0) {
        return -EFAULT;
    }
    *seconds = format == TIME_NANO_64 ? large[0] : small[0];
    *fraction = (uint32_t)(format == TIME_NANO_64 ? large[1] : small[1]);
    return bytes;
}

int32_t time_span_argument(struct time_span *span, uint32_t address, enum time_format format)
{
    int64_t seconds;
    uint32_t fraction;

    if (time_read(address, format, &seconds, &fraction) < 0) {
        return -EFAULT;
    }
    if (seconds < 0 || fraction >= parts_of(format)) {
        return -EINVAL;
    }
    *span = (struct time_span){(uint64_t)seconds, fraction * (NANOSECONDS / parts_of(format))};
    return 0;
}

int32_t time_span_store(const struct time_span *span, uint32_t address, enum time_format format)
{
    const int64_t large[2] = {(int64_t)span->seconds, span->nanoseconds};
    const int32_t small[2] = {(int32_t)span->seconds,
                              (int32_t)(span->nanoseconds / (NANOSECONDS / parts_of(format)))};

    return format == TIME_NANO_64 ? copy_to_user(address, large, sizeof(large))
                                  : copy_to_user(address, small, sizeof(small));
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

/* What a clock shows, in microseconds; -EINVAL: no such clock. */
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
    uint64_t microseconds = 0;
    struct time_span now, left = *moment;

    read_clock(clock, &microseconds);
    now = to_span(microseconds);
    if (left.nanoseconds < now.nanoseconds) {
        left.nanoseconds += NANOSECONDS;
        now.seconds++;
    }
    if (left.seconds < now.seconds) {
        return (struct time_span){0};
    }
    return (struct time_span){left.seconds - now.seconds, left.nanoseconds - now.nanoseconds};
}

int32_t clock_get(uint32_t clock, uint32_t to_user, enum time_format format)
{
    uint64_t microseconds;
    struct time_span span;

    if (read_clock(clock, &microseconds) != 0) {
        return -EINVAL;
    }
    span = to_span(microseconds);
    return time_span_store(&span, to_user, format);
}

/* Clocks that count ticks are as exact as those; the others show microseconds. */
int32_t clock_resolution(uint32_t clock, uint32_t to_user, enum time_format format)
{
    bool counts_ticks = clock == CLOCK_PROCESS_CPUTIME || clock == CLOCK_THREAD_CPUTIME;
    struct time_span span = {0, counts_ticks ? NANOSECONDS / tick_hz : 1000};
    uint64_t unused;

    if (read_clock(clock, &unused) != 0) {
        return -EINVAL;
    }
    return to_user == 0 ? 0 : time_span_store(&span, to_user, format);
}

int32_t clock_set(uint32_t clock, uint32_t time_at, enum time_format format)
{
    struct time_span date;
    int32_t result = time_span_argument(&date, time_at, format);

    if (clock != CLOCK_REALTIME) {
        return -EINVAL;
    }
    if (result == 0 && current->euid != 0) {
        result = -EPERM;
    }
    if (result == 0 && date.seconds > UINT32_MAX) {
        result = -EINVAL;
    }
    if (result == 0) {
        realtime_set(date.seconds * MICROSECONDS + date.nanoseconds / 1000);
    }
    return result;
}

int32_t sys_gettimeofday(uint32_t time_at, uint32_t zone_at)
{
    const struct timezone zone = {0, 0};

    if (time_at != 0 && clock_get(CLOCK_REALTIME, time_at, TIME_MICRO) != 0) {
        return -EFAULT;
    }
    return copy_result(zone_at, &zone, sizeof(zone));
}

int32_t sys_time(uint32_t to_user)
{
    int32_t seconds = (int32_t)(realtime_microseconds() / MICROSECONDS);

    return copy_result(to_user, &seconds, sizeof(seconds)) != 0 ? -EFAULT : seconds;
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
        time_span_store(&rest, current->sleep_left_to,
                        current->sleep_left_wide ? TIME_NANO_64 : TIME_NANO) != 0) {
        return -EFAULT;
    }
    return -ERESTART_WITH_0;
}

/* TIMER_ABSTIME: not for that long, but until then; nothing is stored then, and the call can begin
 * anew. */
int32_t clock_sleep(uint32_t clock, uint32_t flags, uint32_t time_at, uint32_t left_at,
                    enum time_format format)
{
    bool moment = (flags & TIMER_ABSTIME) != 0;
    struct time_span span;
    uint64_t unused;
    int32_t result = time_span_argument(&span, time_at, format);

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
    current->sleep_left_wide = format == TIME_NANO_64;
    wake_after(time_span_ticks(&span));
    result = sleep_until_wake_tick();
    return moment && result == -ERESTART_WITH_0 ? -ERESTARTNOHAND : result;
}

/* A sleep that a stop interrupted goes on to its old end. */
int32_t sys_restart_syscall(void)
{
    int32_t left = (int32_t)(current->wake_tick - ticks);

    wake_after(left > 0 ? (uint32_t)left : 0);
    return sleep_until_wake_tick();
}

/* ---- time used ---- */

static clock_t to_clock(uint32_t tick_count)
{
    return (clock_t)((uint64_t)tick_count * USER_HZ / tick_hz);
}

int32_t sys_times(uint32_t to_user)
{
    const struct thread_group *together = &current->leader->together;
    uint32_t user, system;
    struct tms times;

    process_times(current->leader, &user, &system);
    times = (struct tms){to_clock(user), to_clock(system), to_clock(together->children_user_ticks),
                         to_clock(together->children_system_ticks)};
    return copy_result(to_user, &times, sizeof(times)) != 0 ? -EFAULT : to_clock(ticks);
}

int32_t sys_getrusage(uint32_t who, uint32_t to_user)
{
    const struct thread_group *together = &current->leader->together;
    uint32_t user = current->user_ticks, system = current->system_ticks;
    struct rusage usage = {.ru_utime = {0, 0}};

    switch ((int32_t)who) {
    case RUSAGE_SELF:
        process_times(current->leader, &user, &system);
        break;
    case RUSAGE_CHILDREN:
        user = together->children_user_ticks;
        system = together->children_system_ticks;
        break;
    case RUSAGE_THREAD:
        break;
    default:
        return -EINVAL;
    }
    usage.ru_utime = ticks_to_timeval(user);
    usage.ru_stime = ticks_to_timeval(system);
    return copy_to_user(to_user, &usage, sizeof(usage));
}
