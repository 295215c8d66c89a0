/* COM1 and COM2: INT 14h, byte by byte and without interrupts. INT 17h has no printer.
 * SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define UART_DATA    0 /* and divisor low while DLAB is on */
#define UART_IER     1 /* and divisor high */
#define UART_FCR     2
#define UART_LCR     3
#define UART_MCR     4
#define UART_LSR     5
#define UART_MSR     6
#define UART_SCRATCH 7

#define LCR_DLAB     0x80
#define LCR_8N1      0x03
#define MCR_DTR_RTS  0x03
#define LSR_RECEIVED 0x01
#define LSR_ERRORS   0x1E
#define LSR_EMPTY    0x20
#define TIMEOUT      0x80 /* in AH */

#define WAIT_TICKS 18 /* about a second */

static void set_divisor(uint16_t port, uint16_t divisor, uint8_t lcr)
{
    port_write8(port + UART_LCR, lcr | LCR_DLAB);
    port_write8(port + UART_DATA, (uint8_t)divisor);
    port_write8(port + UART_IER, (uint8_t)(divisor >> 8));
    port_write8(port + UART_LCR, lcr);
}

static bool port_answers(uint16_t port)
{
    port_write8(port + UART_SCRATCH, 0x5A);
    return port_read8(port + UART_SCRATCH) == 0x5A;
}

static uint16_t add_port(uint16_t index, uint16_t port)
{
    if (!port_answers(port)) {
        return index;
    }
    BDA->com_ports[index] = port;
    BDA->com_timeout[index] = 1;
    set_divisor(port, 1, LCR_8N1); /* 115200 baud */
    port_write8(port + UART_IER, 0);
    port_write8(port + UART_FCR, 0);
    port_write8(port + UART_MCR, MCR_DTR_RTS);
    return (uint16_t)(index + 1);
}

void serial_initialise(void)
{
    uint16_t ports = add_port(0, PORT_COM1);

    ports = add_port(ports, PORT_COM2);
    BDA->equipment = (uint16_t)(ports << 9);
}

void serial_send(uint8_t byte)
{
    uint16_t port = BDA->com_ports[0];

    for (uint32_t tries = 0; tries < 10000; tries++) {
        if (port_read8(port + UART_LSR) & LSR_EMPTY) {
            port_write8(port + UART_DATA, byte);
            return;
        }
    }
}

/* Wait for a bit of the line status; interrupts are on meanwhile. */
static bool wait_status(uint16_t port, uint8_t wanted)
{
    uint32_t start = clock_ticks();

    interrupts_on();
    while ((port_read8(port + UART_LSR) & wanted) == 0) {
        if (clock_ticks() - start > WAIT_TICKS) {
            return false;
        }
    }
    return true;
}

/* The parameters of AH=0: baud rate in bits 7..5, the rest as in the line control register. */
static void set_parameters(uint16_t port, uint8_t parameters)
{
    uint32_t rate = parameters >> 5;
    uint32_t divisor = rate == 0 ? 1047 : 768u >> (rate - 1);

    set_divisor(port, (uint16_t)divisor, parameters & 0x1F);
}

void serial_service(struct frame *frame)
{
    uint16_t port = frame->d.x < 4 ? BDA->com_ports[frame->d.x] : 0;
    uint8_t status = 0;

    if (port == 0) {
        frame->a.h = TIMEOUT;
        return;
    }
    switch (frame->a.h) {
    case 0x00:
        set_parameters(port, frame->a.l);
        break;
    case 0x01:
        if (wait_status(port, LSR_EMPTY)) {
            port_write8(port + UART_DATA, frame->a.l);
        } else {
            status = TIMEOUT;
        }
        frame->a.h = (uint8_t)(port_read8(port + UART_LSR) | status);
        return;
    case 0x02:
        if (wait_status(port, LSR_RECEIVED)) {
            status = port_read8(port + UART_LSR) & LSR_ERRORS;
            frame->a.l = port_read8(port + UART_DATA);
        } else {
            status = TIMEOUT;
        }
        frame->a.h = status;
        return;
    case 0x03:
        break;
    default:
        return;
    }
    frame->a.h = port_read8(port + UART_LSR);
    frame->a.l = port_read8(port + UART_MSR);
}

void printer_service(struct frame *frame)
{
    frame->a.h = 0x01; /* time-out: there is no printer */
}
