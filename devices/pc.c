/* The PC's board: which device answers where, and which pin leads to which.
 * SPDX-License-Identifier: MIT */
#include "devices/pc.h"
#include "devices/bus.h"
#include "devices/platform_map.h"
#include "devices/seeded.h"

/* Wires only. What was last told to the host is here too: it can be told again at any time. */
struct pc {
    struct pc_state *state;
    struct pc_host host;
    struct bus bus;
    struct interrupts interrupts;
    struct pit pit;
    struct uart com1;
    struct uart com2;
    struct kbd keyboard;
    struct cmos cmos;
    struct ata ata[2];
    struct vga vga;
    struct system_ports ports;
    const uint8_t *rom;       /* NULL: none */
    uint32_t rom_bytes;       /* its size */
    uint32_t power_on;        /* 1: reset leaves everything to firmware */
    uint32_t jitter;          /* 1: --jitter */
    uint64_t seed;            /* --seed */
    uint64_t told_next_event; /* CPU clocks */
    uint32_t told_interrupt;  /* 0 or 1 */
    uint32_t told_a20;        /* 0 or 1 */
};

struct port_row {
    uint16_t first;
    uint16_t last;
    uint32_t width; /* bytes the device takes at once */
    size_t device;  /* offset in struct pc */
    uint32_t (*read)(void *device, uint16_t port, uint32_t size, uint64_t now);
    void (*write)(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
};

#define DEVICE(member, prefix) offsetof(struct pc, member), prefix##_read, prefix##_write

/* Who answers at which port; rows are independent of each other. */
static const struct port_row PORTS[] = {
    {PORT_PIC_MASTER_COMMAND, PORT_PIC_MASTER_DATA, 1, DEVICE(interrupts.pic, pic_port)},
    {PORT_PIC_SLAVE_COMMAND, PORT_PIC_SLAVE_DATA, 1, DEVICE(interrupts.pic, pic_port)},
    {PORT_ELCR_MASTER, PORT_ELCR_SLAVE, 1, DEVICE(interrupts.pic, pic_elcr)},
    {PORT_PIT_CHANNEL0, PORT_PIT_CONTROL, 1, DEVICE(pit, pit_port)},
    {PORT_KBD_DATA, PORT_KBD_DATA, 1, DEVICE(keyboard, kbd_port)},
    {PORT_KBD_STATUS, PORT_KBD_STATUS, 1, DEVICE(keyboard, kbd_port)},
    {PORT_CMOS_INDEX, PORT_CMOS_DATA, 1, DEVICE(cmos, cmos_port)},
    {PORT_COM1, PORT_COM1 + 7, 1, DEVICE(com1, uart_port)},
    {PORT_COM2, PORT_COM2 + 7, 1, DEVICE(com2, uart_port)},
    {PORT_VGA_ATTRIBUTE, 0x3CF, 1, DEVICE(vga, vga_port)},
    {PORT_VGA_CRTC_INDEX, PORT_VGA_CRTC_DATA, 1, DEVICE(vga, vga_port)},
    {PORT_VGA_INPUT_STATUS, PORT_VGA_INPUT_STATUS, 1, DEVICE(vga, vga_port)},
    {PORT_SYSTEM_CONTROL_B, PORT_SYSTEM_CONTROL_B, 1, DEVICE(ports, system_ports)},
    {PORT_SYSTEM_CONTROL_A, PORT_SYSTEM_CONTROL_A, 1, DEVICE(ports, system_ports)},
    {PORT_POST, PORT_POST, 1, DEVICE(ports, system_ports)},
    {PORT_POST_ALT, PORT_POST_ALT, 1, DEVICE(ports, system_ports)},
    {PORT_POST_ALT2, PORT_POST_ALT2, 1, DEVICE(ports, system_ports)},
    {PORT_FPU_CLEAR, PORT_FPU_RESET, 1, DEVICE(ports, system_ports)},
    {PORT_EXIT, PORT_EXIT + 3, 4, DEVICE(ports, system_ports)},
    {PORT_POWER_OFF, PORT_POWER_OFF + 1, 2, DEVICE(ports, system_ports)},
    {PORT_POWER_OFF_B, PORT_POWER_OFF_B + 1, 2, DEVICE(ports, system_ports)},
};

/* A channel without drives is not there at all. */
static const struct port_row ATA_PORTS[2][2] = {
    {{PORT_ATA0, PORT_ATA0 + 7, 4, DEVICE(ata[0], ata_port)},
     {PORT_ATA0_CONTROL, PORT_ATA0_CONTROL, 1, DEVICE(ata[0], ata_control)}},
    {{PORT_ATA1, PORT_ATA1 + 7, 4, DEVICE(ata[1], ata_port)},
     {PORT_ATA1_CONTROL, PORT_ATA1_CONTROL, 1, DEVICE(ata[1], ata_control)}},
};

static const struct port_row IMCR = {PORT_IMCR_SELECT, PORT_IMCR_DATA, 1,
                                     DEVICE(interrupts, interrupts)};

static const struct port_row DEBUGCON = {PORT_DEBUGCON, PORT_DEBUGCON, 1,
                                         DEVICE(ports, system_ports)};

_Static_assert(sizeof(PORTS) / sizeof(PORTS[0]) + 6 <= BUS_CLAIMS_MAX, "the claims fit the bus");
_Static_assert(sizeof(struct pc_state) ==
                   sizeof(struct events_state) + sizeof(struct pic_pair_state) +
                       sizeof(struct apics_state) + sizeof(struct pit_state) +
                       sizeof(struct timer_jitter_state) + 2 * sizeof(struct uart_state) +
                       sizeof(struct kbd_state) + sizeof(struct cmos_state) +
                       2 * sizeof(struct ata_state) + sizeof(struct vga_state) +
                       sizeof(struct system_ports_state),
               "no padding");

static void claim(struct pc *pc, const struct port_row *row)
{
    struct port_claim port_claim = {.first = row->first,
                                    .last = row->last,
                                    .width = row->width,
                                    .read = row->read,
                                    .write = row->write,
                                    .device = (char *)pc + row->device};

    bus_claim_ports(&pc->bus, &port_claim);
}

static struct line_wire irq_wire(struct pc *pc, uint32_t irq)
{
    struct line_wire wire = {.set = interrupts_set_line, .context = &pc->interrupts, .number = irq};

