/* Groups and sessions exist only as numbers in PCBs: the pid of who founded them. Interrupts are
 * on; none of these fields is touched by interrupt handlers, but for reading the group in
 * signal_send_group. See: setpgid(2), setsid(2), credentials(7). SPDX-License-Identifier: MIT */
#include "heart/group.h"

#include "heart/signal.h"
#include "heart/system_call.h"

static bool is_member(const struct process *process, int32_t group)
{
    return process->state != PROCESS_UNUSED && process->state != PROCESS_ZOMBIE &&
           process->group == group;
}

int32_t group_session(int32_t group)
{
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        if (process_table[i].state != PROCESS_UNUSED && process_table[i].group == group) {
            return process_table[i].session;
        }
    }
    return 0;
}

bool group_is_orphaned(int32_t group)
{
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        const struct process *process = &process_table[i];

        if (is_member(process, group) && process->parent != NULL &&
            process->parent->session == process->session && process->parent->group != group) {
            return false;
        }
    }
    return true;
}

void group_release_stopped(int32_t group)
{
    bool stopped = false;

    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        stopped = stopped || (is_member(&process_table[i], group) &&
                              process_table[i].state == PROCESS_STOPPED);
    }
    if (stopped && group_is_orphaned(group)) {
        struct signal_cause cause = {.code = SI_KERNEL};

        signal_send_group(group, SIGHUP, &cause);
        signal_send_group(group, SIGCONT, &cause);
    }
}

/* setpgid(pid, group): oneself or a child that still runs this program, into a group of the same
 * session, or a new one with its own pid. 0 stands for oneself, and for that pid. */
int32_t sys_setpgid(struct trap_frame *frame)
{
    int32_t pid = (int32_t)frame->ebx, group = (int32_t)frame->ecx;
    struct process *process = pid == 0 ? current : process_find(pid);

    if (group < 0) {
        return -EINVAL;
    }
    if (process == NULL || (process != current && process->parent != current)) {
        return -ESRCH;
    }
    group = group == 0 ? process->pid : group;
    if (process != current && process->has_executed) {
        return -EACCES;
    }
    if (process->session != current->session || process->pid == process->session ||
        (group != process->pid && group_session(group) != current->session)) {
        return -EPERM;
    }
    process->group = group;
    return 0;
}

static int32_t ask(uint32_t pid, int32_t (*what)(const struct process *process))
{
    const struct process *process = pid == 0 ? current : process_find((int32_t)pid);

    return process == NULL ? -ESRCH : what(process);
}

static int32_t its_group(const struct process *process)
{
    return process->group;
}

static int32_t its_session(const struct process *process)
{
    return process->session;
}

int32_t sys_getpgid(struct trap_frame *frame)
{
    return ask(frame->ebx, its_group);
}

int32_t sys_getpgrp(struct trap_frame *frame)
{
    (void)frame;
    return current->group;
}

int32_t sys_getsid(struct trap_frame *frame)
{
    return ask(frame->ebx, its_session);
}

/* A new session with a new group, both with the caller's pid, without a terminal. */
int32_t sys_setsid(struct trap_frame *frame)
{
    (void)frame;
    if (group_session(current->pid) != 0) {
        return -EPERM;
    }
    current->session = current->group = current->pid;
    current->terminal = NULL;
    return current->pid;
}
