/* The 16550A. One event per byte sent, one per byte received, one per time-out; an idle port
 * has none.
 * SPDX-License-Identifier: MIT */
#include "devices/uart16550.h"

#define IER_RECEIVED    0x01
#define IER_TRANSMIT    0x02
#define IER_LINE_STATUS 0x04
#define IER_MODEM       0x08

#define IIR_NONE        0x01
#define IIR_MODEM       0x00
#define IIR_TRANSMIT    0x02
#define IIR_RECEIVED    0x04
#define IIR_LINE_STATUS 0x06
#define IIR_TIMEOUT     0x0C
#define IIR_FIFOS       0xC0

#define FCR_ENABLE         0x01
#define FCR_CLEAR_RECEIVER 0x02
#define FCR_CLEAR_SENDER   0x04
#define FCR_KEPT           0xC9

#define LCR_STOP2  0x04
#define LCR_PARITY 0x08
#define LCR_BREAK  0x40
#define LCR_DLAB   0x80

#define MCR_OUT2 0x08
#define MCR_LOOP 0x10

#define LSR_READY   0x01
#define LSR_OVERRUN 0x02
#define LSR_BREAK   0x10
#define LSR_THRE    0x20
#define LSR_TEMT    0x40
#define LSR_ERRORS  0x80 /* with FIFOs: one of the bytes in it came with an error */

#define MSR_CONNECTED 0xB0 /* DCD, DSR, CTS */
#define MSR_INPUTS    0xF0
#define MSR_RING      0x40
#define MSR_TERI      0x04

#define POWER_ON_DIVISOR 12 /* anything: the data sheet leaves it undefined */
#define TIMEOUT_FRAMES   4  /* character times without a read or an arrival */

static const uint8_t TRIGGER_LEVELS[4] = {1, 4, 8, 14};

static uint32_t fifos_on(const struct uart_state *state)
{
    return state->fcr & FCR_ENABLE;
}

static uint32_t depth(const struct uart_state *state)
{
    return fifos_on(state) ? BYTE_QUEUE_SIZE : 1;
}

static uint32_t word_bits(const struct uart_state *state)
{
    return 5 + (state->lcr & 3u);
}

/* Clocks of one frame: start, data, parity and stop bits; two stop bits of a 5-bit word are 1.5. */
static uint64_t frame_clocks(const struct uart *uart)
{
    const struct uart_state *state = uart->state;
    uint64_t divisor = state->divisor ? state->divisor : 65536;
    uint64_t half_bits = 2 * (1 + word_bits(state) + ((state->lcr & LCR_PARITY) ? 1 : 0)) + 2;

    if (state->lcr & LCR_STOP2) {
        half_bits += word_bits(state) == 5 ? 1 : 2;
    }
    return (uart->clock_hz * 8 * divisor * half_bits + UART_HZ - 1) / UART_HZ;
}

static uint32_t trigger_reached(const struct uart_state *state)
{
    uint32_t level = fifos_on(state) ? TRIGGER_LEVELS[state->fcr >> 6] : 1;

    return state->received.count >= level;
}

/* The interrupt of highest priority as IIR bits 3..0. */
static uint8_t cause(const struct uart_state *state)
{
    if ((state->ier & IER_LINE_STATUS) && (state->overrun || (state->received.marks & 1))) {
        return IIR_LINE_STATUS;
    }
    if ((state->ier & IER_RECEIVED) && state->timeout) { /* bit 3 is set whenever it is pending */
        return IIR_TIMEOUT;
    }
    if ((state->ier & IER_RECEIVED) && trigger_reached(state)) {
        return IIR_RECEIVED;
    }
    if ((state->ier & IER_TRANSMIT) && state->transmit_interrupt) {
        return IIR_TRANSMIT;
    }
    if ((state->ier & IER_MODEM) && (state->msr & 0x0F)) {
        return IIR_MODEM;
    }
    return IIR_NONE;
}

