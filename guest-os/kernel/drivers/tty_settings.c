/* ioctl(2) on a terminal: settings, size, waiting, throwing away; tty_jobs.c has the rest.
 * See: tty_ioctl(4). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/tty_jobs.h"
#include "drivers/tty_line.h"
#include "files/file.h"
#include "heart/cpu.h"

static int32_t change_settings(struct tty *tty, uint32_t request, uint32_t argument)
{
    struct termios new;
    bool was_canonical, had_flow_control;
    int32_t result = tty_check_foreground(tty, SIGTTOU);

    if (result != 0) {
        return result;
    }
    if (copy_from_user(&new, argument, sizeof(new)) != 0) {
        return -EFAULT;
    }
    if (request == TCSETSF) {
        tty_forget_input(tty);
    }
    if (request != TCSETS) {
        result = tty_wait_until_sent(tty);
    }
    if (result != 0) {
        return result;
    }
    was_canonical = tty_local(tty, ICANON); /* others may have changed it during the wait */
    had_flow_control = tty_input_flag(tty, IXON);
    tty->settings = new;
    tty_change_mode(tty, was_canonical);
    if (had_flow_control && !tty_input_flag(tty, IXON)) {
        tty_stop(tty, false);
    }
    interrupts_off();
    if (tty->driver->change != NULL) {
        tty->driver->change(tty);
    }
    interrupts_on();
    tty_take_arrived(tty);
    files_wake(tty->line); /* for readers, the conditions may be others now */
    return 0;
}

static int32_t change_size(struct tty *tty, uint32_t argument)
{
    struct winsize new;

    if (copy_from_user(&new, argument, sizeof(new)) != 0) {
        return -EFAULT;
    }
    if (memcmp(&new, &tty->size, sizeof(new)) != 0) {
        tty->size = new;
        tty_signal(tty, SIGWINCH);
    }
    return 0;
}

static int32_t forget(struct tty *tty, uint32_t which)
{
    if (which > TCIOFLUSH) {
        return -EINVAL;
    }
    if (which != TCOFLUSH) {
        tty->arrived_first = tty->arrived_end;
        tty_forget_input(tty);
        tty_take_arrived(tty);
    }
    if (which != TCIFLUSH) {
        tty_forget_output(tty);
    }
    return 0;
}

static int32_t control_flow(struct tty *tty, uint32_t what)
{
    uint8_t c = tty->settings.c_cc[what == TCIOFF ? VSTOP : VSTART];

    switch (what) {
    case TCOOFF:
    case TCOON:
        tty_stop(tty, what == TCOOFF);
        return 0;
    case TCIOFF:
    case TCION:
        if (c != 0) {
            tty_put_raw(tty, c);
            tty_begin_output(tty);
        }
        return 0;
    default:
        return -EINVAL;
    }
}

/* Requests that a process in the background is stopped for. */
static int32_t change_state(struct tty *tty, uint32_t request, uint32_t argument)
{
    int32_t result = tty_check_foreground(tty, SIGTTOU);

    if (result != 0) {
        return result;
    }
    switch (request) {
    case TCSBRK: /* a break is not sent, but waited for */
        return tty_wait_until_sent(tty);
    case TCFLSH:
        return forget(tty, argument);
    default:
        return control_flow(tty, argument);
    }
}

static int32_t give_number(uint32_t argument, uint32_t number)
{
    return copy_to_user(argument, &number, sizeof(number));
}

int32_t tty_control(struct tty *tty, uint32_t request, uint32_t argument)
{
    switch (request) {
    case TCGETS:
        return copy_to_user(argument, &tty->settings, sizeof(tty->settings));
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return change_settings(tty, request, argument);
    case TIOCGWINSZ:
        return copy_to_user(argument, &tty->size, sizeof(tty->size));
    case TIOCSWINSZ:
        return change_size(tty, argument);
    case FIONREAD:
        return give_number(argument, tty_readable(tty));
    case TIOCOUTQ:
        return give_number(argument, tty->output_end - tty->output_first);
    case TCSBRK:
    case TCFLSH:
    case TCXONC:
        return change_state(tty, request, argument);
    default:
        return tty_jobs_control(tty, request, argument);
    }
}
