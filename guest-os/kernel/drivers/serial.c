/* 16550A driver: output waits for the port, input comes by interrupt. See: NS16550A data sheet,
 * "Registers". SPDX-License-Identifier: MIT */
#include "drivers/serial.h"

#include "devices/platform_map.h"
#include "drivers/tty.h"
#include "heart/cpu.h"
#include "heart/trap.h"

#define DATA         (PORT_COM1 + 0)
#define INTERRUPTS   (PORT_COM1 + 1)
#define FIFO         (PORT_COM1 + 2) /* writing; reading: interrupt identification */
#define LINE         (PORT_COM1 + 3)
#define MODEM        (PORT_COM1 + 4)
#define STATUS       (PORT_COM1 + 5)
#define LINE_DIVISOR 0x80 /* the first two registers are the divisor */
#define LINE_8N1     0x03
#define FIFO_ON      0x07 /* on, both emptied, interrupt at one byte */
#define MODEM_ON     0x0B /* DTR, RTS, OUT2: the interrupt reaches the controller */
#define ON_RECEIVED  0x01
#define STATUS_BYTE  0x01   /* a byte has come */
#define STATUS_EMPTY 0x20   /* the transmitter takes another */
#define WAIT_TURNS   100000 /* then the port is taken for broken and the byte is dropped */

void serial_initialise(void)
{
    port_write8(INTERRUPTS, 0);
    port_write8(LINE, LINE_DIVISOR | LINE_8N1);
    port_write8(DATA, 1); /* divisor 1: 115200 baud */
    port_write8(INTERRUPTS, 0);
    port_write8(LINE, LINE_8N1);
    port_write8(FIFO, FIFO_ON);
    port_write8(MODEM, MODEM_ON);
}

static void on_interrupt(struct trap_frame *frame)
{
    (void)frame;
    while (port_read8(STATUS) & STATUS_BYTE) {
        tty_input((char)port_read8(DATA));
    }
}

void serial_start_input(void)
{
    trap_on_irq(IRQ_COM1, on_interrupt);
    port_write8(INTERRUPTS, ON_RECEIVED);
}

void serial_put(char c)
{
    for (uint32_t i = 0; i < WAIT_TURNS; i++) {
        if (port_read8(STATUS) & STATUS_EMPTY) {
            port_write8(DATA, (uint8_t)c);
            return;
        }
    }
}
