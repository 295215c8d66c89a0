/* Pseudo terminals. Opening /dev/ptmx makes the terminal /dev/pts/N; the open file is its device:
 * what is written to this "master" was typed, what it reads was written to the terminal. Everything
 * between is the line discipline of all terminals. Not kept: packet mode, TIOCGPTPEER.
 * See: pty(7), ioctl_tty(2). SPDX-License-Identifier: MIT */
#include "drivers/pty.h"

#include "common/text.h"
#include "drivers/tty_jobs.h"
#include "drivers/tty_line.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"

#define PTY_COUNT 8
#define COPY_MOST 256u /* bytes moved across the border at once */

struct pty {
    struct tty tty;     /* `arrived` is what the master sleeps on */
    struct node *node;  /* /dev/pts/N, with a user */
    uint32_t terminals; /* open files of it */
    bool has_master;    /* the file of /dev/ptmx is open */
    bool was_opened;    /* once: with no terminal left, the master has come to its end */
    bool locked;        /* until TIOCSPTLCK: the terminal can not be opened */
};

static struct pty ptys[PTY_COUNT];
static struct node *names; /* /dev/pts */

static struct pty *pty_of(const struct tty *tty)
{
    return &ptys[tty->unit];
}

/* ---- the device of the terminal, see struct tty_driver ---- */

static void wake_master(struct tty *tty)
{
    if (tty->hung_up) { /* nobody will read it */
        tty->output_first = tty->output_end;
        tty_sent(tty);
    }
    files_wake(tty->arrived);
}

static void drain(struct tty *tty)
{
    (void)tty;
}

static int32_t opened(struct tty *tty)
{
    struct pty *pty = pty_of(tty);

    if (pty->locked) {
        return -EIO;
    }
    pty->terminals++;
    pty->was_opened = true;
    return 0;
}

static void closed(struct tty *tty)
{
    pty_of(tty)->terminals--;
    wake_master(tty);
}

static const struct tty_driver pty_driver = {.start = wake_master,
                                             .resume = wake_master,
                                             .drain = drain,
                                             .opened = opened,
                                             .closed = closed};

void pty_start(struct node *directory)
{
    names = directory;
}

struct tty *pty_find(uint32_t device)
{
    struct pty *pty = &ptys[device - DEVICE_PTS];

    return device - DEVICE_PTS < PTY_COUNT && pty->has_master ? &pty->tty : NULL;
}

/* ---- the master ---- */

static bool has_output(const struct tty *tty)
{
    return !tty->stopped && tty->output_first != tty->output_end;
}

static bool has_room(const struct tty *tty)
{
    return tty->arrived_end - tty->arrived_first < TTY_ARRIVED_BYTES;
}

static bool is_at_end(const struct tty *tty)
{
    return pty_of(tty)->was_opened && pty_of(tty)->terminals == 0;
}

/* Sleep until is_so(file->tty); -EAGAIN, -ERESTARTSYS, and with `ends` -EIO at the end. */
static int32_t wait_until(const struct file *file, bool (*is_so)(const struct tty *), bool ends)
{
    int32_t result = 0;

    interrupts_off();
    while (result == 0 && !is_so(file->tty)) {
        if (ends && is_at_end(file->tty)) {
            result = -EIO;
        } else if (file->flags & O_NONBLOCK) {
            result = -EAGAIN;
        } else if (signal_is_pending(current)) {
            result = -ERESTARTSYS;
        } else {
            sleep_on(file->tty->arrived);
        }
    }
    interrupts_on();
    return result;
}

static int32_t master_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    struct tty *tty = file->tty;
    uint8_t buffer[COPY_MOST];
    uint32_t count = 0;
    int32_t result = bytes == 0 ? 0 : wait_until(file, has_output, true);

    while (result == 0 && count < bytes && count < COPY_MOST && has_output(tty)) {
        buffer[count++] = (uint8_t)tty_next_output(tty);
    }
    tty_sent(tty);
    result = result == 0 ? copy_to_user(to_user, buffer, count) : result;
    return result == 0 ? (int32_t)count : result;
}

