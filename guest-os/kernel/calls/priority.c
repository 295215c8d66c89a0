/* Priorities: the nice value of processes, and the calls of sched(7) as far as one CPU and one
 * policy give them a meaning. Everybody may become nicer; only root may be less so. Interrupts are
 * on. See: getpriority(2), nice(2), sched(7). SPDX-License-Identifier: MIT */
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/system_call.h"

#define NICE_LEAST    (-20)
#define NICE_MOST     19
#define POLICY_NORMAL 0 /* SCHED_OTHER, SCHED_BATCH and SCHED_IDLE are one here */
#define POLICY_FIFO   1
#define POLICY_RR     2
#define POLICY_IDLE   5

static bool may_change(const struct process *process)
{
    return current->euid == 0 || current->euid == process->uid || current->euid == process->euid;
}

static int32_t set_nice(struct process *process, int32_t nice)
{
    nice = nice < NICE_LEAST ? NICE_LEAST : nice > NICE_MOST ? NICE_MOST : nice;
    if (!may_change(process)) {
        return -EPERM;
    }
    if (nice < process->nice && current->euid != 0) {
        return -EACCES;
    }
    process->nice = nice;
    return 0;
}

/* Does (kind, id) of getpriority mean this one? id 0: the caller's. */
static bool is_meant(const struct process *process, uint32_t kind, uint32_t id)
{
    if (process->handlers == NULL) {
        return false; /* the kernel's own */
    }
    switch (kind) {
    case PRIO_PROCESS:
        return id == 0 ? process == current : process->pid == (int32_t)id;
    case PRIO_PGRP:
        return process->group == (id == 0 ? current->group : (int32_t)id);
    default:
        return process->uid == (id == 0 ? current->uid : id);
    }
}

/* 20 - nice, of the one that goes first: results below 0 would be errors. */
int32_t sys_getpriority(struct trap_frame *frame)
{
    int32_t best = -ESRCH;

    if (frame->ebx > PRIO_USER) {
        return -EINVAL;
    }
    for (const struct process *process = process_first; process != NULL; process = process->next) {
        if (is_meant(process, frame->ebx, frame->ecx) && 20 - process->nice > best) {
            best = 20 - process->nice;
        }
    }
    return best;
}

int32_t sys_setpriority(struct trap_frame *frame)
{
    int32_t result = -ESRCH;

    if (frame->ebx > PRIO_USER) {
        return -EINVAL;
    }
    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (is_meant(process, frame->ebx, frame->ecx)) {
            int32_t set = set_nice(process, (int32_t)frame->edx);

            result = result == -ESRCH || set != 0 ? set : result;
        }
    }
    return result;
}

int32_t sys_nice(struct trap_frame *frame)
{
    int32_t by = (int32_t)frame->ebx;

    by = by < -40 ? -40 : by > 40 ? 40 : by;
    return set_nice(current, current->nice + by) == 0 ? 0 : -EPERM;
}

int32_t sys_sched_yield(struct trap_frame *frame)
{
    (void)frame;
    interrupts_off();
    yield_cpu();
    interrupts_on();
    return 0;
}

static int32_t find(uint32_t pid, struct process **process)
{
    *process = pid == 0 ? current : process_find((int32_t)pid);
    if ((int32_t)pid < 0) {
        return -EINVAL;
    }
    return *process == NULL ? -ESRCH : 0;
}

int32_t sys_sched_getscheduler(struct trap_frame *frame)
{
    struct process *process;
    int32_t result = find(frame->ebx, &process);

    return result != 0 ? result : POLICY_NORMAL;
}

/* Real-time policies do not exist; the others have no priority but 0. */
int32_t sys_sched_setscheduler(struct trap_frame *frame)
{
    struct process *process;
    int32_t priority;
    int32_t result = find(frame->ebx, &process);

    if (result != 0) {
        return result;
    }
    if (copy_from_user(&priority, frame->edx, sizeof(priority)) != 0) {
        return -EFAULT;
    }
    if (frame->ecx == POLICY_FIFO || frame->ecx == POLICY_RR) {
        return -EPERM;
    }
    return frame->ecx > POLICY_IDLE || priority != 0 ? -EINVAL : 0;
}

int32_t sys_sched_setparam(struct trap_frame *frame)
{
    struct trap_frame inner = *frame;

    inner.ecx = POLICY_NORMAL;
    inner.edx = frame->ecx;
    return sys_sched_setscheduler(&inner);
}

int32_t sys_sched_getparam(struct trap_frame *frame)
{
    struct process *process;
    int32_t priority = 0;
    int32_t result = find(frame->ebx, &process);

    return result != 0 ? result : copy_to_user(frame->ecx, &priority, sizeof(priority));
}

/* What the numbers would be on Linux. */
int32_t sys_sched_get_priority_max(struct trap_frame *frame)
{
    if (frame->ebx > POLICY_IDLE || frame->ebx == 4) {
        return -EINVAL;
    }
    return frame->ebx == POLICY_FIFO || frame->ebx == POLICY_RR ? 99 : 0;
}

int32_t sys_sched_get_priority_min(struct trap_frame *frame)
{
    int32_t most = sys_sched_get_priority_max(frame);

    return most > 0 ? 1 : most;
}

/* One CPU, number 0; the answer is how many bytes of the set were stored. */
int32_t sys_sched_getaffinity(struct trap_frame *frame)
{
    struct process *process;
    uint32_t set = 1;
    int32_t result = find(frame->ebx, &process);

    if (result == 0 && (frame->ecx < sizeof(set) || frame->ecx % sizeof(set) != 0)) {
        result = -EINVAL;
    }
    if (result == 0) {
        result = copy_to_user(frame->edx, &set, sizeof(set));
    }
    return result != 0 ? result : (int32_t)sizeof(set);
}

int32_t sys_sched_setaffinity(struct trap_frame *frame)
{
    struct process *process;
    uint8_t set = 0;
    int32_t result = find(frame->ebx, &process);

    if (result == 0 && frame->ecx > 0 && copy_from_user(&set, frame->edx, sizeof(set)) != 0) {
        result = -EFAULT;
    }
    if (result == 0 && !may_change(process)) {
        result = -EPERM;
    }
    return result != 0 ? result : set & 1 ? 0 : -EINVAL;
}

int32_t sys_getcpu(struct trap_frame *frame)
{
    uint32_t zero = 0;

    if (frame->ebx != 0 && copy_to_user(frame->ebx, &zero, sizeof(zero)) != 0) {
        return -EFAULT;
    }
    return frame->ecx == 0 ? 0 : copy_to_user(frame->ecx, &zero, sizeof(zero));
}