static void update_irq(struct uart *uart)
{
    const struct uart_state *state = uart->state;
    uint32_t gate = (state->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;

    line_set(&uart->irq, gate && cause(state) != IIR_NONE);
}

static void post(struct uart *uart, enum event_id id, uint64_t clock)
{
    if (clock == CLOCK_NEVER) {
        events_cancel(uart->events, id);
    } else if (events_clock(uart->events, id) != clock) {
        events_post(uart->events, id, clock);
    }
}

static void post_receive(struct uart *uart)
{
    const struct uart_state *state = uart->state;

    post(uart, uart->receive_event,
         state->line_clock < state->timeout_clock ? state->line_clock : state->timeout_clock);
}

/* The character time-out runs from the last arrival or read while the FIFO holds something. */
static void restart_timeout(struct uart *uart, uint64_t now)
{
    struct uart_state *state = uart->state;

    state->timeout = 0;
    state->timeout_clock = CLOCK_NEVER;
    if (fifos_on(state) && state->received.count) {
        state->timeout_clock = now + TIMEOUT_FRAMES * frame_clocks(uart);
    }
}

/* Let the next byte on the line start its frame, if the receiver has room for it. */
static void start_line(struct uart *uart, uint64_t now)
{
    struct uart_state *state = uart->state;

    if (state->line_clock == CLOCK_NEVER && state->line.count && !(state->mcr & MCR_LOOP) &&
        state->received.count < depth(state)) {
        state->line_clock = now + frame_clocks(uart);
    }
}

/* A frame ends in the receiver. Without FIFOs a new byte replaces an unread one; with them the
 * shift register is lost. A break comes as one zero byte with a mark. */
static void arrive(struct uart *uart, uint8_t byte, uint32_t is_break, uint64_t now)
{
    struct uart_state *state = uart->state;

    byte &= (uint8_t)(0xFF >> (8 - word_bits(state)));
    if (state->received.count >= depth(state)) {
        state->overrun = 1;
        if (!fifos_on(state)) {
            state->received.bytes[0] = byte;
            state->received.marks = (uint16_t)is_break;
        }
    } else if (is_break) {
        byte_queue_push_marked(&state->received, byte);
    } else {
        byte_queue_push(&state->received, byte);
    }
    restart_timeout(uart, now);
}

/* Move the next byte of THR or FIFO into the free shift register. */
static void start_shift(struct uart *uart, uint64_t now)
{
    struct uart_state *state = uart->state;

    state->shift = byte_queue_pop(&state->transmits);
    state->transmit_end = now + frame_clocks(uart);
    if (state->transmits.count == 0) {
        state->transmit_interrupt = 1;
    }
    post(uart, uart->transmit_event, state->transmit_end);
}

static void write_transmitter(struct uart *uart, uint8_t byte, uint64_t now)
{
    struct uart_state *state = uart->state;

    byte &= (uint8_t)(0xFF >> (8 - word_bits(state)));
    state->transmit_interrupt = 0;
    if (state->transmits.count >= depth(state)) { /* a full THR is overwritten, a full FIFO not */
        if (fifos_on(state)) {
            return;
        }
        byte_queue_pop(&state->transmits);
    }
    byte_queue_push(&state->transmits, byte);
    /* While the pin is held for a break nobody can make out what is shifted. */
    if (!(state->mcr & MCR_LOOP) && !(state->lcr & LCR_BREAK) && uart->byte_out) {
        uart->byte_out(uart->context, uart->channel, byte, now);
    }
    if (state->transmit_end == CLOCK_NEVER) {
        update_irq(uart); /* the line falls before the next edge */
        start_shift(uart, now);
    }
}

static uint8_t read_receiver(struct uart *uart, uint64_t now)
{
    struct uart_state *state = uart->state;
    uint8_t byte = byte_queue_pop(&state->received);

    restart_timeout(uart, now);
    start_line(uart, now);
    post_receive(uart);
    return byte;
}

static uint8_t read_identification(struct uart_state *state)
{
    uint8_t id = cause(state);

    if (id == IIR_TRANSMIT) {
        state->transmit_interrupt = 0;
    }
    return (uint8_t)(id | (fifos_on(state) ? IIR_FIFOS : 0));
}

static uint8_t read_line_status(struct uart_state *state)
{
    uint32_t value = state->received.count ? LSR_READY : 0;

    value |= state->overrun ? LSR_OVERRUN : 0;
    value |= (state->received.marks & 1) ? LSR_BREAK : 0;
    value |= fifos_on(state) && state->received.marks ? LSR_ERRORS : 0;
    if (state->transmits.count == 0) {
        value |= LSR_THRE;
        value |= state->transmit_end == CLOCK_NEVER ? LSR_TEMT : 0;
    }
    state->overrun = 0;
    state->received.marks &= 0xFFFE; /* of the byte on top; further ones show when it is read */
    return (uint8_t)value;
}

/* The modem inputs: what is connected, or in loopback our own outputs. */
static void update_modem(struct uart_state *state)
{
    uint8_t before = state->msr;
    uint8_t inputs = MSR_CONNECTED ^ state->inputs_changed;
    uint8_t changed;

    if (state->mcr & MCR_LOOP) { /* RTS to CTS, DTR to DSR, OUT1 to RI, OUT2 to DCD */
        inputs = (uint8_t)((state->mcr & 0x02) << 3 | (state->mcr & 0x01) << 5 |
                           (state->mcr & 0x0C) << 4);
    }
    changed = (uint8_t)((before ^ inputs) >> 4 & ~MSR_TERI);
    if ((before & MSR_RING) && !(inputs & MSR_RING)) {
        changed |= MSR_TERI;
    }
    state->msr = (uint8_t)(inputs | (before & 0x0F) | changed);
}

static void clear_receiver(struct uart_state *state)
{
    byte_queue_clear(&state->received);
    state->timeout = 0;
    state->timeout_clock = CLOCK_NEVER;
}

static void clear_transmitter(struct uart_state *state)
{
    if (state->transmits.count) {
        byte_queue_clear(&state->transmits);
        state->transmit_interrupt = 1;
    }
}

static void write_fifo_control(struct uart *uart, uint8_t value, uint64_t now)
{
    struct uart_state *state = uart->state;
    uint32_t toggled = (state->fcr ^ value) & FCR_ENABLE;

    if (toggled || (value & FCR_CLEAR_RECEIVER)) {
        clear_receiver(state);
    }
    if (toggled || (value & FCR_CLEAR_SENDER)) {
        clear_transmitter(state);
    }
    state->fcr = (value & FCR_ENABLE) ? value & FCR_KEPT : 0;
    start_line(uart, now);
    post_receive(uart);
}

static void write_interrupt_enable(struct uart_state *state, uint8_t value)
{
    uint8_t enabled = (uint8_t)(value & ~state->ier);

    state->ier = value & 0x0F;
    if ((enabled & IER_TRANSMIT) && state->transmits.count == 0) {
        state->transmit_interrupt = 1;
    }
}

static void write_modem_control(struct uart *uart, uint8_t value, uint64_t now)
{
    struct uart_state *state = uart->state;

    state->mcr = value & 0x1F;
    update_modem(state);
    if (state->mcr & MCR_LOOP) {
        state->line_clock = CLOCK_NEVER; /* the line is cut off; its byte is sent again */
    }
    start_line(uart, now);
    post_receive(uart);
}

void uart_init(struct uart *uart, const struct uart *wires)
{
    *uart = *wires;
}

void uart_reset(struct uart *uart)
{
    struct uart_state idle = {.transmit_end = CLOCK_NEVER,
                              .line_clock = CLOCK_NEVER,
                              .timeout_clock = CLOCK_NEVER,
                              .lcr = 0x03,
                              .msr = MSR_CONNECTED ^ uart->state->inputs_changed,
                              .divisor = 1,
                              .inputs_changed = uart->state->inputs_changed};

    *uart->state = idle;
    post(uart, uart->transmit_event, CLOCK_NEVER);
    post(uart, uart->receive_event, CLOCK_NEVER);
    update_irq(uart);
}

void uart_power_on(struct uart *uart)
{
    uart->state->lcr = 0;
    uart->state->divisor = POWER_ON_DIVISOR;
}

uint32_t uart_port_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct uart *uart = device;
    struct uart_state *state = uart->state;
    uint32_t value = 0;

    (void)size;
    switch (port & 7) {
    case 0:
        value = (state->lcr & LCR_DLAB) ? state->divisor & 0xFFu : read_receiver(uart, now);
        break;
    case 1:
        value = (state->lcr & LCR_DLAB) ? (uint32_t)state->divisor >> 8 : state->ier;
        break;
    case 2:
        value = read_identification(state);
        break;
    case 3:
        value = state->lcr;
        break;
    case 4:
        value = state->mcr;
        break;
    case 5:
        value = read_line_status(state);
        break;
    case 6:
        value = state->msr;
        state->msr &= 0xF0;
        break;
    default:
        value = state->scratch;
        break;
    }
    update_irq(uart);
    return value;
}

