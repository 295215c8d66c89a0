/* Ports that belong to the board rather than to a chip.
 * SPDX-License-Identifier: MIT */
#include "devices/system_ports.h"
#include "devices/clock_ratio.h"
#include "devices/platform_map.h"

#define CONTROL_B_GATE2   0x01
#define CONTROL_B_SPEAKER 0x02
#define CONTROL_B_WRITTEN 0x0F
#define CONTROL_A_RESET   0x01
#define CONTROL_A_A20     0x02
#define REFRESH_TICKS     18 /* of the timer clock: 15.1 microseconds */

static void request(const struct system_ports *ports, enum pc_request what, uint32_t value)
{
    if (ports->host->request) {
        ports->host->request(ports->host->context, what, value);
    }
}

static void byte_out(const struct system_ports *ports, enum byte_channel channel, uint32_t value,
                     uint64_t now)
{
    if (ports->host->byte_out) {
        ports->host->byte_out(ports->host->context, channel, (uint8_t)value, now);
    }
}

static uint32_t post_index(uint16_t port)
{
    return port == PORT_POST ? 0 : (port == PORT_POST_ALT ? 1 : 2);
}

static uint32_t read_control_b(const struct system_ports *ports, uint64_t now)
{
    uint64_t tick = ticks_from_clock(now, PIT_HZ, ports->clock_hz);
    uint32_t refresh = (uint32_t)(tick / REFRESH_TICKS) & 1;

    return ports->state->control_b | refresh << 4 | pit_out(ports->pit, 2, now) << 5;
}

static void write_control_a(struct system_ports *ports, uint32_t value)
{
    uint8_t before = ports->state->control_a;

    ports->state->control_a = value & (CONTROL_A_RESET | CONTROL_A_A20);
    if ((value & CONTROL_A_RESET) && !(before & CONTROL_A_RESET)) {
        request(ports, PC_REQUEST_RESET, 0);
    }
}

static void ignore_errors(struct system_ports *ports, uint32_t level)
{
    ports->state->ignore_errors = (uint8_t)level;
    if (ports->host->ignore_errors) {
        ports->host->ignore_errors(ports->host->context, level);
    }
}

void system_ports_fpu_error(struct system_ports *ports, uint32_t level)
{
    ports->state->fpu_error = level != 0;
    if (level) {
        ports->state->fpu_interrupt = 1;
        line_set(&ports->fpu_irq, 1);
    } else {
        ignore_errors(ports, 0);
    }
}

/* PC/AT Technical Reference, coprocessor control: the error latch is cleared. */
static void clear_fpu_error(struct system_ports *ports)
{
    ports->state->fpu_interrupt = 0;
    line_set(&ports->fpu_irq, 0);
    ignore_errors(ports, ports->state->fpu_error);
}

void system_ports_init(struct system_ports *ports, const struct system_ports *wires)
{
    *ports = *wires;
}

void system_ports_reset(struct system_ports *ports, uint64_t now)
{
    struct system_ports_state idle = {.control_a = CONTROL_A_A20};

    *ports->state = idle;
    clear_fpu_error(ports);
    pit_set_gate2(ports->pit, 0, now);
}

void system_ports_power_on(struct system_ports *ports)
{
    ports->state->control_a = 0;
}

uint32_t system_ports_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct system_ports *ports = device;

    (void)size;
    switch (port) {
    case PORT_SYSTEM_CONTROL_B:
        return read_control_b(ports, now);
    case PORT_SYSTEM_CONTROL_A:
        return ports->state->control_a;
    case PORT_POST:
    case PORT_POST_ALT:
    case PORT_POST_ALT2:
        return ports->state->post[post_index(port)];
    case PORT_DEBUGCON:
        return 0xE9;
    default: /* exit and power: write-only */
        return UINT32_MAX >> (32 - 8 * size);
    }
}

void system_ports_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct system_ports *ports = device;

    switch (port) {
    case PORT_SYSTEM_CONTROL_B:
        ports->state->control_b = value & CONTROL_B_WRITTEN;
        pit_set_gate2(ports->pit, value & CONTROL_B_GATE2, now);
        break;
    case PORT_SYSTEM_CONTROL_A:
        write_control_a(ports, value);
        break;
    case PORT_POST:
    case PORT_POST_ALT:
    case PORT_POST_ALT2:
        ports->state->post[post_index(port)] = (uint8_t)value;
        byte_out(ports, CHANNEL_POST, value, now);
        break;
    case PORT_FPU_CLEAR:
    case PORT_FPU_RESET:
        clear_fpu_error(ports);
        break;
    case PORT_DEBUGCON:
        byte_out(ports, CHANNEL_DEBUGCON, value, now);
        break;
    case PORT_EXIT:
        request(ports, size == 4 && value == EXIT_PANIC_MAGIC ? PC_REQUEST_PANIC : PC_REQUEST_EXIT,
                value);
        break;
    default: /* PORT_POWER_OFF, PORT_POWER_OFF_B */
        if (size == 2 && value == POWER_OFF_VALUE) {
            request(ports, PC_REQUEST_POWER_OFF, 0);
        }
        break;
    }
}

uint32_t system_ports_a20(const struct system_ports_state *state)
{
    return (state->control_a & CONTROL_A_A20) != 0;
}

uint32_t system_ports_speaker(const struct system_ports_state *state)
{
    return (state->control_b & (CONTROL_B_GATE2 | CONTROL_B_SPEAKER)) ==
           (CONTROL_B_GATE2 | CONTROL_B_SPEAKER);
}

const char *system_ports_check(const struct system_ports_state *state)
{
    if ((state->control_b & ~CONTROL_B_WRITTEN) ||
        (state->control_a & ~(CONTROL_A_RESET | CONTROL_A_A20)) ||
        (state->fpu_error | state->fpu_interrupt | state->ignore_errors) > 1) {
        return "system ports: register out of range";
    }
    return 0;
}