static int32_t master_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    struct tty *tty = file->tty;
    uint8_t buffer[COPY_MOST];
    uint32_t done = 0;
    int32_t result = 0;

    while (done < bytes && result == 0) {
        uint32_t part = bytes - done < COPY_MOST ? bytes - done : COPY_MOST, put = 0;

        result = wait_until(file, has_room, false);
        result = result == 0 ? copy_from_user(buffer, from_user + done, part) : result;
        while (result == 0 && put < part && tty_arrive(tty, buffer[put])) {
            put++;
        }
        done += put;
        tty_take_arrived(tty);
    }
    return done > 0 ? (int32_t)done : result;
}

static int32_t master_control(struct file *file, uint32_t request, uint32_t argument)
{
    struct tty *tty = file->tty;
    uint32_t number = tty->output_end - tty->output_first;

    switch (request) {
    case TIOCGPTN:
        return copy_to_user(argument, &tty->unit, sizeof(tty->unit));
    case TIOCSPTLCK:
        if (copy_from_user(&number, argument, sizeof(number)) != 0) {
            return -EFAULT;
        }
        pty_of(tty)->locked = number != 0;
        return 0;
    case FIONREAD:
        return copy_to_user(argument, &number, sizeof(number));
    case TIOCGPGRP:
        return copy_to_user(argument, &tty->foreground, sizeof(tty->foreground));
    case TIOCSCTTY:
    case TIOCNOTTY:
        return -ENOTTY; /* it is no terminal itself */
    default:
        return tty_control(tty, request, argument);
    }
}

static uint32_t master_poll(struct file *file)
{
    return (has_output(file->tty) ? POLLIN : 0) | (has_room(file->tty) ? POLLOUT : 0) |
           (is_at_end(file->tty) ? POLLHUP : 0);
}

/* /dev/pts/N goes, unless somebody took it away before. */
static void remove_name(struct pty *pty)
{
    struct node *found = NULL;
    char name[8]; /* text */

    snprintf(name, sizeof(name), "%u", pty->tty.unit);
    if (names->operations->lookup(names, name, &found) == 0) {
        if (found == pty->node) {
            name_take(names, name, found);
        }
        node_put(found);
    }
    node_put(pty->node);
}

static void master_close(struct file *file)
{
    struct tty *tty = file->tty;

    tty_hang_up(tty);
    tty_detach_session(tty);
    tty->arrived_first = tty->arrived_end;
    tty_forget_input(tty);
    tty->hung_up = tty->no_carrier = true;
    tty->held_back = false;
    tty_stop(tty, false);
    wake_master(tty);
    files_wake(tty->line);
    remove_name(pty_of(tty));
    pty_of(tty)->has_master = false;
}

static int32_t master_open(struct file *file, uint32_t flags)
{
    struct pty *pty;
    uint32_t unit = 0;
    struct node *node = NULL;
    char name[8]; /* text */

    (void)flags;
    while (unit < PTY_COUNT && (ptys[unit].has_master || ptys[unit].terminals > 0)) {
        unit++;
    }
    if (unit == PTY_COUNT || names == NULL) {
        return -ENOSPC;
    }
    snprintf(name, sizeof(name), "%u", unit);
    if (names->operations->lookup(names, name, &node) == 0) { /* not ours */
        node_put(node);
        return -ENOSPC;
    }
    if (name_make(names, name, S_IFCHR | 0620, DEVICE_PTS + unit, NULL, &node) != 0) {
        return -ENOSPC;
    }
    pty = &ptys[unit];
    memset(pty, 0, sizeof(*pty));
    pty->has_master = pty->locked = true;
    pty->node = node;
    pty->tty.unit = unit;
    pty->tty.device = DEVICE_PTS + unit;
    pty->tty.driver = &pty_driver;
    pty->tty.settings = tty_first_settings;
    snprintf(pty->tty.name, sizeof(pty->tty.name), "pts/%u", unit);
    file->tty = &pty->tty;
    return 0;
}

const struct file_operations pty_master_operations = {
    .open = master_open,
    .read = master_read,
    .write = master_write,
    .control = master_control,
    .poll = master_poll,
    .close = master_close,
};
