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
    if (wanted.rlim_max > limit->rlim_max && current->euid != 0) {
        return -EPERM;
    }
    if (which == RLIMIT_NOFILE && wanted.rlim_max > DESCRIPTOR_LIMIT) {
        return -EPERM;
    }
    *limit = wanted;
    return 0;
}

int32_t sys_ugetrlimit(struct trap_frame *frame)
{
    const struct rlimit *limits = current->leader->together.limits;

    return frame->ebx >= RLIM_NLIMITS
               ? -EINVAL
               : copy_to_user(frame->ecx, &limits[frame->ebx], sizeof(limits[0]));
}

int32_t sys_setrlimit(struct trap_frame *frame)
{
    struct rlimit wanted;

    if (frame->ebx >= RLIM_NLIMITS) {
        return -EINVAL;
    }
    if (copy_from_user(&wanted, frame->ecx, sizeof(wanted)) != 0) {
        return -EFAULT;
    }
    return change(current, frame->ebx, wanted);
}

/* prlimit64(pid, which, new, old): one's own limits or another process's. */
int32_t sys_prlimit64(struct trap_frame *frame)
{
    struct process *process = frame->ebx == 0 ? current : process_find((int32_t)frame->ebx);
    struct rlimit_wide new, old;
    int32_t result = 0;

    if (frame->ecx >= RLIM_NLIMITS) {
        return -EINVAL;
    }
    if (frame->edx != 0 && copy_from_user(&new, frame->edx, sizeof(new)) != 0) {
        return -EFAULT;
    }
    if (process == NULL) {
        return -ESRCH;
    }
    if (current->euid != 0 && (current->uid != process->uid || current->uid != process->euid)) {
        return -EPERM;
    }
    old = (struct rlimit_wide){widen(process->leader->together.limits[frame->ecx].rlim_cur),
                               widen(process->leader->together.limits[frame->ecx].rlim_max)};
    if (frame->edx != 0) {
        result = change(process, frame->ecx, (struct rlimit){narrow(new.now), narrow(new.most)});
    }
    if (result == 0 && frame->esi != 0) {
        result = copy_to_user(frame->esi, &old, sizeof(old));
    }
    return result;
}
