/* Job control: one session owns the terminal, one of its groups is in the foreground. Others of
 * that session are stopped when they read, change settings, or (with TOSTOP) write. See: setsid(2),
 * tcsetpgrp(3), credentials(7). SPDX-License-Identifier: MIT */
#include "drivers/tty_jobs.h"

#include "drivers/tty.h"
#include "heart/group.h"
#include "heart/signal.h"

static int32_t session;    /* whose controlling terminal it is, 0 nobody's */
static int32_t foreground; /* group, 0 none */

void tty_attach(struct process *leader)
{
    session = leader->session;
    foreground = leader->group;
    leader->has_terminal = true;
}

int32_t tty_foreground(void)
{
    return foreground;
}

void tty_signal(uint32_t signal)
{
    if (foreground != 0) {
        signal_send_group(foreground, signal, &(struct signal_cause){.code = SI_KERNEL});
    }
}

int32_t tty_check_foreground(uint32_t signal)
{
    bool unmoved = signal_is_ignored(current, signal) || (current->blocked & signal_bit(signal));

    if (!current->has_terminal || current->group == foreground) {
        return 0;
    }
    if (unmoved) {
        return signal == SIGTTIN ? -EIO : 0;
    }
    if (group_is_orphaned(current->group)) {
        return -EIO;
    }
    signal_send_group(current->group, signal, &(struct signal_cause){.code = SI_KERNEL});
    return -ERESTARTSYS;
}

/* The session's processes have no terminal any more. */
static void detach_session(void)
{
    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (process->session == session) {
            process->has_terminal = false;
        }
    }
    session = 0;
    foreground = 0;
}

void tty_session_ends(struct process *leader)
{
    if (leader->has_terminal && leader->session == session && leader->pid == session) {
        tty_signal(SIGHUP);
        tty_signal(SIGCONT);
        detach_session();
    }
}

/* TIOCSCTTY: only a leader without a terminal; `steal`: even from another session. */
static int32_t take_terminal(bool steal)
{
    if (current->has_terminal && current->session == session) {
        return 0;
    }
    if (current->pid != current->session || current->has_terminal || (session != 0 && !steal)) {
        return -EPERM;
    }
    detach_session();
    tty_attach(current);
    return 0;
}

static int32_t set_foreground(uint32_t argument)
{
    int32_t group;
    int32_t result = tty_check_foreground(SIGTTOU);

    if (result != 0) {
        return result;
    }
    if (copy_from_user(&group, argument, sizeof(group)) != 0) {
        return -EFAULT;
    }
    if (group < 0) {
        return -EINVAL;
    }
    if (group_session(group) == 0) {
        return -ESRCH;
    }
    if (group_session(group) != session) {
        return -EPERM;
    }
    foreground = group;
    return 0;
}

int32_t tty_jobs_control(uint32_t request, uint32_t argument)
{
    if (request == TIOCSCTTY) {
        return take_terminal(argument == 1);
    }
    if (!current->has_terminal) {
        return -ENOTTY;
    }
    switch (request) {
    case TIOCGPGRP:
        return copy_to_user(argument, &foreground, sizeof(foreground));
    case TIOCSPGRP:
        return set_foreground(argument);
    case TIOCGSID:
        return copy_to_user(argument, &session, sizeof(session));
    case TIOCNOTTY:
        if (current->pid == session) {
            tty_session_ends(current);
        }
        current->has_terminal = false;
        return 0;
    default:
        return -ENOTTY;
    }
}
