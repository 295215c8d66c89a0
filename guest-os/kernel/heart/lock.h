/* Locks for what takes longer than one stretch without sleeping: who wants a lock that another
 * process has sleeps until it is given back. Not for interrupt handlers, and the kernel is not
 * preempted: data that nobody sleeps over needs none. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct process;

struct lock {
    struct process *owner; /* who has it, NULL: nobody */
    uint32_t depth;        /* how many times: its owner may take it again */
    uint32_t waiting;      /* processes that sleep for it */
};

void lock_take(struct lock *lock);
void lock_give(struct lock *lock);
