/* Priorities: the nice value of processes, and the calls of sched(7) as far as one CPU and one
 * policy give them a meaning. Everybody may become nicer; only root may be less so. Interrupts are
 * on. See: getpriority(2), nice(2), sched(7). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/system_call.h"

#define NICE_LEAST     (-20)
#define NICE_MOST      19
#define POLICY_FIFO    1
#define POLICY_RR      2
#define POLICY_MISSING 4
#define POLICY_IDLE    5

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
int32_t sys_getpriority(uint32_t kind, uint32_t id)
{
    int32_t best = -ESRCH;

    if (kind > PRIO_USER) {
        return -EINVAL;
    }
    for (const struct process *process = process_first; process != NULL; process = process->next) {
        if (is_meant(process, kind, id) && 20 - process->nice > best) {
            best = 20 - process->nice;
        }
    }
    return best;
}

int32_t sys_setpriority(uint32_t kind, uint32_t id, uint32_t nice)
{
    int32_t result = -ESRCH;

    if (kind > PRIO_USER) {
        return -EINVAL;
    }
    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (is_meant(process, kind, id)) {
            int32_t set = set_nice(process, (int32_t)nice);

            result = result == -ESRCH || set != 0 ? set : result;
        }
    }
    return result;
}

int32_t sys_nice(uint32_t more)
{
    const int32_t span = NICE_MOST - NICE_LEAST;
    int32_t by = (int32_t)more;

    by = by < -span ? -span : by > span ? span : by; /* a sum of any other could overflow */
    return set_nice(current, current->nice + by) == 0 ? 0 : -EPERM;
}

int32_t sys_sched_yield(void)
{
    interrupts_off();
    yield_cpu();
    interrupts_on();
    return 0;
}

/* 0, and the process that `pid` means. */
static int32_t find(uint32_t pid, struct process **process)
{
    *process = pid == 0 ? current : process_find((int32_t)pid);
    if ((int32_t)pid < 0) {
        return -EINVAL;
    }
    return *process == NULL ? -ESRCH : 0;
}

/* Real-time policies do not exist; the others have no priority but 0. */
int32_t priority_set_policy(uint32_t pid, uint32_t policy, int32_t priority)
{
    struct process *process;
    int32_t result = find(pid, &process);

    if (result == 0 && (policy == POLICY_FIFO || policy == POLICY_RR)) {
        result = -EPERM;
    }
    return result != 0 ? result : policy > POLICY_IDLE || priority != 0 ? -EINVAL : 0;
}

int32_t priority_ask(uint32_t pid, uint32_t to_user, uint32_t answer, int32_t result)
{
    struct process *process;
    int32_t error = find(pid, &process);

    error = error != 0 ? error : copy_result(to_user, &answer, sizeof(answer));
    return error != 0 ? error : result;
}

/* What the numbers would be on Linux. */
int32_t priority_bound(uint32_t policy, uint32_t bound)
{
    if (policy > POLICY_IDLE || policy == POLICY_MISSING) {
        return -EINVAL;
    }
    return policy == POLICY_FIFO || policy == POLICY_RR ? (int32_t)bound : 0;
}

int32_t sys_sched_setaffinity(uint32_t pid, uint32_t bytes, uint32_t set_at)
{
    struct process *process;
    uint8_t set = 0;
    int32_t result = find(pid, &process);

    if (result == 0 && bytes > 0) {
        result = copy_from_user(&set, set_at, sizeof(set));
    }
    if (result == 0 && !may_change(process)) {
        result = -EPERM;
    }
    return result != 0 ? result : set & 1 ? 0 : -EINVAL;
}
