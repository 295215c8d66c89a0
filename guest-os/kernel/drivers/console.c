/* Messages go to the terminals' rings like the output of programs; before interrupts are on, and in
 * a panic, directly to the devices. SPDX-License-Identifier: MIT */
#include "drivers/console.h"

#include "common/text.h"
#include "devices/platform_map.h"
#include "drivers/screen.h"
#include "drivers/serial.h"
#include "drivers/tty_line.h"
#include "heart/cpu.h"
#include "support/options.h"

#define COPY_MOST   128u
#define EARLY_BYTES 512u

static bool is_console[TTY_COUNT] = {true, true, false}; /* the screen and ttyS0 */
static struct tty *main_console = TTY_SERIAL0;
static bool quiet, by_interrupts, in_panic;
static char early[EARLY_BYTES]; /* what was said before the options were known */
static uint32_t early_length;
static bool options_are_known;

void console_initialise(void)
{
    serial_initialise();
    screen_initialise();
}

static struct tty *named(const char *name)
{
    if (strcmp(name, "tty0") == 0) {
        return TTY_SCREEN;
    }
    for (uint32_t i = 0; i < TTY_COUNT; i++) {
        size_t length = strlen(ttys[i].name);

        /* Linux's console=ttyS0,115200 names the speed, too; here it is always that */
        if (strncmp(name, ttys[i].name, length) == 0 &&
            (name[length] == '\0' || name[length] == ',')) {
            return ttys[i].driver == NULL ? NULL : &ttys[i];
        }
    }
    return NULL;
}

static void put_waiting(const struct tty *tty, uint8_t c)
{
    if (tty == TTY_SCREEN) {
        screen_put(c);
    } else {
        serial_put_waiting(tty->unit, c);
    }
}

/* Into the ring; what finds no room waits for the device. */
static void put(struct tty *tty, uint8_t c)
{
    if (!by_interrupts || in_panic) {
        put_waiting(tty, c);
        return;
    }
    if (tty->output_end - tty->output_first == TTY_OUTPUT_BYTES) {
        tty->driver->drain(tty);
    }
    tty_put_raw(tty, c);
}

/* Text for one console, with a carriage return before each line feed. Interrupts are off. */
static void write_to(struct tty *tty, const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] == '\n') {
            put(tty, '\r');
            tty->column = 0;
        }
        put(tty, (uint8_t)text[i]);
    }
    if (tty == TTY_SCREEN) {
        screen_show_cursor();
    }
    if (by_interrupts && !in_panic) {
        tty_begin_output(tty);
    }
}

void console_write(const char *text, uint32_t length)
{
    bool were_on = interrupts_save_off();

    if (!options_are_known) {
        length = length < EARLY_BYTES - early_length ? length : EARLY_BYTES - early_length;
        memcpy(early + early_length, text, length);
        early_length += length;
        interrupts_restore(were_on);
        return;
    }
    for (uint32_t i = 0; i < TTY_COUNT; i++) {
        if (is_console[i] && ttys[i].driver != NULL && (!quiet || in_panic)) {
            write_to(&ttys[i], text, length);
        }
    }
    for (uint32_t i = 0; i < length && in_panic; i++) {
        port_write8(PORT_DEBUGCON, (uint8_t)text[i]);
    }
    interrupts_restore(were_on);
}

/* The options are known, or nobody will read them any more. */
static void say_early(void)
{
    if (!options_are_known) {
        options_are_known = true;
        console_write(early, early_length);
    }
}

void console_read_options(void)
{
    const char *name;
    bool first = true;

    for (uint32_t i = 0; (name = option_nth("console", i)) != NULL; i++) {
        struct tty *tty = named(name);

        if (tty != NULL && first) {
            memset(is_console, 0, sizeof(is_console));
            first = false;
        }
        if (tty != NULL) {
            is_console[tty - ttys] = true;
            main_console = tty;
        }
    }
    quiet = option_text("quiet", NULL) != NULL;
    say_early();
}

struct tty *console_tty(void)
{
    return main_console->driver == NULL ? NULL : main_console;
}

void console_start(void)
{
    by_interrupts = true;
}

void console_copy_to_others(uint32_t from_user, uint32_t bytes)
{
    char buffer[COPY_MOST];

    for (uint32_t done = 0; done < bytes; done += COPY_MOST) {
        uint32_t part = bytes - done < COPY_MOST ? bytes - done : COPY_MOST;

        if (copy_from_user(buffer, from_user + done, part) != 0) {
            return;
        }
        interrupts_off();
        for (uint32_t i = 0; i < TTY_COUNT; i++) {
            if (is_console[i] && ttys[i].driver != NULL && &ttys[i] != main_console) {
                write_to(&ttys[i], buffer, part);
            }
        }
        interrupts_on();
    }
}

void console_drain(void)
{
    interrupts_off();
    say_early();
    for (uint32_t i = 0; i < TTY_COUNT; i++) {
        if (ttys[i].driver != NULL) {
            ttys[i].stopped = false;
            ttys[i].driver->drain(&ttys[i]);
        }
    }
}

void console_prepare_for_panic(void)
{
    console_drain();
    in_panic = true;
}
