/* The terminal as an open file. SPDX-License-Identifier: MIT */
#include "drivers/tty.h"
#include "files/file.h"

static int32_t terminal_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    return tty_read(to_user, bytes, (file->flags & O_NONBLOCK) == 0);
}

static int32_t terminal_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    (void)file;
    return tty_write(from_user, bytes);
}

static int32_t terminal_control(struct file *file, uint32_t request, uint32_t argument)
{
    (void)file;
    return tty_control(request, argument);
}

static uint32_t terminal_poll(struct file *file)
{
    (void)file;
    return tty_poll();
}

const struct file_operations terminal_operations = {
    .read = terminal_read,
    .write = terminal_write,
    .control = terminal_control,
    .poll = terminal_poll,
};
