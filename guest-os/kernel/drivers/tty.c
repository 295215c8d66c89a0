/* The line discipline. In canonical mode a line can be corrected until Enter hands it to the
 * readers; in raw mode every character goes to them at once. Typed characters come from interrupt
 * handlers, readers wait in their system call; the two meet in `ready`, touched with interrupts off
 * only. Not kept: flow control, speeds, VTIME while VMIN is not 0. See: termios(3).
 * SPDX-License-Identifier: MIT */
#include "drivers/tty.h"

#include "drivers/console.h"
#include "drivers/tty_jobs.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"

#define KEY_BACKSPACE                                                                              \
    0x08 /* Ctrl-H erases as well as VERASE does: screens differ in what they send */
#define END_OF_FILE 0x100 /* in `ready`: a mark, not a character */
#define LINE_BYTES  256   /* a longer line is not taken */
#define READY_LIMIT 1024  /* power of two: characters that nobody has read yet */
#define COPY_BYTES  128   /* moved across the border at once */
#define ROWS        25
#define COLUMNS     80

static struct termios settings = {
    .c_iflag = ICRNL,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = 0xBF, /* 38400 baud, 8 bits, receiver on */
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .c_cc = {[VINTR] = 3,
             [VQUIT] = 28,
             [VERASE] = 127,
             [VKILL] = 21,
             [VEOF] = 4,
             [VMIN] = 1,
             [VSUSP] = 26},
};
static char line[LINE_BYTES]; /* being typed */
static uint32_t line_length;
static uint16_t ready[READY_LIMIT]; /* ring: characters and END_OF_FILE */
static uint32_t ready_first, ready_end;

static bool local(uint32_t flag)
{
    return (settings.c_lflag & flag) != 0;
}

/* Is `c` the special character `which`? 0 there means that there is none. */
static bool is_special(char c, uint32_t which)
{
    return settings.c_cc[which] != 0 && (uint8_t)c == settings.c_cc[which];
}

/* ---- output ---- */

static void put(char c)
{
    if (c == '\n' && (settings.c_oflag & OPOST) && (settings.c_oflag & ONLCR)) {
        console_put('\n');
    } else {
        console_put_raw(c);
    }
}

static void echo(char c)
{
    if (!local(ECHO)) {
        return;
    }
    if ((uint8_t)c < ' ' && c != '\n' && c != '\t' && local(ECHOCTL)) {
        put('^');
        c = (char)(c | 0x40);
    }
    put(c);
}

