/* Locks on files: a list at each node. SPDX-License-Identifier: MIT */
#include "files/file_lock.h"

#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "support/pool.h"

static struct pool lock_pool = {.name = "file_lock", .bytes = sizeof(struct file_lock)};

static bool overlaps(const struct file_lock *one, const struct file_lock *other)
{
    return one->first <= other->last && other->first <= one->last;
}

const struct file_lock *file_lock_conflict(const struct node *node, const struct file_lock *wish)
{
    for (const struct file_lock *lock = node->locks; lock != NULL; lock = lock->next) {
        if (lock->whole == wish->whole && lock->owner != wish->owner && overlaps(lock, wish) &&
            (lock->kind == F_WRLCK || wish->kind == F_WRLCK)) {
            return lock;
        }
    }
    return NULL;
}

/* 0, -EAGAIN, -ERESTARTSYS. */
static int32_t wait_for_others(struct node *node, const struct file_lock *wish, bool wait)
{
    int32_t result = 0;

    interrupts_off();
    while (result == 0 && wish->kind != F_UNLCK && file_lock_conflict(node, wish) != NULL) {
        result = !wait ? -EAGAIN : signal_is_pending(current) ? -ERESTARTSYS : 0;
        if (result == 0) {
            sleep_on(&node->locks);
        }
    }
    interrupts_on();
    return result;
}

/* Put a lock into the list. */
static void insert(struct node *node, struct file_lock *lock, const struct file_lock *model)
{
    *lock = *model;
    lock->next = node->locks;
    node->locks = lock;
}

/* Cut the range of `wish` out of its owner's locks. One that is cut in two needs *spare for its
 * second part. */
static void cut_out(struct node *node, const struct file_lock *wish, struct file_lock **spare)
{
    struct file_lock **at = &node->locks;

    while (*at != NULL) {
        struct file_lock *lock = *at;

        if (lock->owner != wish->owner || lock->whole != wish->whole || !overlaps(lock, wish)) {
            at = &lock->next;
            continue;
        }
        if (lock->first < wish->first && lock->last > wish->last) {
            struct file_lock rest = *lock;

            rest.first = wish->last + 1;
            insert(node, *spare, &rest);
            *spare = NULL;
            lock->last = wish->first - 1;
            return; /* no other of this owner lies in there */
        }
        if (lock->first < wish->first) {
            lock->last = wish->first - 1;
            at = &lock->next;
        } else if (lock->last > wish->last) {
            lock->first = wish->last + 1;
            at = &lock->next;
        } else {
            *at = lock->next;
            pool_give(&lock_pool, lock);
        }
    }
}

int32_t file_lock_set(struct node *node, const struct file_lock *wish, bool wait)
{
    int32_t result = wait_for_others(node, wish, wait);
    struct file_lock *made = NULL, *spare = NULL;

    if (result == 0) {
        made = pool_take(&lock_pool);
        spare = pool_take(&lock_pool);
        result = made == NULL || spare == NULL ? -ENOLCK : 0;
    }
    if (result == 0) {
        cut_out(node, wish, &spare);
        if (wish->kind != F_UNLCK) {
            insert(node, made, wish);
            made = NULL;
        }
        wake_all(&node->locks);
    }
    if (made != NULL) {
        pool_give(&lock_pool, made);
    }
    if (spare != NULL) {
        pool_give(&lock_pool, spare);
    }
    return result;
}

void file_lock_drop(struct node *node, const void *owner)
{
    struct file_lock all = {.owner = owner, .last = UINT64_MAX};

    if (node->locks != NULL) {
        cut_out(node, &all, NULL); /* nothing is left that would need a spare */
        all.whole = true;
        cut_out(node, &all, NULL);
        wake_all(&node->locks);
    }
}
