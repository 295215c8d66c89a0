/* Resource limits. All are kept; those that bind are asked for where the resource is given out:
 * descriptors, processes, stack, heap, address space, file size. Interrupts are on.
 * See: getrlimit(2), prlimit(2). SPDX-License-Identifier: MIT */
#include "heart/process.h"
#include "heart/system_call.h"

struct rlimit_wide {
    uint64_t now;  /* what holds; UINT64_MAX: no limit */
    uint64_t most; /* up to here it may be changed */
};

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
static int32_t change(struct process *process, uint32_t which, struct rlimit wanted)
{
    struct rlimit *limit = &process->leader->together.limits[which];

    if (wanted.rlim_cur > wanted.rlim_max) {
        return -EINVAL;
    }
    if ((wanted.rlim_max > limit->rlim_max && current->euid != 0) ||
        (which == RLIMIT_NOFILE && wanted.rlim_max > DESCRIPTOR_LIMIT)) {
        return -EPERM;
    }
    *limit = wanted;
    return 0;
}

int32_t sys_ugetrlimit(uint32_t which, uint32_t to_user)
{
    const struct rlimit *limits = current->leader->together.limits;

    return which >= RLIM_NLIMITS ? -EINVAL
                                 : copy_to_user(to_user, &limits[which], sizeof(limits[0]));
}

int32_t sys_setrlimit(uint32_t which, uint32_t limit_at)
{
    struct rlimit wanted;

    if (which >= RLIM_NLIMITS) {
        return -EINVAL;
    }
    return copy_from_user(&wanted, limit_at, sizeof(wanted)) != 0 ? -EFAULT
                                                                  : change(current, which, wanted);
}

/* One's own limits (pid 0) or another process's. */
int32_t sys_prlimit64(uint32_t pid, uint32_t which, uint32_t new_at, uint32_t old_at)
{
    struct process *process = pid == 0 ? current : process_find((int32_t)pid);
    struct rlimit_wide new, old;
    struct rlimit before;
    int32_t result = 0;

    if (which >= RLIM_NLIMITS) {
        return -EINVAL;
    }
    if (new_at != 0 && copy_from_user(&new, new_at, sizeof(new)) != 0) {
        return -EFAULT;
    }
    if (process == NULL) {
        return -ESRCH;
    }
    if (current->euid != 0 && (current->uid != process->uid || current->uid != process->euid)) {
        return -EPERM;
    }
    before = process->leader->together.limits[which];
    old = (struct rlimit_wide){widen(before.rlim_cur), widen(before.rlim_max)};
    if (new_at != 0) {
        result = change(process, which, (struct rlimit){narrow(new.now), narrow(new.most)});
    }
    return result != 0 ? result : copy_result(old_at, &old, sizeof(old));
}