void uart_port_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct uart *uart = device;
    struct uart_state *state = uart->state;
    uint8_t byte = (uint8_t)value;
    uint32_t latch = state->lcr & LCR_DLAB;

    (void)size;
    switch (port & 7) {
    case 0:
        if (latch) {
            state->divisor = (uint16_t)((state->divisor & 0xFF00) | byte);
        } else {
            write_transmitter(uart, byte, now);
        }
        break;
    case 1:
        if (latch) {
            state->divisor = (uint16_t)((state->divisor & 0xFF) | byte << 8);
        } else {
            write_interrupt_enable(state, byte);
        }
        break;
    case 2:
        write_fifo_control(uart, byte, now);
        break;
    case 3:
        state->lcr = byte;
        break;
    case 4:
        write_modem_control(uart, byte, now);
        break;
    case 7:
        state->scratch = byte;
        break;
    default: /* LSR and MSR: writing is for the factory */
        break;
    }
    update_irq(uart);
}

static void transmit_event(struct uart *uart, uint64_t clock)
{
    struct uart_state *state = uart->state;

    if (state->mcr & MCR_LOOP) {
        arrive(uart, state->shift, 0, clock);
        post_receive(uart);
    }
    state->shift = 0;
    state->transmit_end = CLOCK_NEVER;
    if (state->transmits.count) {
        start_shift(uart, clock);
    }
}

