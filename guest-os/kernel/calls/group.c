/* Groups and sessions exist only as numbers in PCBs: the pid of who founded them. Interrupts are
 * on; none of these fields is touched by interrupt handlers, but for reading the group in
 * signal_send_group. See: setpgid(2), setsid(2), credentials(7). SPDX-License-Identifier: MIT */
#include "heart/group.h"

#include "calls/forms.h"
#include "heart/signal.h"
#include "heart/system_call.h"

static bool is_member(const struct process *process, int32_t group)
{
    return process->leader == process && process->together.threads > 0 && process->group == group;
}

int32_t group_session(int32_t group)
{
    for (const struct process *process = process_first; process != NULL; process = process->next) {
        if (process->group == group) {
            return process->session;
        }
    }
    return 0;
}

bool group_is_orphaned(int32_t group)
{
    for (const struct process *process = process_first; process != NULL; process = process->next) {
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

    for (const struct process *process = process_first; process != NULL; process = process->next) {
        stopped = stopped || (is_member(process, group) && process->together.stopped_by != 0);
    }
    if (stopped && group_is_orphaned(group)) {
        struct signal_cause cause = {.code = SI_KERNEL};

        signal_send_group(group, SIGHUP, &cause);
        signal_send_group(group, SIGCONT, &cause);
    }
}

static void put_into(const struct process *leader, int32_t group, int32_t session)
{
    for (struct process *thread = process_first; thread != NULL; thread = thread->next) {
        if (thread->leader == leader) {
            thread->terminal = thread->session == session ? thread->terminal : NULL;
            thread->group = group;
            thread->session = session;
        }
    }
}

/* setpgid(pid, group): oneself or a child that still runs this program, into a group of the same
 * session, or a new one with its own pid. 0 stands for oneself, and for that pid. */
int32_t sys_setpgid(uint32_t pid, uint32_t wanted)
{
    struct process *process = pid == 0 ? current->leader : process_find((int32_t)pid);
    int32_t group = (int32_t)wanted;

    if (group < 0) {
        return -EINVAL;
    }
    if (process == NULL || process->leader != process ||
        (process != current->leader && process->parent != current->leader)) {
        return -ESRCH;
    }
    group = group == 0 ? process->pid : group;
    if (process != current->leader && process->has_executed) {
        return -EACCES;
    }
    if (process->session != current->session || process->pid == process->session ||
        (group != process->pid && group_session(group) != current->session)) {
        return -EPERM;
    }
    put_into(process, group, process->session);
    return 0;
}

int32_t group_of(uint32_t pid, bool session)
{
    const struct process *process = pid == 0 ? current : process_find((int32_t)pid);

    return process == NULL ? -ESRCH : session ? process->session : process->group;
}

/* A new session with a new group, both with the caller's pid, without a terminal. */
int32_t sys_setsid(void)
{
    int32_t pid = current->leader->pid;

    if (group_session(pid) != 0) {
        return -EPERM;
    }
    put_into(current->leader, pid, pid);
    return pid;
}
