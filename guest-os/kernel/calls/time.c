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

#define MOST_SECONDS (1ull << 42) /* of a time, so that its microseconds have 64 bits */

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

int32_t time_argument(uint64_t *microseconds, uint32_t address, enum time_format format)
{
    uint32_t fraction, parts = parts_of(format) / MICROSECONDS;
    int64_t seconds;

    if (time_read(address, format, &seconds, &fraction) < 0) {
        return -EFAULT;
    }
    if (seconds < 0 || fraction >= parts_of(format)) {
        return -EINVAL;
    }
    seconds = seconds < (int64_t)MOST_SECONDS ? seconds : (int64_t)MOST_SECONDS;
    *microseconds = (uint64_t)seconds * MICROSECONDS + (fraction + parts - 1) / parts;
    return 0;
}

int32_t time_store(uint64_t microseconds, uint32_t address, enum time_format format)
{
    uint64_t seconds = microseconds / MICROSECONDS;
    uint32_t fraction = (uint32_t)(microseconds % MICROSECONDS) * (parts_of(format) / MICROSECONDS);
    const uint64_t large[2] = {seconds, fraction};
    const uint32_t small[2] = {(uint32_t)seconds, fraction};

    return format == TIME_NANO_64 ? copy_to_user(address, large, sizeof(large))
                                  : copy_to_user(address, small, sizeof(small));
}

uint32_t time_to_ticks(uint64_t microseconds)
{
    return microseconds >= time_of_ticks(MOST_TICKS)
               ? MOST_TICKS
               : (uint32_t)((microseconds * tick_hz + MICROSECONDS - 1) / MICROSECONDS);
}

uint64_t time_of_ticks(uint32_t tick_count)
{
    return (uint64_t)tick_count * MICROSECONDS / tick_hz;
}

uint32_t time_to_sleep(uint64_t microseconds)
{
    return microseconds == 0 ? 0 : time_to_ticks(microseconds) + 1;
}

struct timeval ticks_to_timeval(uint32_t tick_count)
{
    return (struct timeval){
        (int32_t)(tick_count / tick_hz),
        (int32_t)(tick_count % tick_hz * (MICROSECONDS / tick_hz)),
    };
}

/* ---- the clocks ---- */

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
        *microseconds = time_of_ticks(user + system);
        return 0;
    case CLOCK_THREAD_CPUTIME:
        *microseconds = time_of_ticks(current->user_ticks + current->system_ticks);
        return 0;
    default:
        return -EINVAL;
    }
}

uint64_t time_until(uint64_t moment, uint32_t clock)
{
    uint64_t now = 0;

    read_clock(clock, &now);
    return moment > now ? moment - now : 0;
}

int32_t clock_get(uint32_t clock, uint32_t to_user, enum time_format format)
{
    uint64_t now;

    return read_clock(clock, &now) != 0 ? -EINVAL : time_store(now, to_user, format);
}

/* Clocks that count ticks are as exact as those; the others show microseconds. */
int32_t clock_resolution(uint32_t clock, uint32_t to_user, enum time_format format)
{
    bool counts_ticks = clock == CLOCK_PROCESS_CPUTIME || clock == CLOCK_THREAD_CPUTIME;
    uint64_t unused;

    if (read_clock(clock, &unused) != 0) {
        return -EINVAL;
    }
    return to_user == 0 ? 0 : time_store(counts_ticks ? time_of_ticks(1) : 1, to_user, format);
}

int32_t clock_set(uint32_t clock, uint32_t time_at, enum time_format format)
{
    uint64_t date;
    int32_t result = time_argument(&date, time_at, format);

    if (clock != CLOCK_REALTIME) {
        return -EINVAL;
    }
    if (result == 0 && current->euid != 0) {
        result = -EPERM;
    }
    if (result == 0 && date / MICROSECONDS > UINT32_MAX) {
        result = -EINVAL;
    }
    if (result == 0) {
        realtime_set(date);
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
    if (current->sleep_left_to != 0 &&
        time_store(time_of_ticks(left), current->sleep_left_to,
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
    uint64_t span, unused;
    int32_t result = time_argument(&span, time_at, format);

    if (result != 0) {
        return result;
    }
    if (clock == CLOCK_THREAD_CPUTIME || read_clock(clock, &unused) != 0) {
        return -EINVAL;
    }
    span = moment ? time_until(span, clock) : span;
    current->sleep_left_to = moment ? 0 : left_at;
    current->sleep_left_wide = format == TIME_NANO_64;
    wake_after(time_to_sleep(span));
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

int32_t time_used(int32_t who, struct rusage *usage)
{
    const struct thread_group *together = &current->leader->together;
    uint32_t user = current->user_ticks, system = current->system_ticks; /* RUSAGE_THREAD */

    if (who == RUSAGE_SELF) {
        process_times(current->leader, &user, &system);
    } else if (who == RUSAGE_CHILDREN) {
        user = together->children_user_ticks;
        system = together->children_system_ticks;
    } else if (who != RUSAGE_THREAD) {
        return -EINVAL;
    }
    *usage =
        (struct rusage){.ru_utime = ticks_to_timeval(user), .ru_stime = ticks_to_timeval(system)};
    return 0;
}
