/* futex: sleep until somebody says that a word in memory has changed. The kernel knows nothing of
 * locks: a program looks at its word, and only if it has to wait does it call. Words are told apart
 * by address space and address, so processes that share a page without sharing the space do not
 * meet here. Interrupts are on. See: futex(2). SPDX-License-Identifier: MIT */
#include "calls/futex.h"

#include "calls/forms.h"
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
#define FUTEX_OPERATION   ~(FUTEX_PRIVATE | FUTEX_REALTIME)

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
static int32_t wait(uint32_t word, uint32_t operation, uint32_t value, uint32_t time_at,
                    uint32_t bits, enum time_format format)
{
    uint64_t span;

    if (time_at != 0) {
        int32_t result = time_argument(&span, time_at, format);

        if (result != 0) {
            return result;
        }
        if ((operation & FUTEX_OPERATION) == FUTEX_WAIT_BITSET) {
            span = time_until(span, operation & FUTEX_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC);
        }
        wake_after(time_to_sleep(span));
    }
    return wait_while(word, value, bits, time_at != 0);
}

int32_t futex(uint32_t word, uint32_t operation, uint32_t value, uint32_t time_at, uint32_t bits,
              enum time_format format)
{
    uint32_t kind = operation & FUTEX_OPERATION;

    if (kind == FUTEX_WAIT || kind == FUTEX_WAKE) {
        bits = UINT32_MAX;
    }
    if (word % sizeof(uint32_t) != 0) {
        return -EINVAL;
    }
    switch (kind) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return bits == 0 ? -EINVAL : wait(word, operation, value, time_at, bits, format);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return bits == 0 ? -EINVAL : wake_some(current->space, word, value, bits);
    default:
        return -ENOSYS;
    }
}
