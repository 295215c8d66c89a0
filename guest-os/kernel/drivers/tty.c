/* The table of terminals, what drivers give to them, and what reads wait for.
 * SPDX-License-Identifier: MIT */
#include "drivers/tty.h"

#include "common/text.h"
#include "drivers/pty.h"
#include "drivers/screen.h"
#include "drivers/serial.h"
#include "drivers/tty_jobs.h"
#include "drivers/tty_line.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "support/log.h"
#include "support/options.h"

#define COPY_MOST 256u /* bytes moved across the border at once */

#define CONTROL_CHARACTERS                                                                         \
    {                                                                                              \
        [VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4, [VMIN] = 1,           \
        [VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15,               \
        [VWERASE] = 23, [VLNEXT] = 22,                                                             \
    }
#define SETTINGS(speed)                                                                            \
    {                                                                                              \
        .c_iflag = ICRNL | IXON, .c_oflag = OPOST | ONLCR,                                         \
        .c_cflag = (speed) | CS8 | CREAD | HUPCL | CLOCAL,                                         \
        .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,               \
        .c_cc = CONTROL_CHARACTERS,                                                                \
    }

const struct termios tty_first_settings = SETTINGS(B38400);

struct tty ttys[TTY_COUNT] = {
    {.name = "tty1",
     .device = DEVICE_TTY1,
     .driver = &screen_tty_driver,
     .settings = SETTINGS(B38400),
     .size = {SCREEN_ROWS, SCREEN_COLUMNS, 0, 0}},
    {.name = "ttyS0",
     .device = DEVICE_TTYS0,
     .unit = 0,
     .driver = &serial_tty_driver,
     .settings = SETTINGS(B115200),
     .size = {24, 80, 0, 0}},
    {.name = "ttyS1",
     .device = DEVICE_TTYS1,
     .unit = 1,
     .driver = &serial_tty_driver,
     .settings = SETTINGS(B115200),
     .size = {24, 80, 0, 0}},
};

/* The bottom half. */
static void do_the_rest(void *argument)
{
    struct tty *tty = argument;

    if (tty->driver->gather != NULL) {
        tty->driver->gather(tty);
    }
    tty_take_arrived(tty);
}

/* exec=pipe: the serial lines are pipes for bytes, before the first one comes. */
static void make_pipes(void)
{
    for (uint32_t i = 0; i < TTY_COUNT; i++) {
        struct termios *settings = &ttys[i].settings;

        if (&ttys[i] != TTY_SCREEN) {
            settings->c_iflag = settings->c_oflag = settings->c_lflag = 0;
            settings->c_cflag &= ~CLOCAL; /* hanging up is the end of input */
        }
    }
}

void tty_start(void)
{
    if (strcmp(option_text("exec", ""), "pipe") == 0) {
        make_pipes();
    }
    for (uint32_t i = 0; i < TTY_COUNT; i++) {
        struct tty *tty = &ttys[i];

        tty->half = (struct bottom_half){.name = tty->name, .work = do_the_rest, .argument = tty};
        if (tty->driver != NULL && bottom_half_start(&tty->half) != 0) {
            panic("no thread for %s", tty->name);
        }
        bottom_half_raise(&tty->half);
    }
}

struct tty *tty_find(uint32_t device)
{
    for (uint32_t i = 0; i < TTY_COUNT; i++) {
        if (ttys[i].device == device && ttys[i].driver != NULL) {
            return &ttys[i];
        }
    }
    return pty_find(device);
}

/* ---- for drivers ---- */

bool tty_arrive(struct tty *tty, uint8_t byte)
{
    if (tty->arrived_end - tty->arrived_first == TTY_ARRIVED_BYTES) {
        tty->held_back = true;
        return false;
    }
    tty->arrived[tty->arrived_end++ % TTY_ARRIVED_BYTES] = byte;
    return true;
}

bool tty_arrive_text(struct tty *tty, const char *text)
{
    if (TTY_ARRIVED_BYTES - (tty->arrived_end - tty->arrived_first) < strlen(text)) {
        return false;
    }
    for (; *text != '\0'; text++) {
        tty_arrive(tty, (uint8_t)*text);
    }
    return true;
}

void tty_carrier(struct tty *tty, bool is_there)
{
    bool lost = !is_there && (tty->settings.c_cflag & CLOCAL) == 0;

    if (lost && !tty->no_carrier) {
        tty_hang_up(tty);
    }
    tty->no_carrier = lost;
    files_wake(tty->line);
}

/* ---- read(2) ---- */

/* Is the line hung up and everything read that came before? */
static bool is_at_end(const struct tty *tty)
{
    return tty->no_carrier && tty->arrived_first == tty->arrived_end && !tty->held_back;
}

/* Sleep until something can be taken; -EAGAIN, -ERESTARTSYS. With current->wake_set only until
 * current->wake_tick: then, and at the end, 0 without input. Interrupts are off. */
static int32_t wait_for_input(const struct tty_request *request, bool timed)
{
    struct tty *tty = request->tty;
    int32_t result = 0;

    while (!tty_has_input(tty, 1) && !is_at_end(tty) && !(timed && !current->wake_set)) {
        if (!request->wait) {
            result = -EAGAIN;
        } else if (signal_is_pending(current)) {
            result = -ERESTARTSYS;
        }
        if (result != 0) {
            break;
        }
        sleep_on(tty->line);
    }
    current->wake_set = false;
    return result;
}

/* Time-outs in raw mode: VTIME alone counts from the start of the read, with VMIN from the last
 * byte. True: there is one now. */
static bool set_time_out(const struct tty *tty, bool any)
{
    const uint8_t *characters = tty->settings.c_cc;
    bool timed = !tty_local(tty, ICANON) && (any || characters[VMIN] == 0);

    if (timed && any && characters[VTIME] == 0) {
        return false; /* the rest of VMIN may take as long as it likes */
    }
    current->wake_tick = ticks + 1 + characters[VTIME] * tick_hz / 10;
    current->wake_set = timed && characters[VTIME] > 0;
    return timed;
}

/* Take what is there into the program's memory: at most `bytes`; -EFAULT. */
static int32_t take(struct tty *tty, uint32_t to_user, uint32_t bytes)
{
    uint8_t buffer[COPY_MOST];
    uint32_t done = 0, part;
    bool ended = false;

    do {
        part = tty_take_input(tty, buffer, bytes - done < COPY_MOST ? bytes - done : COPY_MOST,
                              &ended);
        if (copy_to_user(to_user + done, buffer, part) != 0) {
            return -EFAULT;
        }
        done += part;
    } while (done < bytes && part == COPY_MOST && !ended);
    tty_take_arrived(tty); /* there may be room again for what waits */
    return (int32_t)done;
}

int32_t tty_read(const struct tty_request *request, uint32_t to_user, uint32_t bytes)
{
    struct tty *tty = request->tty;
    uint32_t done = 0, least;
    int32_t result = request->is_console ? 0 : tty_check_foreground(tty, SIGTTIN);

    if (bytes == 0 || result != 0) {
        return result;
    }
    do {
        interrupts_off();
        result = wait_for_input(request, set_time_out(tty, done > 0));
        interrupts_on();
        if (result == 0) {
            result = tty_has_input(tty, 1) ? take(tty, to_user + done, bytes - done) : 0;
        }
        if (result <= 0) {
            break;
        }
        done += (uint32_t)result;
        least = tty_local(tty, ICANON) ? 0 : tty->settings.c_cc[VMIN];
    } while (done < bytes && done < least);
    return done > 0 ? (int32_t)done : result;
}

uint32_t tty_poll(const struct tty *tty)
{
    const uint8_t *characters = tty->settings.c_cc;
    uint32_t least = characters[VTIME] == 0 && characters[VMIN] > 0 ? characters[VMIN] : 1;
    uint32_t result = is_at_end(tty) ? POLLIN | POLLHUP : 0;

    if (tty_has_input(tty, least)) {
        result |= POLLIN;
    }
    if (tty->output_end - tty->output_first < TTY_OUTPUT_BYTES / 2) {
        result |= POLLOUT;
    }
    return result;
}
