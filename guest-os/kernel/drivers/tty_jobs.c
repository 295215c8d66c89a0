/* Job control: one session owns a terminal, one of its groups is in the foreground. Others of that
 * session are stopped when they read, change settings, or (with TOSTOP) write. See: setsid(2),
 * tcsetpgrp(3), credentials(7). SPDX-License-Identifier: MIT */
#include "drivers/tty_jobs.h"

#include "heart/group.h"
#include "heart/signal.h"

static const struct signal_cause by_kernel = {.code = SI_KERNEL};

static bool is_leader(const struct process *process)
{
    return process->pid == process->session;
}

void tty_attach(struct tty *tty, struct process *leader)
{
    tty->session = leader->session;
    tty->foreground = leader->group;
    leader->terminal = tty;
}

void tty_opened(struct tty *tty)
{
    if (is_leader(current) && current->terminal == NULL && tty->session == 0) {
        tty_attach(tty, current);
    }
}

void tty_signal(struct tty *tty, uint32_t signal)
{
    if (tty->foreground != 0) {
        signal_send_group(tty->foreground, signal, &by_kernel);
    }
}

int32_t tty_check_foreground(const struct tty *tty, uint32_t signal)
{
    bool unmoved = signal_is_ignored(current, signal) || (current->blocked & signal_bit(signal));

    if (current->terminal != tty || tty->foreground == 0 || current->group == tty->foreground) {
        return 0;
    }
    if (unmoved) {
        return signal == SIGTTIN ? -EIO : 0;
    }
    if (group_is_orphaned(current->group)) {
        return -EIO;
    }
    signal_send_group(current->group, signal, &by_kernel);
    return -ERESTARTSYS;
}

void tty_detach_session(struct tty *tty)
{
    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (process->terminal == tty) {
            process->terminal = NULL;
        }
    }
    tty->session = 0;
    tty->foreground = 0;
}

void tty_session_ends(struct process *leader)
{
    struct tty *tty = leader->terminal;

    if (tty != NULL && leader->session == tty->session && is_leader(leader)) {
        tty_signal(tty, SIGHUP);
        tty_signal(tty, SIGCONT);
        tty_detach_session(tty);
    }
}

void tty_hang_up(struct tty *tty)
{
    struct process *leader = tty->session == 0 ? NULL : process_find(tty->session);

    if (leader != NULL) {
        signal_send(leader, SIGHUP, &by_kernel);
        signal_send(leader, SIGCONT, &by_kernel);
    }
    tty_signal(tty, SIGHUP);
}

/* TIOCSCTTY: only a leader without a terminal; `steal`: even from another session. */
static int32_t take_terminal(struct tty *tty, bool steal)
{
    if (is_leader(current) && current->session == tty->session) {
        return 0;
    }
    if (!is_leader(current) || current->terminal != NULL || (tty->session != 0 && !steal)) {
        return -EPERM;
    }
    tty_detach_session(tty);
    tty_attach(tty, current);
    return 0;
}

static int32_t set_foreground(struct tty *tty, uint32_t argument)
{
    int32_t group;
    int32_t result = tty_check_foreground(tty, SIGTTOU);

    if (result != 0) {
        return result == -EIO ? -ENOTTY : result;
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
    if (group_session(group) != tty->session) {
        return -EPERM;
    }
    tty->foreground = group;
    return 0;
}

int32_t tty_jobs_control(struct tty *tty, uint32_t request, uint32_t argument)
{
    if (request == TIOCSCTTY) {
        return take_terminal(tty, argument == 1);
    }
    if (current->terminal != tty) {
        return -ENOTTY;
    }
    switch (request) {
    case TIOCGPGRP:
        return copy_to_user(argument, &tty->foreground, sizeof(tty->foreground));
    case TIOCSPGRP:
        return set_foreground(tty, argument);
    case TIOCGSID:
        return copy_to_user(argument, &tty->session, sizeof(tty->session));
    case TIOCNOTTY:
        tty_session_ends(current); /* nothing, unless it is the leader */
        current->terminal = NULL;
        return 0;
    default:
        return -ENOTTY;
    }
}
