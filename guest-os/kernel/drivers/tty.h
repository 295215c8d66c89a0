/* Terminals. What is typed becomes lines (or, in raw mode, characters) for programs and signals for
 * the foreground group; what programs write goes to the device behind the terminal. Each terminal
 * has its own settings, session and foreground group.
 *
 *   interrupt handler (top half)   device -> arrived
 *   bottom half, a kernel thread   arrived -> tty_line.c: editing, echo, signals -> line
 *   read(2)                        line -> program
 *   write(2)                       program -> tty_output.c -> output -> device, by interrupts
 *
 * See: termios(3), tty_ioctl(4). SPDX-License-Identifier: MIT */
#pragma once

#include "heart/kernel_thread.h"

#define TTY_COUNT         3
#define TTY_LINE_BYTES    4096u /* powers of two */
#define TTY_ARRIVED_BYTES 1024u
#define TTY_OUTPUT_BYTES  4096u
#define TTY_ECHO_BYTES    512u /* of the output that writers leave to the echo */

struct tty;

/* What a device does for its terminal. Interrupts are off. */
struct tty_driver {
    void (*start)(struct tty *tty);  /* something is in `output`: begin to send, do not wait */
    void (*resume)(struct tty *tty); /* there is room in `arrived` again; NULL: not needed */
    void (*change)(struct tty *tty); /* the settings are new; NULL: not needed */
    /* Something taken from `output` is still on its way; NULL: what is in `output` counts as sent.
     */
    bool (*busy)(struct tty *tty);
    void (*drain)(struct tty *tty); /* send all of `output`, waiting for the device */
    /* Bottom half, interrupts on: turn what the device gave into characters in `arrived`; NULL:
     * they are characters. */
    void (*gather)(struct tty *tty);
    int32_t (*opened)(struct tty *tty); /* one open file more; 0, or not: -E...; NULL: not needed */
    void (*closed)(struct tty *tty);    /* and one fewer */
};

/* Positions in rings only grow; the place is the position modulo the ring's size. */
struct tty {
    char name[8];                    /* in /dev */
    uint32_t device;                 /* its number: major << 8 | minor */
    const struct tty_driver *driver; /* NULL: there is no such device in this machine */
    uint32_t unit;                   /* for the driver */
    struct termios settings;
    struct winsize size; /* cells */

    int32_t session;    /* whose controlling terminal it is, 0 nobody's */
    int32_t foreground; /* group, 0 none */
    bool no_carrier;    /* the line was hung up: reads find the end once all is read */
    bool hung_up;       /* for good: nothing but that, and EIO, until all have closed it */

    uint8_t arrived[TTY_ARRIVED_BYTES]; /* as the device gave it */
    uint32_t arrived_first, arrived_end;
    bool held_back; /* the device waits for room in `arrived` */
    struct bottom_half half;

    uint8_t line[TTY_LINE_BYTES];        /* edited; a 0 with its mark is end of file */
    uint32_t marks[TTY_LINE_BYTES / 32]; /* bit: this character ends a line */
    uint32_t line_first;                 /* next for read(2) */
    uint32_t line_whole;                 /* canonical: end of the last whole line */
    uint32_t line_end;                   /* where the next character goes */
    bool literal;                        /* the next character is not special (VLNEXT) */
    bool erasing;                        /* ECHOPRT: between \ and / */
    uint32_t column;                     /* where the next output goes, as far as is known */
    uint32_t line_column;                /* where the line being typed began */

    uint8_t output[TTY_OUTPUT_BYTES];
    uint32_t output_first, output_end;
    bool stopped; /* by VSTOP or TCXONC */
    bool writing; /* one write(2) at a time */
};

extern struct tty ttys[TTY_COUNT];
extern const struct termios tty_first_settings;
#define TTY_SCREEN  (&ttys[0])
#define TTY_SERIAL0 (&ttys[1])

/* Start the bottom halves. The devices may have put input into `arrived` before. */
void tty_start(void);

/* The terminal with this device number, NULL if there is none. */
struct tty *tty_find(uint32_t device);

/* ---- for drivers, interrupts off ---- */

/* Take in one byte; false: no room, the driver keeps it and is called with resume() later. */
bool tty_arrive(struct tty *tty, uint8_t byte);
/* The same for several, all or nothing. */
bool tty_arrive_text(struct tty *tty, const char *text);
/* After one or more of these: let the bottom half look. */
static inline void tty_arrived(struct tty *tty)
{
    bottom_half_raise(&tty->half);
}
/* The other end hung up, or is back. */
void tty_carrier(struct tty *tty, bool is_there);
/* The next byte to send, -1 none. */
int32_t tty_next_output(struct tty *tty);
/* The driver has sent something: wake writers, if there is room worth it. */
void tty_sent(struct tty *tty);

/* ---- read(2), write(2), ioctl(2), poll(2) with user addresses; interrupts are on ---- */

struct tty_request {
    struct tty *tty;
    bool wait;       /* O_NONBLOCK is not set */
    bool is_console; /* opened as /dev/console: no job control */
};
int32_t tty_read(const struct tty_request *request, uint32_t to_user, uint32_t bytes);
int32_t tty_write(const struct tty_request *request, uint32_t from_user, uint32_t bytes);
int32_t tty_control(struct tty *tty, uint32_t request, uint32_t argument);
uint32_t tty_poll(const struct tty *tty);
