/* One 16550A serial port: FIFOs, modem control, interrupts gated by OUT2.
 *
 *   +0  DLAB=0: RBR (read), THR (write)     DLAB=1: DLL, divisor low
 *   +1  DLAB=0: IER - - - - MSI LSI THRI RDI   DLAB=1: DLM, divisor high
 *   +2  read IIR  FE FE - - I3 I2 I1 NP      write FCR  T1 T0 - - DMA XR RR FE
 *   +3  LCR  DLAB BRK SP EP PE ST W1 W0
 *   +4  MCR  - - - LOOP OUT2 OUT1 RTS DTR
 *   +5  LSR  ERR TEMT THRE BI FE PE OE DR
 *   +6  MSR  DCD RI DSR CTS dDCD TERI dDSR dCTS
 *   +7  SCR  scratch
 *   IRQ = (an enabled cause is pending) and OUT2 and not LOOP
 *
 * A byte written to THR leaves for the host at once; THRE, TEMT and the interrupt follow the
 * baud rate: a frame takes 16 * divisor * bits / 1.8432 MHz, rounded up to a clock.
 * Bytes from outside wait on the line, arrive one frame apart, and are held back while the
 * receiver is full, as if the sender watched RTS: no overrun except in loopback.
 * Modem inputs CTS, DSR and DCD are on and RI is off until uart_modem() says otherwise; what the
 * other end does outlasts a reset.
 * After reset the port is as firmware leaves it: divisor 1 (115200 baud), 8 data bits, no
 * parity, 1 stop bit. A divisor of 0 counts as 65536.
 * NOT IMPLEMENTED: sending or receiving a break, parity and framing errors, DMA signals, the
 * delay of the transmitter interrupt by one character in FIFO mode.
 * See: National PC16550D data sheet.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "devices/bus.h"
#include "devices/byte_queue.h"
#include "devices/events.h"

#define UART_HZ 1843200 /* crystal */

struct uart_state {
    uint64_t transmit_end;        /* clock at which the shift register is empty, or CLOCK_NEVER */
    uint64_t line_clock;          /* clock at which the next byte arrives, or CLOCK_NEVER */
    uint64_t timeout_clock;       /* clock of the character time-out, or CLOCK_NEVER */
    struct byte_queue_state line; /* sent to us, not received yet */
    struct byte_queue_state received;  /* RBR (one byte) or receiver FIFO */
    struct byte_queue_state transmits; /* THR (one byte) or transmitter FIFO */
    uint8_t shift;                     /* byte in the transmitter's shift register */
    uint8_t ier;                       /* bits 3..0 */
    uint8_t fcr;                       /* bits 7, 6 trigger level, 3 DMA, 0 FIFOs on */
    uint8_t lcr;                       /* as written */
    uint8_t mcr;                       /* bits 4..0 */
    uint8_t overrun;                   /* LSR bit 1 */
    uint8_t msr;                       /* inputs in 7..4, changes since the last read in 3..0 */
    uint8_t scratch;                   /* as written */
    uint16_t divisor;                  /* 0..65535 */
    uint8_t transmit_interrupt;        /* 1: THR became empty, not acknowledged */
    uint8_t timeout;                   /* 1: character time-out */
    uint8_t inputs_changed;            /* inputs that are not as at first, bits 7..4 as in MSR */
    uint8_t reserved[3];               /* 0 */
};
_Static_assert(sizeof(struct uart_state) == 112, "no padding");

struct uart {
    struct uart_state *state;
    struct events_state *events;
    struct line_wire irq;
    void (*byte_out)(void *context, uint32_t channel, uint8_t byte, uint64_t now); /* or NULL */
    void *context;                /* first argument of byte_out */
    uint32_t channel;             /* second argument of byte_out */
    enum event_id transmit_event; /* of this unit */
    enum event_id receive_event;  /* of this unit */
    uint64_t clock_hz;            /* CPU clocks per second */
};

/* Take over all wires; the state is not touched. */
void uart_init(struct uart *uart, const struct uart *wires);
void uart_reset(struct uart *uart);
/* After uart_reset(): 9600 5N1, the line control register as MR leaves it. */
void uart_power_on(struct uart *uart);
uint32_t uart_port_read(void *uart, uint16_t port, uint32_t size, uint64_t now);
void uart_port_write(void *uart, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
/* One of the unit's two events is due at `clock`. */
void uart_event(struct uart *uart, enum event_id id, uint64_t clock);
const char *uart_check(const struct uart_state *state);

/* The modem inputs become `inputs`, bits 7..4 as in MSR: DCD, RI, DSR, CTS. */
void uart_modem(struct uart *uart, uint8_t inputs);
#define UART_BREAK 0x100u /* in place of a byte: the line is held at 0 for longer than a frame */
/* Put one byte or a break on the line; false if 16 are waiting there. */
bool uart_receive(struct uart *uart, uint32_t byte, uint64_t now);
/* How many bytes the line takes now, 0..16. */
uint32_t uart_room(const struct uart_state *state);
