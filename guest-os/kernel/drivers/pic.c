/* 8259A driver. See: Intel 8259A data sheet, "Initialization command words", "Operation command
 * words". SPDX-License-Identifier: MIT */
#include "drivers/pic.h"

#include "devices/platform_map.h"
#include "heart/cpu.h"
#include "heart/trap.h"

#define ICW1_INIT     0x11 /* edge triggered, cascade, ICW4 follows */
#define ICW4_8086     0x01
#define OCW2_END      0x20 /* non-specific end of interrupt */
#define OCW3_READ_ISR 0x0B /* the next read of the command port gives the in-service register */
#define LOWEST        7    /* the line a controller names when none is active */

static uint16_t closed = 0xFFFF; /* bit n: line n is closed */

static void write_masks(void)
{
    port_write8(PORT_PIC_MASTER_DATA, (uint8_t)closed);
    port_write8(PORT_PIC_SLAVE_DATA, (uint8_t)(closed >> 8));
}

void pic_initialise(void)
{
    port_write8(PORT_PIC_MASTER_COMMAND, ICW1_INIT);
    port_write8(PORT_PIC_SLAVE_COMMAND, ICW1_INIT);
    port_write8(PORT_PIC_MASTER_DATA, VECTOR_IRQ0); /* ICW2: first vector */
    port_write8(PORT_PIC_SLAVE_DATA, VECTOR_IRQ0 + 8);
    port_write8(PORT_PIC_MASTER_DATA, 1 << IRQ_CASCADE); /* ICW3: where the other one is */
    port_write8(PORT_PIC_SLAVE_DATA, IRQ_CASCADE);
    port_write8(PORT_PIC_MASTER_DATA, ICW4_8086);
    port_write8(PORT_PIC_SLAVE_DATA, ICW4_8086);
    write_masks();
}

void pic_open(uint32_t irq)
{
    closed &= (uint16_t) ~(1u << irq | (irq >= 8 ? 1u << IRQ_CASCADE : 0));
    write_masks();
}

static bool in_service(uint16_t command_port)
{
    port_write8(command_port, OCW3_READ_ISR);
    return (port_read8(command_port) & 1 << LOWEST) != 0;
}

bool pic_acknowledge(uint32_t irq)
{
    bool slave = irq >= 8;
    bool real =
        irq % 8 != LOWEST || in_service(slave ? PORT_PIC_SLAVE_COMMAND : PORT_PIC_MASTER_COMMAND);

    if (slave && real) {
        port_write8(PORT_PIC_SLAVE_COMMAND, OCW2_END);
    }
    if (slave || real) { /* even then the master has seen an interrupt from the slave */
        port_write8(PORT_PIC_MASTER_COMMAND, OCW2_END);
    }
    return real;
}
