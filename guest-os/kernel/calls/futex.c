/* futex: sleep until somebody says that a word in memory has changed. The kernel knows nothing of
 * locks: a program looks at its word, and only if it has to wait does it call. Words are told apart
 * by address space and address, so processes that share a page without sharing the space do not
 * meet here. Interrupts are on. See: futex(2). SPDX-License-Identifier: MIT */
#include "calls/futex.h"

#include "calls/time_argument.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

#define FUTEX_WAIT        0u
#define FUTEX_WAKE        1u
#define FUTEX_WAIT_BITSET 9u
#define FUTEX_WAKE_BITSET 10u
#define FUTEX_PRIVATE     0x80u
#define FUTEX_REALTIME    0x100u

/* One sleeper, on its kernel stack while it sleeps. */
struct waiter {
    struct waiter *next;         /* all that wait, the longest first */
    struct address_space *space; /* whose word */
    uint32_t address;            /* of the word */
    uint32_t bits;               /* woken by those with a bit in common */
    bool woken;
};

static struct waiter *first_waiter;

static void take_out(struct waiter *waiter)
{
    for (struct waiter **at = &first_waiter; *at != NULL; at = &(*at)->next) {
        if (*at == waiter) {
            *at = waiter->next;
            return;
        }
    }
}

static int32_t wake_some(struct address_space *space, uint32_t address, uint32_t most,
                         uint32_t bits)
{
    struct waiter *next;
    int32_t count = 0;

    for (struct waiter *waiter = first_waiter; waiter != NULL && most > 0; waiter = next) {
        next = waiter->next;
        if (waiter->space == space && waiter->address == address && (waiter->bits & bits) != 0) {
            take_out(waiter);
            waiter->woken = true;
            wake_all(waiter);
            count++;
            most--;
        }
    }
    return count;
}

int32_t futex_wake(struct address_space *space, uint32_t address, uint32_t most)
{
    return wake_some(space, address, most, UINT32_MAX);
}

/* Only processes wake and none is preempted, so nobody comes between the look and the sleep. */
static int32_t wait_while(uint32_t address, uint32_t expected, uint32_t bits, bool timed)
{
    struct waiter waiter = {NULL, current->space, address, bits, false};
    struct waiter **end = &first_waiter;
    uint32_t value;
    int32_t result = 0;

    if (copy_from_user(&value, address, sizeof(value)) != 0) {
        return -EFAULT;
    }
    if (value != expected) {
        return -EAGAIN;
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = &waiter;
    interrupts_off();
    while (!waiter.woken && result == 0) {
        if (signal_is_pending(current)) {
            result = timed ? -EINTR : -ERESTARTSYS;
        } else if (timed && !current->wake_set) {
            result = -ETIMEDOUT;
        } else {
            sleep_on(&waiter);
        }
    }
    current->wake_set = false;
    interrupts_on();
    take_out(&waiter);
    return waiter.woken ? 0 : result;
}

/* FUTEX_WAIT has the time from now, FUTEX_WAIT_BITSET the moment. */
static int32_t futex_wait(const struct trap_frame *frame, uint32_t operation, bool wide)
{
    uint32_t bits = operation == FUTEX_WAIT_BITSET ? frame->ebp : UINT32_MAX;
    bool timed = frame->esi != 0;

    if (bits == 0) {
        return -EINVAL;
    }
    if (timed) {
        struct time_span span;
        int32_t result = time_span_argument(&span, frame->esi, wide);

        if (result != 0) {
            return result;
        }
        if (operation == FUTEX_WAIT_BITSET) {
            span = time_span_until(&span,
                                   frame->ecx & FUTEX_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC);
        }
        wake_after(time_span_ticks(&span));
    }
    return wait_while(frame->ebx, frame->edx, bits, timed);
}

/* futex(word, operation, value, time, word 2, bits) */
static int32_t futex(const struct trap_frame *frame, bool wide)
{
    uint32_t operation = frame->ecx & ~(FUTEX_PRIVATE | FUTEX_REALTIME);

    if (frame->ebx % sizeof(uint32_t) != 0) {
        return -EINVAL;
    }
    switch (operation) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return futex_wait(frame, operation, wide);
    case FUTEX_WAKE:
        return wake_some(current->space, frame->ebx, frame->edx, UINT32_MAX);
    case FUTEX_WAKE_BITSET:
        return frame->ebp == 0 ? -EINVAL
                               : wake_some(current->space, frame->ebx, frame->edx, frame->ebp);
    default:
        return -ENOSYS;
    }
}

int32_t sys_futex(struct trap_frame *frame)
{
    return futex(frame, false);
}

int32_t sys_futex_time64(struct trap_frame *frame)
{
    return futex(frame, true);
}