static void receive_event(struct uart *uart, uint64_t clock)
{
    struct uart_state *state = uart->state;

    if (state->timeout_clock <= clock) {
        state->timeout_clock = CLOCK_NEVER;
        state->timeout = 1;
    }
    if (state->line_clock <= clock) {
        uint32_t is_break = state->line.marks & 1;

        state->line_clock = CLOCK_NEVER;
        arrive(uart, byte_queue_pop(&state->line), is_break, clock);
        start_line(uart, clock);
    }
    post_receive(uart);
}

void uart_event(struct uart *uart, enum event_id id, uint64_t clock)
{
    if (id == uart->transmit_event) {
        transmit_event(uart, clock);
    } else {
        receive_event(uart, clock);
    }
    update_irq(uart);
}

bool uart_receive(struct uart *uart, uint32_t byte, uint64_t now)
{
    struct byte_queue_state *line = &uart->state->line;

    if (!(byte == UART_BREAK ? byte_queue_push_marked(line, 0)
                             : byte_queue_push(line, (uint8_t)byte))) {
        return false;
    }
    start_line(uart, now);
    post_receive(uart);
    return true;
}

void uart_modem(struct uart *uart, uint8_t inputs)
{
    uart->state->inputs_changed = (inputs & MSR_INPUTS) ^ MSR_CONNECTED;
    update_modem(uart->state);
    update_irq(uart);
}

uint32_t uart_room(const struct uart_state *state)
{
    return BYTE_QUEUE_SIZE - (uint32_t)state->line.count;
}

const char *uart_check(const struct uart_state *state)
{
    if (!byte_queue_is_valid(&state->line) || !byte_queue_is_valid(&state->received) ||
        !byte_queue_is_valid(&state->transmits)) {
        return "serial port: queue out of range";
    }
    if (state->transmits.marks) {
        return "serial port: a break among the bytes to send";
    }
    if (state->received.count > depth(state) || state->transmits.count > depth(state)) {
        return "serial port: more bytes than the FIFO holds";
    }
    if (state->ier > 0x0F || (state->fcr & ~FCR_KEPT) || (!fifos_on(state) && state->fcr) ||
        state->mcr > 0x1F) {
        return "serial port: register out of range";
    }
    if (state->overrun > 1 || state->transmit_interrupt > 1 || state->timeout > 1 ||
        (state->inputs_changed & ~MSR_INPUTS) ||
        (state->reserved[0] | state->reserved[1] | state->reserved[2])) {
        return "serial port: flag out of range";
    }
    if (state->transmits.count && state->transmit_end == CLOCK_NEVER) {
        return "serial port: bytes to send and nothing sending them";
    }
    if (state->line_clock != CLOCK_NEVER && !state->line.count) {
        return "serial port: arrival of a byte that is not there";
    }
    return 0;
}
