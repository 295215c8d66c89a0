/* System calls that only ask or set something: identity, memory, time, the machine.
 * Interrupts are on. SPDX-License-Identifier: MIT */
#include "boot/root.h"
#include "common/text.h"
#include "drivers/pit.h"
#include "drivers/power.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

#define NANOSECONDS 1000000000u

int32_t sys_getpid(struct trap_frame *frame)
{
    (void)frame;
    return current->pid;
}

int32_t sys_getppid(struct trap_frame *frame)
{
    (void)frame;
    return current->parent == NULL ? 0 : current->parent->pid;
}

int32_t sys_gettid(struct trap_frame *frame)
{
    return sys_getpid(frame);
}

int32_t sys_sched_yield(struct trap_frame *frame)
{
    (void)frame;
    interrupts_off();
    yield_cpu();
    interrupts_on();
    return 0;
}

int32_t sys_brk(struct trap_frame *frame)
{
    return (int32_t)space_set_break(current->space, frame->ebx);
}

int32_t sys_uname(struct trap_frame *frame)
{
    static const struct utsname name = {
        .sysname = "Linux", /* whose interface this is; programs ask for it */
        .nodename = "ringside",
        .release = "4.0.0-ringside",
        .version = "the small kernel",
        .machine = "i486",
        .domainname = "(none)",
    };

    return copy_to_user(frame->ebx, &name, sizeof(name));
}

/* ---- time ---- */

static clock_t to_clock(uint32_t tick_count)
{
    return (clock_t)((uint64_t)tick_count * USER_HZ / tick_hz);
}

int32_t sys_times(struct trap_frame *frame)
{
    struct tms times = {
        to_clock(current->user_ticks),
        to_clock(current->system_ticks),
        to_clock(current->children_user_ticks),
        to_clock(current->children_system_ticks),
    };

    if (frame->ebx != 0 && copy_to_user(frame->ebx, &times, sizeof(times)) != 0) {
        return -EFAULT;
    }
    return to_clock(ticks);
}

static uint64_t date_offset; /* microseconds from 1970 to the start of the machine */

uint64_t realtime_microseconds(void)
{
    return date_offset + pit_microseconds();
}

void realtime_set(uint64_t microseconds)
{
    date_offset = microseconds - pit_microseconds();
}

int32_t sys_gettimeofday(struct trap_frame *frame)
{
    uint64_t now = realtime_microseconds();
    struct timeval time = {(int32_t)(now / 1000000), (int32_t)(now % 1000000)};
    struct timezone zone = {0, 0};

    if (frame->ebx != 0 && copy_to_user(frame->ebx, &time, sizeof(time)) != 0) {
        return -EFAULT;
    }
    return frame->ecx == 0 ? 0 : copy_to_user(frame->ecx, &zone, sizeof(zone));
}

int32_t sys_clock_gettime(struct trap_frame *frame)
{
    uint64_t now = frame->ebx == CLOCK_REALTIME ? realtime_microseconds() : pit_microseconds();
    struct timespec time = {(int32_t)(now / 1000000), (int32_t)(now % 1000000) * 1000};

    if (frame->ebx > CLOCK_MONOTONIC) {
        return -EINVAL;
    }
    return copy_to_user(frame->ecx, &time, sizeof(time));
}

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
    if (current->sleep_left_to != 0) {
        struct timespec rest = {
            (int32_t)(left / tick_hz),
            (int32_t)(left % tick_hz * (NANOSECONDS / tick_hz)),
        };

        if (copy_to_user(current->sleep_left_to, &rest, sizeof(rest)) != 0) {
            return -EFAULT;
        }
    }
    return -ERESTART_WITH_0;
}

int32_t sys_nanosleep(struct trap_frame *frame)
{
    struct timespec wanted;
    uint32_t tick_count;

    if (copy_from_user(&wanted, frame->ebx, sizeof(wanted)) != 0) {
        return -EFAULT;
    }
    if (wanted.tv_sec < 0 || (uint32_t)wanted.tv_nsec >= NANOSECONDS) {
        return -EINVAL;
    }
    if ((uint32_t)wanted.tv_sec >= (uint32_t)INT32_MAX / tick_hz) {
        wanted.tv_sec = (int32_t)((uint32_t)INT32_MAX / tick_hz - 1);
    }
    /* rounded up, and one more because the current tick has begun already: never too short */
    tick_count = ((uint32_t)wanted.tv_nsec + NANOSECONDS / tick_hz - 1) / (NANOSECONDS / tick_hz);
    tick_count += (uint32_t)wanted.tv_sec * tick_hz;
    if (tick_count == 0) {
        return 0;
    }
    interrupts_off();
    current->wake_tick = ticks + tick_count + 1;
    current->wake_set = true;
    current->sleep_left_to = frame->ecx;
    interrupts_on();
    return sleep_until_wake_tick();
}

/* A sleep that a stop interrupted goes on to its old end. */
int32_t sys_restart_syscall(struct trap_frame *frame)
{
    (void)frame;
    interrupts_off();
    current->wake_set = (int32_t)(current->wake_tick - ticks) > 0;
    interrupts_on();
    return sleep_until_wake_tick();
}

/* ---- the machine ---- */

int32_t sys_reboot(struct trap_frame *frame)
{
    if (frame->ebx != REBOOT_MAGIC1 || frame->ecx != REBOOT_MAGIC2) {
        return -EINVAL;
    }
    switch (frame->edx) {
    case REBOOT_POWER_OFF:
    case REBOOT_HALT:
        root_stop();
        power_off();
    case REBOOT_EXIT:
        power_exit(frame->esi);
    case REBOOT_RESTART:
        root_stop();
        power_restart();
    default:
        return -EINVAL;
    }
}
