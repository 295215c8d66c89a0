/* A terminal as an open file: /dev/tty1, /dev/ttyS0, /dev/ttyS1; /dev/tty is the controlling one,
 * /dev/console the one that console= names. What is written to /dev/console goes to all consoles,
 * as the kernel's messages do. See: tty(4), console(4). SPDX-License-Identifier: MIT */
#include "drivers/console.h"
#include "drivers/tty_jobs.h"
#include "files/file.h"

static bool is_console(const struct file *file)
{
    return file->node->device == DEVICE_CONSOLE;
}

int32_t terminal_open(struct file *file, uint32_t flags)
{
    uint32_t device = file->node->device;

    file->tty = device == DEVICE_TTY       ? current->terminal
                : device == DEVICE_CONSOLE ? console_tty()
                                           : tty_find(device);
    if (file->tty == NULL) {
        return -ENXIO;
    }
    if ((flags & O_NOCTTY) == 0 && !is_console(file) && (flags & O_ACCMODE) != O_WRONLY) {
        tty_opened(file->tty);
    }
    return 0;
}

static struct tty_request request_of(const struct file *file)
{
    return (struct tty_request){
        .tty = file->tty, .wait = (file->flags & O_NONBLOCK) == 0, .is_console = is_console(file)};
}

static int32_t terminal_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    struct tty_request request = request_of(file);

    return tty_read(&request, to_user, bytes);
}

static int32_t terminal_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    struct tty_request request = request_of(file);
    int32_t result = tty_write(&request, from_user, bytes);

    if (is_console(file) && result > 0) {
        console_copy_to_others(from_user, (uint32_t)result);
    }
    return result;
}

static int32_t terminal_control(struct file *file, uint32_t request, uint32_t argument)
{
    return tty_control(file->tty, request, argument);
}

static uint32_t terminal_poll(struct file *file)
{
    return tty_poll(file->tty);
}

const struct file_operations terminal_operations = {
    .read = terminal_read,
    .write = terminal_write,
    .control = terminal_control,
    .poll = terminal_poll,
};
