/* poll: wait until one of several files can be read or written. Everybody who polls sleeps on one
 * channel and looks at its own files again when anything happens. Interrupts are on.
 * See: poll(2). SPDX-License-Identifier: MIT */
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

/* Look at every file once and store the results; how many have one, or -EFAULT. */
static int32_t look(uint32_t fds_at, uint32_t count)
{
    int32_t found = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct pollfd entry;
        struct file *file;

        if (copy_from_user(&entry, fds_at + i * sizeof(entry), sizeof(entry)) != 0) {
            return -EFAULT;
        }
        file = entry.fd < 0 ? NULL : file_of((uint32_t)entry.fd);
        entry.revents = entry.fd < 0 || file != NULL ? 0 : POLLNVAL;
        if (file != NULL) {
            uint32_t now =
                file->operations->poll == NULL ? POLLIN | POLLOUT : file->operations->poll(file);

            entry.revents = (uint16_t)(now & (entry.events | POLLERR | POLLHUP));
        }
        found += entry.revents != 0;
        if (copy_to_user(fds_at + i * sizeof(entry), &entry, sizeof(entry)) != 0) {
            return -EFAULT;
        }
    }
    return found;
}

int32_t sys_poll(struct trap_frame *frame)
{
    int32_t milliseconds = (int32_t)frame->edx;
    bool timed = milliseconds >= 0;
    int32_t found;

    if (frame->ecx > DESCRIPTOR_LIMIT) {
        return -EINVAL;
    }
    interrupts_off();
    current->wake_tick =
        ticks + 1 + (uint32_t)((uint64_t)(timed ? (uint32_t)milliseconds : 0) * tick_hz / 1000);
    current->wake_set = timed && milliseconds > 0;
    for (;;) {
        found = look(frame->ebx, frame->ecx); /* interrupts stay off: nothing can happen between */
        if (found != 0 || (timed && !current->wake_set)) {
            break;
        }
        if (signal_is_pending(current)) {
            found = -ERESTARTNOHAND;
            break;
        }
        sleep_on(poll_channel);
    }
    current->wake_set = false;
    interrupts_on();
    return found;
}