int32_t tty_write(uint32_t from_user, uint32_t bytes)
{
    char buffer[COPY_BYTES];
    uint32_t done = 0;
    int32_t result = local(TOSTOP) ? tty_check_foreground(SIGTTOU) : 0;

    if (result != 0) {
        return result;
    }
    while (done < bytes) {
        uint32_t part = bytes - done < sizeof(buffer) ? bytes - done : sizeof(buffer);

        if (copy_from_user(buffer, from_user + done, part) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        for (uint32_t i = 0; i < part; i++) {
            put(buffer[i]);
        }
        done += part;
        if (signal_is_pending(current)) {
            break;
        }
    }
    return (int32_t)done;
}

/* ---- input, from interrupt handlers ---- */

static void make_ready_to_read(uint16_t c)
{
    if (ready_end - ready_first < READY_LIMIT) {
        ready[ready_end++ % READY_LIMIT] = c;
    }
}

static void hand_over_line(void)
{
    for (uint32_t i = 0; i < line_length; i++) {
        make_ready_to_read((uint8_t)line[i]);
    }
    line_length = 0;
    files_wake(ready);
}

static void erase_one(void)
{
    uint32_t columns;

    line_length--;
    columns = (uint8_t)line[line_length] < ' ' ? 2 : 1; /* ^X takes two */
    for (uint32_t i = 0; i < columns && local(ECHO); i++) {
        put('\b');
        put(' ');
        put('\b');
    }
}

static void forget_input(void)
{
    line_length = 0;
    ready_first = ready_end;
}

/* A character that stands for a signal; false: it does not. */
static bool take_signal(char c)
{
    uint32_t signal = is_special(c, VINTR)   ? SIGINT
                      : is_special(c, VQUIT) ? SIGQUIT
                      : is_special(c, VSUSP) ? SIGTSTP
                                             : 0;

    if (!local(ISIG) || signal == 0) {
        return false;
    }
    if (!local(NOFLSH)) {
        forget_input();
    }
    echo(c);
    if (local(ECHO)) {
        put('\n');
    }
    tty_signal(signal);
    return true;
}

static void add_to_line(char c)
{
    if (line_length < LINE_BYTES - 1 || c == '\n') { /* there is always room for Enter */
        line[line_length++] = c;
        echo(c);
    }
}

static void edit_line(char c)
{
    if (is_special(c, VEOF)) {
        if (line_length == 0) {
            make_ready_to_read(END_OF_FILE);
        }
        hand_over_line();
    } else if (is_special(c, VERASE) || c == KEY_BACKSPACE) {
        if (line_length > 0) {
            erase_one();
        }
    } else if (is_special(c, VKILL)) {
        while (line_length > 0) {
            erase_one();
        }
    } else {
        add_to_line(c);
        if (c == '\n') {
            hand_over_line();
        }
    }
}

void tty_input(char c)
{
    if (c == '\r' && (settings.c_iflag & IGNCR)) {
        return;
    }
    if (c == '\r' && (settings.c_iflag & ICRNL)) {
        c = '\n';
    } else if (c == '\n' && (settings.c_iflag & INLCR)) {
        c = '\r';
    }
    if (take_signal(c)) {
        return;
    }
    if (local(ICANON)) {
        edit_line(c);
    } else {
        make_ready_to_read((uint8_t)c);
        echo(c);
        files_wake(ready);
    }
}

/* ---- input, for readers ---- */

/* Take at most `limit` characters, in canonical mode up to the end of a line; 0 after Ctrl-D.
 * Interrupts are off and something is ready. */
static uint32_t take(char *to, uint32_t limit)
{
    uint32_t count = 0;

    while (count < limit && ready_first != ready_end) {
        uint16_t c = ready[ready_first % READY_LIMIT];

        if (c == END_OF_FILE && count > 0) {
            break; /* the next read finds it */
        }
        ready_first++;
        if (c == END_OF_FILE) {
            break;
        }
        to[count++] = (char)c;
        if (c == '\n' && local(ICANON)) {
            break;
        }
    }
    return count;
}

/* Is there so much that a read of `bytes` need not wait? */
static bool is_enough(uint32_t bytes)
{
    uint32_t count = ready_end - ready_first;
    uint32_t least = settings.c_cc[VMIN] < bytes ? settings.c_cc[VMIN] : bytes;

    return count > 0 && (local(ICANON) || count >= least);
}

/* Sleep until there is enough; 0 also if VTIME is over. Interrupts are off. */
static int32_t wait_for_input(uint32_t bytes, bool wait)
{
    bool timed = !local(ICANON) && settings.c_cc[VMIN] == 0;
    int32_t result = 0;

    current->wake_tick = ticks + settings.c_cc[VTIME] * tick_hz / 10;
    current->wake_set = timed && settings.c_cc[VTIME] > 0;
    while (result == 0 && !is_enough(bytes) && !(timed && !current->wake_set)) {
        if (!wait) {
            result = -EAGAIN;
        } else if (signal_is_pending(current)) {
            result = -ERESTARTSYS;
        } else {
            sleep_on(ready);
            result = tty_check_foreground(SIGTTIN);
        }
    }
    current->wake_set = false;
    return result;
}

int32_t tty_read(uint32_t to_user, uint32_t bytes, bool wait)
{
    char buffer[LINE_BYTES];
    uint32_t count;
    int32_t result = tty_check_foreground(SIGTTIN);

    if (bytes == 0 || result != 0) {
        return result;
    }
    bytes = bytes < sizeof(buffer) ? bytes : sizeof(buffer);
    interrupts_off();
    result = wait_for_input(bytes, wait);
    count = result == 0 ? take(buffer, bytes) : 0;
    interrupts_on();
    if (result != 0) {
        return result;
    }
    return copy_to_user(to_user, buffer, count) == 0 ? (int32_t)count : -EFAULT;
}

uint32_t tty_poll(void)
{
    return (is_enough(1) ? POLLIN : 0) | POLLOUT;
}

/* ---- settings ---- */

static int32_t change_settings(uint32_t argument, bool flush)
{
    struct termios new;
    int32_t result = tty_check_foreground(SIGTTOU);

    if (result != 0) {
        return result;
    }
    if (copy_from_user(&new, argument, sizeof(new)) != 0) {
        return -EFAULT;
    }
    interrupts_off();
    if (flush) {
        forget_input();
    }
    settings = new;
    if (!local(ICANON) && line_length > 0) {
        hand_over_line(); /* what was typed so far is not lost */
    }
    interrupts_on();
    return 0;
}

int32_t tty_control(uint32_t request, uint32_t argument)
{
    static const struct winsize size = {ROWS, COLUMNS, 0, 0};
    uint32_t count = ready_end - ready_first;

    switch (request) {
    case TCGETS:
        return copy_to_user(argument, &settings, sizeof(settings));
    case TCSETS:
    case TCSETSW:
        return change_settings(argument, false);
    case TCSETSF:
        return change_settings(argument, true);
    case TIOCGWINSZ:
        return copy_to_user(argument, &size, sizeof(size));
    case FIONREAD:
        return copy_to_user(argument, &count, sizeof(count));
    case TCSBRK:
        return 0; /* output does not wait anywhere */
    case TCFLSH:
        interrupts_off();
        forget_input();
        interrupts_on();
        return 0;
    default:
        return tty_jobs_control(request, argument);
    }
}
