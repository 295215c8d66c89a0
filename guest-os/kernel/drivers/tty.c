/* The line discipline, canonical mode: a line can be corrected until Enter hands it to the readers.
 * Typed characters come from interrupt handlers, readers wait in their system call; the two meet in
 * `ready`, touched with interrupts off only. See: termios(3), "Canonical mode".
 * SPDX-License-Identifier: MIT */
#include "drivers/tty.h"

#include "drivers/console.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"

#define KEY_INTERRUPT 0x03  /* Ctrl-C */
#define KEY_END       0x04  /* Ctrl-D: hand over what there is; at a start of line: end of file */
#define KEY_BACKSPACE 0x08  /* Ctrl-H */
#define KEY_KILL      0x15  /* Ctrl-U: forget the line */
#define KEY_QUIT      0x1C  /* Ctrl-\ */
#define KEY_DELETE    0x7F  /* what terminals send for Backspace */
#define END_OF_FILE   0x100 /* in `ready`: a mark, not a character */
#define LINE_BYTES    128   /* a longer line is not taken */
#define READY_LIMIT   512   /* power of two: characters of lines that nobody has read yet */
#define COPY_BYTES    128   /* moved across the border at once */

static char line[LINE_BYTES]; /* being typed */
static uint32_t line_length;
static uint16_t ready[READY_LIMIT]; /* ring: characters and END_OF_FILE */
static uint32_t ready_first, ready_end;
static int32_t foreground;

void tty_set_foreground(int32_t group)
{
    foreground = group;
}

static void echo(char c)
{
    if ((uint8_t)c < ' ' && c != '\n' && c != '\t') {
        console_put('^');
        c = (char)(c | 0x40);
    }
    console_put(c);
}

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
    wake_all(ready);
}

static void erase_one(void)
{
    uint32_t columns;

    line_length--;
    columns = (uint8_t)line[line_length] < ' ' ? 2 : 1; /* ^X takes two */
    for (uint32_t i = 0; i < columns; i++) {
        console_put('\b');
        console_put(' ');
        console_put('\b');
    }
}

static void send_signal(uint32_t signal, char key)
{
    line_length = 0;
    echo(key);
    console_put('\n');
    signal_send_group(foreground, signal, &(struct signal_cause){.code = SI_KERNEL});
}

static void add_to_line(char c)
{
    if (line_length < LINE_BYTES - 1 || c == '\n') { /* there is always room for Enter */
        line[line_length++] = c;
        echo(c);
    }
}

void tty_input(char c)
{
    switch (c == '\r' ? '\n' : c) {
    case KEY_INTERRUPT:
        send_signal(SIGINT, c);
        break;
    case KEY_QUIT:
        send_signal(SIGQUIT, c);
        break;
    case KEY_END:
        if (line_length == 0) {
            make_ready_to_read(END_OF_FILE);
        }
        hand_over_line();
        break;
    case KEY_BACKSPACE:
    case KEY_DELETE:
        if (line_length > 0) {
            erase_one();
        }
        break;
    case KEY_KILL:
        while (line_length > 0) {
            erase_one();
        }
        break;
    case '\n':
        add_to_line('\n');
        hand_over_line();
        break;
    default:
        add_to_line(c);
        break;
    }
}

/* Take at most `limit` characters, up to the end of a line; 0 after Ctrl-D. Interrupts are off and
 * something is ready. */
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
        if (c == '\n') {
            break;
        }
    }
    return count;
}

int32_t tty_read(uint32_t to_user, uint32_t bytes)
{
    char buffer[LINE_BYTES];
    uint32_t count;

    if (bytes == 0) {
        return 0;
    }
    interrupts_off();
    while (ready_first == ready_end) {
        if (signal_is_pending(current)) {
            interrupts_on();
            return -ERESTARTSYS;
        }
        sleep_on(ready);
    }
    count = take(buffer, bytes < sizeof(buffer) ? bytes : sizeof(buffer));
    interrupts_on();
    return copy_to_user(to_user, buffer, count) == 0 ? (int32_t)count : -EFAULT;
}

int32_t tty_write(uint32_t from_user, uint32_t bytes)
{
    char buffer[COPY_BYTES];
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t part = bytes - done < sizeof(buffer) ? bytes - done : sizeof(buffer);

        if (copy_from_user(buffer, from_user + done, part) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        for (uint32_t i = 0; i < part; i++) {
            console_put(buffer[i]);
        }
        done += part;
        if (signal_is_pending(current)) {
            break;
        }
    }
    return (int32_t)done;
}
