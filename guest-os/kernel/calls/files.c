/* read and write: descriptors 0, 1 and 2 are the terminal, there are no others yet.
 * Interrupts are on. See: read(2), write(2). SPDX-License-Identifier: MIT */
#include "drivers/tty.h"
#include "heart/system_call.h"
#include "include/abi.h"

#define LAST_DESCRIPTOR 2

int32_t sys_read(struct trap_frame *frame)
{
    if (frame->ebx > LAST_DESCRIPTOR) {
        return -EBADF;
    }
    return tty_read(frame->ecx, frame->edx);
}

int32_t sys_write(struct trap_frame *frame)
{
    if (frame->ebx > LAST_DESCRIPTOR) {
        return -EBADF;
    }
    if (frame->edx > (uint32_t)INT32_MAX) {
        return -EINVAL;
    }
    return tty_write(frame->ecx, frame->edx);
}
