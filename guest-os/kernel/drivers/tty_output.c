/* The output side of a terminal: OPOST, the column, and the ring from which the device takes. The
 * ring is touched with interrupts off, since the device takes from it in its interrupt.
 * See: termios(3), c_oflag. SPDX-License-Identifier: MIT */
#include "drivers/tty_jobs.h"
#include "drivers/tty_line.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"

#define TAB       8u /* columns; also the most bytes that one character becomes */
#define SPACES    "        "
#define WORTH     (TTY_OUTPUT_BYTES / 2) /* room for which writers are woken */
#define COPY_MOST 256u                   /* bytes moved across the border at once */

static uint32_t room(const struct tty *tty)
{
    return TTY_OUTPUT_BYTES - (tty->output_end - tty->output_first);
}

void tty_put_raw(struct tty *tty, uint8_t c)
{
    bool were_on = interrupts_save_off();

    if (room(tty) > 0) {
        tty->output[tty->output_end++ % TTY_OUTPUT_BYTES] = c;
    }
    interrupts_restore(were_on);
}

static void put_text(struct tty *tty, const char *text, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        tty_put_raw(tty, (uint8_t)text[i]);
    }
}

static bool output_flag(const struct tty *tty, uint32_t flag)
{
    return (tty->settings.c_oflag & flag) != 0;
}

static void put_newline(struct tty *tty)
{
    if (output_flag(tty, ONLRET)) {
        tty->column = 0;
    }
    if (output_flag(tty, ONLCR)) {
        tty->column = 0;
        tty_put_raw(tty, '\r');
    }
    tty->line_column = tty->column;
    tty_put_raw(tty, '\n');
}

static void put_return(struct tty *tty)
{
    if (output_flag(tty, ONOCR) && tty->column == 0) {
        return;
    }
    if (output_flag(tty, OCRNL)) {
        if (output_flag(tty, ONLRET)) {
            tty->column = tty->line_column = 0;
        }
        tty_put_raw(tty, '\n');
        return;
    }
    tty->column = tty->line_column = 0;
    tty_put_raw(tty, '\r');
}

/* One character, with OPOST; there is room for what it becomes. */
static void put_processed(struct tty *tty, uint8_t c)
{
    uint32_t spaces = TAB - tty->column % TAB;

    switch (c) {
    case '\n':
        put_newline(tty);
        return;
    case '\r':
        put_return(tty);
        return;
    case '\t':
        tty->column += spaces;
        if ((tty->settings.c_oflag & TABDLY) == XTABS) {
            put_text(tty, SPACES, spaces);
            return;
        }
        break;
    case '\b':
        tty->column -= tty->column > 0;
        break;
    default:
        tty->column += !tty_is_control(c) && !tty_is_continuation(tty, c);
        break;
    }
    tty_put_raw(tty, c);
}

uint32_t tty_put(struct tty *tty, const uint8_t *text, uint32_t count, bool echo)
{
    uint32_t least = TAB + (echo ? 0 : TTY_ECHO_BYTES);
    bool processed = output_flag(tty, OPOST);
    uint32_t done = 0;

    for (; done < count && room(tty) >= least; done++) {
        if (processed) {
            put_processed(tty, text[done]);
        } else {
            tty_put_raw(tty, text[done]);
        }
    }
    return done;
}

void tty_begin_output(struct tty *tty)
{
    bool were_on = interrupts_save_off();

    if (tty->driver != NULL && !tty->stopped && tty->output_first != tty->output_end) {
        tty->driver->start(tty);
    }
    interrupts_restore(were_on);
}

void tty_forget_output(struct tty *tty)
{
    bool were_on = interrupts_save_off();

    tty->output_first = tty->output_end;
    files_wake(tty->output);
    interrupts_restore(were_on);
}

void tty_stop(struct tty *tty, bool stop)
{
    tty->stopped = stop;
    if (!stop) {
        tty_begin_output(tty);
        files_wake(tty->output);
    }
}

/* ---- for drivers ---- */

int32_t tty_next_output(struct tty *tty)
{
    if (tty->stopped || tty->output_first == tty->output_end) {
        return -1;
    }
    return tty->output[tty->output_first++ % TTY_OUTPUT_BYTES];
}

void tty_sent(struct tty *tty)
{
    if (room(tty) >= WORTH) {
        files_wake(tty->output);
    }
}

/* ---- write(2) ---- */

/* Wait until there is room worth it; -EAGAIN, -ERESTARTSYS. */
static int32_t wait_for_room(struct tty *tty, bool wait)
{
    int32_t result = 0;

    interrupts_off();
    while (result == 0 && room(tty) < WORTH) {
        if (!wait) {
            result = -EAGAIN;
        } else if (signal_is_pending(current)) {
            result = -ERESTARTSYS;
        } else {
            sleep_on(tty->output);
        }
    }
    interrupts_on();
    return result;
}

static int32_t write_all(const struct tty_request *request, uint32_t from_user, uint32_t bytes)
{
    struct tty *tty = request->tty;
    uint8_t buffer[COPY_MOST];
    uint32_t done = 0;
    int32_t result = 0;

    while (done < bytes && result == 0) {
        uint32_t part = bytes - done < sizeof(buffer) ? bytes - done : sizeof(buffer);
        uint32_t put;

        if (copy_from_user(buffer, from_user + done, part) != 0) {
            result = -EFAULT;
            break;
        }
        put = tty_put(tty, buffer, part, false);
        done += put;
        tty_begin_output(tty);
        if (signal_is_pending(current) && done < bytes) {
            result = -ERESTARTSYS;
        } else if (put < part) {
            result = wait_for_room(tty, request->wait);
        }
    }
    return done > 0 ? (int32_t)done : result;
}

int32_t tty_write(const struct tty_request *request, uint32_t from_user, uint32_t bytes)
{
    struct tty *tty = request->tty;
    int32_t result = 0;

    if (tty_local(tty, TOSTOP) && !request->is_console) {
        result = tty_check_foreground(tty, SIGTTOU);
    }
    interrupts_off();
    while (result == 0 && tty->writing) {
        if (!request->wait) {
            result = -EAGAIN;
        } else if (signal_is_pending(current)) {
            result = -ERESTARTSYS;
        } else {
            sleep_on(&tty->writing);
        }
    }
    interrupts_on();
    if (result != 0) {
        return result;
    }
    tty->writing = true;
    result = write_all(request, from_user, bytes);
    tty->writing = false;
    wake_all(&tty->writing);
    return result;
}

int32_t tty_wait_until_sent(struct tty *tty)
{
    int32_t result = 0;

    interrupts_off();
    while (result == 0 && tty->driver != NULL && tty->driver->busy != NULL &&
           (tty->output_first != tty->output_end || tty->driver->busy(tty))) {
        if (signal_is_pending(current)) {
            result = -ERESTARTSYS;
        } else {
            current->wake_tick = ticks + 1; /* nothing tells when the last byte is out */
            current->wake_set = true;
            sleep_on(tty->output);
        }
    }
    current->wake_set = false;
    interrupts_on();
    return result;
}
