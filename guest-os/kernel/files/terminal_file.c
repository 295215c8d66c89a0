/* A terminal as an open file: /dev/tty1, /dev/ttyS0, /dev/pts/0; /dev/tty is the controlling one,
 * /dev/console the one that console= names. What is written to /dev/console goes to all consoles,
 * as the kernel's messages do. See: tty(4), console(4). SPDX-License-Identifier: MIT */
#include "drivers/console.h"
#include "drivers/tty_jobs.h"
#include "files/file.h"

static bool is_console(const struct file *file)
{
    return file->node->device == DEVICE_CONSOLE;
}

static int32_t terminal_open(struct file *file, uint32_t flags)
{
    uint32_t device = file->node->device;

    file->tty = device == DEVICE_TTY       ? current->terminal
                : device == DEVICE_CONSOLE ? console_tty()
                                           : tty_find(device);
    if (file->tty == NULL) {
        return -ENXIO;
    }
    if (file->tty->driver->opened != NULL) {
        int32_t result = file->tty->driver->opened(file->tty);

        if (result != 0) {
            return result;
        }
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
    int32_t result = file->tty->hung_up ? -EIO : tty_write(&request, from_user, bytes);

    if (is_console(file) && result > 0) {
        console_copy_to_others(from_user, (uint32_t)result);
    }
    return result;
}

static int32_t terminal_control(struct file *file, uint32_t request, uint32_t argument)
{
    return file->tty->hung_up ? -EIO : tty_control(file->tty, request, argument);
}

static uint32_t terminal_poll(struct file *file)
{
    return tty_poll(file->tty) | (file->tty->hung_up ? POLLERR | POLLOUT : 0);
}

static void terminal_close(struct file *file)
{
    if (file->tty->driver->closed != NULL) {
        file->tty->driver->closed(file->tty);
    }
}

const struct file_operations terminal_operations = {
    .open = terminal_open,
    .read = terminal_read,
    .write = terminal_write,
    .control = terminal_control,
    .poll = terminal_poll,
    .close = terminal_close,
};
