/* 16550A driver. Output leaves in bursts of 16 bytes, the size of the FIFO, and the interrupt
 * "transmitter empty" asks for the next one. Input goes to the terminal's ring, nothing else is
 * done here; while the ring is full the interrupt for input is off, and the FIFO makes the sender
 * wait. Not used: breaks, parity, RTS and CTS. See: NS16550A data sheet, "Registers", "FIFO
 * interrupt mode operation". SPDX-License-Identifier: MIT */
#include "drivers/serial.h"

#include "devices/platform_map.h"
#include "drivers/tty.h"
#include "heart/cpu.h"
#include "heart/trap.h"

#define DATA       0 /* registers, from the port's first one */
#define INTERRUPTS 1
#define CAUSE      2 /* reading */
#define FIFO       2 /* writing */
#define LINE       3
#define MODEM      4
#define STATUS     5
#define MODEM_IN   6
#define SCRATCH    7

#define ON_RECEIVED  0x01 /* INTERRUPTS */
#define ON_EMPTY     0x02
#define ON_MODEM     0x08
#define CAUSE_NONE   0x01
#define CAUSE_MASK   0x0E
#define CAUSE_MODEM  0x00
#define CAUSE_EMPTY  0x02
#define FIFO_ON      0x87 /* on, both emptied, interrupt at 8 bytes or after a pause */
#define LINE_DIVISOR 0x80 /* the first two registers are the divisor */
#define LINE_8N1     0x03
#define MODEM_ON     0x0B /* DTR, RTS, OUT2: the interrupt reaches the controller */
#define MODEM_LOOP   0x10 /* cut off from the line: what comes meanwhile waits outside */
#define STATUS_BYTE  0x01 /* a byte has come */
#define STATUS_EMPTY 0x20 /* the transmitter's FIFO is empty */
#define STATUS_DONE  0x40 /* and the last byte is out */
#define CARRIER      0x80 /* MODEM_IN */

#define FIFO_BYTES  16
#define WAIT_TURNS  100000 /* then the port is taken for broken and the byte is dropped */
#define CAUSE_TURNS 64     /* causes served in one interrupt; a broken port must not hold it */

static const uint16_t first_ports[SERIAL_COUNT] = {PORT_COM1, PORT_COM2};
static const uint8_t lines[SERIAL_COUNT] = {IRQ_COM1, IRQ_COM2};
static uint8_t enabled[SERIAL_COUNT]; /* what INTERRUPTS holds */
static uint32_t speeds[SERIAL_COUNT]; /* CBAUD bits */

static uint8_t in(uint32_t unit, uint32_t number)
{
    return port_read8((uint16_t)(first_ports[unit] + number));
}

static void out(uint32_t unit, uint32_t number, uint8_t value)
{
    port_write8((uint16_t)(first_ports[unit] + number), value);
}

static void enable(uint32_t unit, uint8_t which)
{
    if (enabled[unit] != which) {
        enabled[unit] = which;
        out(unit, INTERRUPTS, which);
    }
}

static void set_divisor(uint32_t unit, uint32_t divisor)
{
    out(unit, LINE, LINE_DIVISOR | LINE_8N1);
    out(unit, DATA, (uint8_t)divisor);
    out(unit, INTERRUPTS, (uint8_t)(divisor >> 8));
    out(unit, LINE, LINE_8N1);
}

static bool is_there(uint32_t unit)
{
    out(unit, SCRATCH, 0x5A);
    return in(unit, SCRATCH) == 0x5A;
}

static void receive(struct tty *tty)
{
    while (in(tty->unit, STATUS) & STATUS_BYTE) {
        if (tty->arrived_end - tty->arrived_first == TTY_ARRIVED_BYTES) {
            tty->held_back = true;
            enable(tty->unit, enabled[tty->unit] & (uint8_t)~ON_RECEIVED);
            break;
        }
        tty_arrive(tty, in(tty->unit, DATA));
    }
    tty_arrived(tty);
}

void serial_initialise(void)
{
    for (uint32_t unit = 0; unit < SERIAL_COUNT; unit++) {
        struct tty *tty = TTY_SERIAL0 + unit;

        if (!is_there(unit)) {
            tty->driver = NULL;
            continue;
        }
        out(unit, MODEM, MODEM_LOOP);
        out(unit, INTERRUPTS, 0);
        if (in(unit, STATUS) & STATUS_BYTE) { /* turning the FIFO on empties it */
            tty_arrive(tty, in(unit, DATA));
        }
        set_divisor(unit, 1);
        speeds[unit] = B115200;
        out(unit, FIFO, FIFO_ON);
        out(unit, MODEM, MODEM_ON);
    }
}

