/* Locks that processes sleep for. SPDX-License-Identifier: MIT */
#include "heart/lock.h"

#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "support/log.h"

void lock_take(struct lock *lock)
{
    bool were_on = interrupts_save_off();

    while (lock->owner != NULL && lock->owner != current) {
        lock->waiting++;
        sleep_on(lock); /* a signal wakes us, too: then we look again */
        lock->waiting--;
    }
    lock->owner = current;
    lock->depth++;
    interrupts_restore(were_on);
}

void lock_give(struct lock *lock)
{
    if (lock->owner != current) {
        panic("process %d gives a lock back that it has not", current->pid);
    }
    lock->depth--;
    if (lock->depth == 0) {
        lock->owner = NULL;
        if (lock->waiting > 0) {
            wake_all(lock);
        }
    }
}