    return wire;
}

static void serial_out(void *context, uint32_t channel, uint8_t byte, uint64_t now)
{
    struct pc *pc = context;

    if (pc->host.byte_out) {
        pc->host.byte_out(pc->host.context, (enum byte_channel)channel, byte, now);
    }
}

static uint32_t a20_level(const struct pc *pc)
{
    return kbd_a20(&pc->state->keyboard) | system_ports_a20(&pc->state->ports);
}

static void tell_interrupt(struct pc *pc)
{
    pc->told_interrupt = interrupts_output(&pc->interrupts);
    if (pc->host.interrupt_line) {
        pc->host.interrupt_line(pc->host.context, pc->told_interrupt);
    }
}

static void tell_a20(struct pc *pc)
{
    pc->told_a20 = a20_level(pc);
    if (pc->host.a20_gate) {
        pc->host.a20_gate(pc->host.context, pc->told_a20);
    }
}

static void tell_next_event(struct pc *pc)
{
    pc->told_next_event = events_next_clock(&pc->state->events);
    if (pc->host.next_event_changed) {
        pc->host.next_event_changed(pc->host.context, pc->told_next_event);
    }
}

/* At the end of whatever may have changed a line or the queue. */
static void tell_changes(struct pc *pc)
{
    interrupts_settle(&pc->interrupts);
    if (interrupts_output(&pc->interrupts) != pc->told_interrupt) {
        tell_interrupt(pc);
    }
    if (a20_level(pc) != pc->told_a20) {
        tell_a20(pc);
    }
    if (events_next_clock(&pc->state->events) != pc->told_next_event) {
        tell_next_event(pc);
    }
}

static void run_event(struct pc *pc, enum event_id id, uint64_t clock)
{
    switch (id) {
    case EVENT_PIT_CHANNEL0:
        pit_event(&pc->pit, clock);
        break;
    case EVENT_RTC_PERIODIC:
    case EVENT_RTC_UPDATE:
        cmos_event(&pc->cmos, clock);
        break;
    case EVENT_KEYBOARD:
        kbd_event(&pc->keyboard, clock);
        break;
    case EVENT_COM1_TRANSMIT:
    case EVENT_COM1_RECEIVE:
        uart_event(&pc->com1, id, clock);
        break;
    case EVENT_COM2_TRANSMIT:
    case EVENT_COM2_RECEIVE:
        uart_event(&pc->com2, id, clock);
        break;
    case EVENT_ATA0:
        ata_event(&pc->ata[0]);
        break;
    case EVENT_ATA1:
        ata_event(&pc->ata[1]);
        break;
    case EVENT_LOCAL_APIC:
        local_apic_event(&pc->interrupts.local, clock);
        break;
    case EVENT_PIT_LATE:
        pit_late_event(&pc->pit);
        break;
    case EVENT_LOCAL_APIC_LATE:
        local_apic_late_event(&pc->interrupts.local);
        break;
    case EVENT_COUNT:
        break;
    }
}

/* Every access comes after what was due by then, so that it sees the state of its own clock. */
static void run_due(struct pc *pc, uint64_t now)
{
    enum event_id id;
    uint64_t clock;

    while (events_take_due(&pc->state->events, now, &id, &clock)) {
        run_event(pc, id, clock);
        interrupts_settle(&pc->interrupts);
    }
}

static void wire_serial(struct pc *pc, struct uart *uart, struct uart_state *state, uint32_t unit,
                        uint64_t clock_hz)
{
    struct uart wires = {.state = state,
                         .events = &pc->state->events,
                         .irq = irq_wire(pc, unit ? IRQ_COM2 : IRQ_COM1),
                         .byte_out = serial_out,
                         .context = pc,
                         .channel = unit ? CHANNEL_COM2 : CHANNEL_COM1,
                         .transmit_event = unit ? EVENT_COM2_TRANSMIT : EVENT_COM1_TRANSMIT,
                         .receive_event = unit ? EVENT_COM2_RECEIVE : EVENT_COM1_RECEIVE,
                         .clock_hz = clock_hz};

    uart_init(uart, &wires);
}

static void wire_disks(struct pc *pc, uint32_t channel, const struct pc_config *config)
{
    struct ata wires = {.state = &pc->state->ata[channel],
                        .events = &pc->state->events,
                        .irq = irq_wire(pc, channel ? IRQ_ATA1 : IRQ_ATA0),
                        .host = &pc->host,
                        .drives = {config->disks[2 * channel], config->disks[2 * channel + 1]},
                        .first_disk = 2 * channel,
                        .event = channel ? EVENT_ATA1 : EVENT_ATA0,
                        .clock_hz = config->clock_hz};

    ata_init(&pc->ata[channel], &wires);
}

static void wire_devices(struct pc *pc, const struct pc_config *config)
{
    struct pc_state *state = pc->state;
    struct kbd keyboard = {.state = &state->keyboard,
                           .events = &state->events,
                           .irq = irq_wire(pc, IRQ_KEYBOARD),
                           .host = &pc->host,
                           .clock_hz = config->clock_hz};
    struct cmos cmos = {.state = &state->cmos,
                        .events = &state->events,
                        .irq = irq_wire(pc, IRQ_RTC),
                        .clock_hz = config->clock_hz,
                        .epoch = config->rtc_epoch,
                        .seed = config->seed,
                        .ram_bytes = config->ram_bytes,
                        .disks = {config->disks[0].sectors, config->disks[1].sectors}};
    struct system_ports ports = {.state = &state->ports,
                                 .pit = &pc->pit,
                                 .host = &pc->host,
                                 .fpu_irq = irq_wire(pc, IRQ_FPU),
                                 .clock_hz = config->clock_hz};

    interrupts_init(&pc->interrupts, &state->pic, &state->apics, &state->events, &pc->host);
    pc->interrupts.present = config->apics;
    pc->interrupts.local.jitter = &state->jitter;
    pit_init(&pc->pit, &state->pit, &state->events, irq_wire(pc, IRQ_TIMER), config->clock_hz);
    pc->pit.jitter = &state->jitter;
    wire_serial(pc, &pc->com1, &state->com1, 0, config->clock_hz);
    wire_serial(pc, &pc->com2, &state->com2, 1, config->clock_hz);
    kbd_init(&pc->keyboard, &keyboard);
    cmos_init(&pc->cmos, &cmos);
    wire_disks(pc, 0, config);
    wire_disks(pc, 1, config);
    vga_init(&pc->vga, &state->vga, config->clock_hz);
    system_ports_init(&pc->ports, &ports);
}

static uint32_t rom_read(void *device, uint32_t physical, uint32_t size, uint64_t now)
{
    const struct pc *pc = device;

    (void)size;
    (void)now;
    return pc->rom[physical + pc->rom_bytes]; /* it ends at 4 GiB */
}

static void rom_write(void *device, uint32_t physical, uint32_t size, uint32_t value, uint64_t now)
{
    (void)device;
    (void)physical;
    (void)size;
    (void)value;
    (void)now;
}

static void wire_rom(struct pc *pc, const struct pc_config *config)
{
    struct range_claim claim = {.first = 0 - config->rom_bytes,
                                .last = UINT32_MAX,
                                .width = 1,
                                .read = rom_read,
                                .write = rom_write,
                                .device = pc};

    pc->rom = config->rom;
    pc->rom_bytes = config->rom_bytes;
    if (config->rom) {
        bus_claim_range(&pc->bus, &claim);
    }
}

static void wire_apics(struct pc *pc)
{
    struct range_claim local = {.first = LOCAL_APIC_BASE,
                                .last = LOCAL_APIC_BASE + LOCAL_APIC_BYTES - 1,
                                .width = 4,
                                .read = local_apic_read,
                                .write = local_apic_write,
                                .device = &pc->interrupts.local};
    struct range_claim io = {.first = IO_APIC_BASE,
                             .last = IO_APIC_BASE + IO_APIC_BYTES - 1,
                             .width = 4,
                             .read = io_apic_read,
                             .write = io_apic_write,
                             .device = &pc->interrupts.io};

    if (pc->interrupts.present) {
        bus_claim_range(&pc->bus, &local);
        bus_claim_range(&pc->bus, &io);
        claim(pc, &IMCR);
    }
}

size_t pc_bytes(void)
{
    return sizeof(struct pc);
}

struct pc *pc_init(void *memory, struct pc_state *state, const struct pc_config *config,
                   const struct pc_host *host)
{
    struct pc *pc = memory;
    struct range_claim screen = {.first = VGA_TEXT_BASE,
                                 .last = VGA_TEXT_BASE + VGA_TEXT_BYTES - 1,
                                 .width = 1,
                                 .read = vga_memory_read,
                                 .write = vga_memory_write,
                                 .device = &pc->vga};

    pc->state = state;
    pc->host = *host;
    pc->told_next_event = CLOCK_NEVER;
    pc->told_interrupt = 0;
    pc->told_a20 = 1;
    pc->power_on = config->power_on;
    pc->jitter = config->jitter;
    pc->seed = config->seed;
    wire_devices(pc, config);
    bus_init(&pc->bus);
    for (size_t i = 0; i < sizeof(PORTS) / sizeof(PORTS[0]); i++) {
        claim(pc, &PORTS[i]);
    }
    if (config->debugcon) {
        claim(pc, &DEBUGCON);
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (config->disks[2 * i].sectors || config->disks[2 * i + 1].sectors) {
            claim(pc, &ATA_PORTS[i][0]);
            claim(pc, &ATA_PORTS[i][1]);
        }
    }
    bus_claim_range(&pc->bus, &screen);
    wire_rom(pc, config);
    wire_apics(pc);
    return pc;
}

void pc_reset(struct pc *pc, uint64_t now)
{
    events_reset(&pc->state->events);
    if (pc->jitter && !pc->state->jitter.random) {
        timer_jitter_start(&pc->state->jitter, pc->seed);
    }
    pit_reset(&pc->pit, now);
    system_ports_reset(&pc->ports, now);
    uart_reset(&pc->com1);
    uart_reset(&pc->com2);
    kbd_reset(&pc->keyboard);
    cmos_reset(&pc->cmos, now);
    ata_reset(&pc->ata[0]);
    ata_reset(&pc->ata[1]);
    vga_reset(&pc->vga);
    if (pc->power_on) {
        system_ports_power_on(&pc->ports);
        uart_power_on(&pc->com1);
        uart_power_on(&pc->com2);
        kbd_power_on(&pc->keyboard);
        vga_power_on(&pc->vga);
    }
    pic_reset(&pc->interrupts.pic); /* last: it forgets the edges that the others' resets made */
    if (pc->power_on) {
        pic_power_on(&pc->interrupts.pic);
    }
    interrupts_reset(&pc->interrupts);
    interrupts_settle(&pc->interrupts);
    pc_reconnect(pc);
}

uint32_t pc_port_read(struct pc *pc, uint16_t port, uint32_t size, uint64_t now)
{
    uint32_t value;

    run_due(pc, now);
    value = bus_port_read(&pc->bus, port, size, now);
    tell_changes(pc);
    return value;
}

void pc_port_write(struct pc *pc, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    run_due(pc, now);
    bus_port_write(&pc->bus, port, size, value, now);
    tell_changes(pc);
}

uint32_t pc_memory_read(struct pc *pc, uint32_t physical, uint32_t size, uint64_t now)
{
    uint32_t value;

    if (physical < IO_APIC_BASE) { /* the screen: no line and no event hangs on it */
        return bus_memory_read(&pc->bus, physical, size, now);
    }
    run_due(pc, now);
    value = bus_memory_read(&pc->bus, physical, size, now);
    tell_changes(pc);
    return value;
}

void pc_memory_write(struct pc *pc, uint32_t physical, uint32_t size, uint32_t value, uint64_t now)
{
    if (physical < IO_APIC_BASE) {
        bus_memory_write(&pc->bus, physical, size, value, now);
        return;
    }
    run_due(pc, now);
    bus_memory_write(&pc->bus, physical, size, value, now);
    tell_changes(pc);
}

uint8_t pc_interrupt_acknowledge(struct pc *pc, uint64_t now)
{
    uint8_t vector;

    run_due(pc, now);
    vector = interrupts_acknowledge(&pc->interrupts);
    tell_changes(pc);
    return vector;
}

void pc_fpu_error(struct pc *pc, uint32_t level, uint64_t now)
{
    run_due(pc, now);
    system_ports_fpu_error(&pc->ports, level);
    tell_changes(pc);
}

uint32_t pc_interrupt_line(const struct pc *pc)
{
    return interrupts_output(&pc->interrupts);
}

uint32_t pc_apic_base(const struct pc *pc)
{
    return pc->state->apics.local.base;
}

uint32_t pc_set_apic_base(struct pc *pc, uint32_t value, uint64_t now)
{
    uint32_t taken;

    run_due(pc, now);
    taken = local_apic_set_base(&pc->interrupts.local, value);
    tell_changes(pc);
    return taken;
}

void pc_apics_hand_over(struct pc *pc, uint64_t now)
{
    interrupts_hand_over(&pc->interrupts, now);
    tell_changes(pc);
}

uint32_t pc_brings_nmi(const struct pc *pc)
{
    return io_apic_brings_nmi(&pc->state->apics.io) &&
           events_next_clock(&pc->state->events) != CLOCK_NEVER;
}

uint64_t pc_next_event(const struct pc *pc)
{
    return events_next_clock(&pc->state->events);
}

void pc_run_events(struct pc *pc, uint64_t now)
{
    run_due(pc, now);
    tell_changes(pc);
}

bool pc_key(struct pc *pc, uint8_t scancode, uint64_t now)
{
    bool taken;

    run_due(pc, now);
    taken = kbd_key(&pc->keyboard, scancode, now);
    tell_changes(pc);
    return taken;
}

bool pc_serial_receive(struct pc *pc, uint32_t unit, uint32_t byte, uint64_t now)
{
    bool taken;

    run_due(pc, now);
    taken = uart_receive(unit ? &pc->com2 : &pc->com1, byte, now);
    tell_changes(pc);
    return taken;
}

void pc_serial_modem(struct pc *pc, uint32_t unit, uint8_t inputs, uint64_t now)
{
    run_due(pc, now);
    uart_modem(unit ? &pc->com2 : &pc->com1, inputs);
    tell_changes(pc);
}

uint32_t pc_serial_room(const struct pc *pc, uint32_t unit)
{
    return uart_room(unit ? &pc->state->com2 : &pc->state->com1);
}

void pc_reconnect(struct pc *pc)
{
    tell_interrupt(pc);
    tell_a20(pc);
    tell_next_event(pc);
}

uint8_t pc_cmos_peek(const struct pc *pc, uint32_t index, uint64_t now)
{
    return cmos_peek(&pc->cmos, index, now);
}

uint32_t pc_timer_out(const struct pc *pc, uint32_t channel, uint64_t now)
{
    return pit_out(&pc->pit, channel, now);
}

uint16_t pc_timer_count(const struct pc *pc, uint32_t channel, uint64_t now)
{
    return pit_count(&pc->pit, channel, now);
}
