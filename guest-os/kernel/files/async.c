/* O_ASYNC: whoever owns an open pipe or terminal is told by a signal that there is something to do
 * now, instead of asking again and again. Interrupts may be off: terminals come from their bottom
 * halves. See: fcntl(2), signal(7). SPDX-License-Identifier: MIT */
#include "drivers/tty.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/signal.h"

static struct file *async_first; /* open files with O_ASYNC */

void file_set_async(struct file *file, bool on)
{
    struct file **at = &async_first;
    bool were_on;

    if (on == ((file->flags & O_ASYNC) != 0) || file->operations->poll == NULL) {
        return;
    }
    file->flags ^= O_ASYNC;
    were_on = interrupts_save_off();
    while (*at != NULL && *at != file) {
        at = &(*at)->next_async;
    }
    if (on) {
        file->next_async = async_first;
        async_first = file;
    } else {
        *at = file->next_async;
    }
    interrupts_restore(were_on);
}

/* Without F_SETSIG it is a SIGIO that says nothing; with it, which descriptor can not be known
 * here, since several may lead to the open file: si_fd is -1. */
static void tell(const struct file *file, uint32_t events)
{
    uint32_t signal = file->owner_signal == 0 ? SIGIO : file->owner_signal;
    struct signal_cause cause = {.code = SI_KERNEL};

    if (file->owner_signal != 0) {
        cause.code = events & POLLHUP ? POLL_HUP : events & POLLIN ? POLL_IN : POLL_OUT;
        cause.value = events;
        cause.user = (uint32_t)-1;
    }
    for (struct process *to = process_first; to != NULL; to = to->next) {
        bool meant = file->owner > 0 ? to->pid == file->owner : to->group == -file->owner;

        if (meant && to->leader == to &&
            (file->owner_by == 0 || file->owner_by == to->uid || file->owner_by == to->suid)) {
            signal_send(to, signal, &cause);
        }
    }
}

void file_tell_owners(const void *channel)
{
    for (struct file *file = async_first; file != NULL; file = file->next_async) {
        bool concerned = file->pipe == channel || (file->tty != NULL && file->tty->line == channel);
        uint32_t events = concerned && file->owner != 0 ? file->operations->poll(file) : 0;

        if (events & (POLLIN | POLLOUT | POLLHUP)) {
            tell(file, events);
        }
    }
}

/* F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG. */
int32_t file_control_owner(struct file *file, uint32_t command, uint32_t argument)
{
    int32_t owner = (int32_t)argument;

    switch (command) {
    case F_GETOWN:
        return file->owner;
    case F_GETSIG:
        return (int32_t)file->owner_signal;
    case F_SETSIG:
        if (argument > NSIG) {
            return -EINVAL;
        }
        file->owner_signal = argument;
        return 0;
    default:
        if (owner > 0 && process_find(owner) == NULL) {
            return -ESRCH;
        }
        file->owner = owner;
        file->owner_by = current->euid;
        return 0;
    }
}