/* ---- output ---- */

/* The FIFO is empty: fill it. The interrupt is on only while there is more. */
static void burst(struct tty *tty)
{
    uint8_t others = enabled[tty->unit] & (uint8_t)~ON_EMPTY;
    bool more;
    int32_t c;

    for (uint32_t i = 0; i < FIFO_BYTES && (c = tty_next_output(tty)) >= 0; i++) {
        out(tty->unit, DATA, (uint8_t)c);
    }
    more = !tty->stopped && tty->output_first != tty->output_end;
    enable(tty->unit, more ? others | ON_EMPTY : others);
    tty_sent(tty);
}

static void start(struct tty *tty)
{
    if ((enabled[tty->unit] & ON_EMPTY) == 0) {
        if (in(tty->unit, STATUS) & STATUS_EMPTY) {
            burst(tty);
        } else {
            enable(tty->unit, enabled[tty->unit] | ON_EMPTY);
        }
    }
}

void serial_put_waiting(uint32_t unit, uint8_t c)
{
    for (uint32_t i = 0; i < WAIT_TURNS; i++) {
        if (in(unit, STATUS) & STATUS_EMPTY) {
            out(unit, DATA, c);
            return;
        }
    }
}

static void drain(struct tty *tty)
{
    int32_t c;

    while ((c = tty_next_output(tty)) >= 0) {
        serial_put_waiting(tty->unit, (uint8_t)c);
    }
}

static bool is_busy(struct tty *tty)
{
    return (in(tty->unit, STATUS) & STATUS_DONE) == 0;
}

/* ---- interrupts ---- */

static void look_at_modem(struct tty *tty)
{
    bool carrier = (in(tty->unit, MODEM_IN) & CARRIER) != 0;

    if (!carrier) {
        receive(tty); /* what came before it was lost comes first */
    }
    tty_carrier(tty, carrier);
}

static void serve(struct tty *tty)
{
    for (uint32_t i = 0; i < CAUSE_TURNS; i++) {
        uint8_t cause = in(tty->unit, CAUSE);

        if (cause & CAUSE_NONE) {
            return;
        }
        switch (cause & CAUSE_MASK) {
        case CAUSE_MODEM:
            look_at_modem(tty);
            break;
        case CAUSE_EMPTY:
            burst(tty);
            break;
        default:
            receive(tty);
            break;
        }
    }
}

static void on_interrupt0(struct trap_frame *frame)
{
    (void)frame;
    serve(TTY_SERIAL0);
}

static void on_interrupt1(struct trap_frame *frame)
{
    (void)frame;
    serve(TTY_SERIAL0 + 1);
}

void serial_start(void)
{
    static interrupt_handler *const handlers[SERIAL_COUNT] = {on_interrupt0, on_interrupt1};

    for (uint32_t unit = 0; unit < SERIAL_COUNT; unit++) {
        struct tty *tty = TTY_SERIAL0 + unit;

        if (tty->driver != NULL) {
            trap_on_irq(lines[unit], handlers[unit]);
            enable(unit, ON_RECEIVED | ON_MODEM);
            start(tty);
        }
    }
}

static void resume(struct tty *tty)
{
    enable(tty->unit, enabled[tty->unit] | ON_RECEIVED);
    receive(tty);
}

/* ---- settings ---- */

/* 115200 divided by the baud rate that the bits of `speed` stand for, 0 if none does. */
static uint32_t divisor_of(uint32_t speed)
{
    static const uint16_t divisors[] = {
        [7] = 384, [8] = 192, [9] = 96, [11] = 48, [12] = 24, [13] = 12, [14] = 6, [15] = 3,
    };

    if (speed < sizeof(divisors) / sizeof(divisors[0])) {
        return divisors[speed];
    }
    return speed == B115200 ? 1 : speed == B115200 - 1 ? 2 : 0;
}

static void change(struct tty *tty)
{
    uint32_t speed = tty->settings.c_cflag & CBAUD;

    if (speed != speeds[tty->unit] && divisor_of(speed) != 0) {
        speeds[tty->unit] = speed;
        set_divisor(tty->unit, divisor_of(speed));
        out(tty->unit, INTERRUPTS, enabled[tty->unit]);
    }
    look_at_modem(tty); /* CLOCAL may be another */
}

const struct tty_driver serial_tty_driver = {
    .start = start, .resume = resume, .change = change, .busy = is_busy, .drain = drain};
