/* Resource limits. All are kept; those that bind are asked for where the resource is given out:
 * descriptors, processes, stack, heap, address space, file size. Interrupts are on.
 * See: getrlimit(2), prlimit(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"

/* A number of 64 bits that the 32 bits kept here can not express is no limit. */
static uint32_t narrow(uint64_t limit)
{
    return limit >= RLIM_INFINITY ? RLIM_INFINITY : (uint32_t)limit;
}

static uint64_t widen(uint32_t limit)
{
    return limit == RLIM_INFINITY ? UINT64_MAX : limit;
}

/* Everybody may lower both numbers; only root may raise the second. */
int32_t limits_exchange(struct process *process, uint32_t which, const struct rlimit *new,
                        struct rlimit *old)
{
    struct rlimit *limit = &process->leader->together.limits[which];

    if (which >= RLIM_NLIMITS || (new != NULL &&new->rlim_cur > new->rlim_max)) {
        return -EINVAL;
    }
    if (new != NULL && ((new->rlim_max > limit->rlim_max && current->euid != 0) ||
                        (which == RLIMIT_NOFILE && new->rlim_max > DESCRIPTOR_LIMIT))) {
        return -EPERM;
    }
    if (old != NULL) {
        *old = *limit;
    }
    *limit = new != NULL ? *new : *limit;
    return 0;
}

/* One's own limits (pid 0) or another process's. */
int32_t limits_exchange_wide(uint32_t pid, uint32_t which, const struct rlimit_wide *new,
                             struct rlimit_wide *old)
{
    struct process *process = pid == 0 ? current : process_find((int32_t)pid);
    struct rlimit before = {0, 0}, after = {0, 0};
    int32_t result;

    if (which >= RLIM_NLIMITS || process == NULL) {
        return which >= RLIM_NLIMITS ? -EINVAL : -ESRCH;
    }
    if (current->euid != 0 && (current->uid != process->uid || current->uid != process->euid)) {
        return -EPERM;
    }
    if (new != NULL) {
        after = (struct rlimit){narrow(new->now), narrow(new->most)};
    }
    result = limits_exchange(process, which, new == NULL ? NULL : &after, &before);
    *old = (struct rlimit_wide){widen(before.rlim_cur), widen(before.rlim_max)};
    return result;
}
