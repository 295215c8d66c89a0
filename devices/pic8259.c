/* The cascaded 8259A pair. Priorities are resolved from the state whenever somebody asks.
 * SPDX-License-Identifier: MIT */
#include "devices/pic8259.h"
#include "devices/platform_map.h"

#define ICW1_SELECT     0x10
#define ICW1_LEVEL      0x08 /* LTIM */
#define ICW1_SINGLE     0x02 /* SNGL: no cascade, no ICW3 */
#define ICW1_NEEDS_ICW4 0x01
#define ICW4_SFNM       0x10
#define ICW4_AEOI       0x02
#define OCW3_SELECT     0x08
#define ELCR_MASTER     0xF8 /* bits that can be set */
#define ELCR_SLAVE      0xDE

/* OCW2 bits 7:5 */
enum ocw2_command {
    OCW2_ROTATE_AEOI_CLEAR,
    OCW2_EOI,
    OCW2_NOTHING,
    OCW2_EOI_SPECIFIC,
    OCW2_ROTATE_AEOI_SET,
    OCW2_ROTATE_EOI,
    OCW2_SET_PRIORITY,
    OCW2_ROTATE_EOI_SPECIFIC,
};

static uint32_t has_slave(const struct pic_state *chip, uint32_t level)
{
    return !(chip->icw1 & ICW1_SINGLE) && ((chip->icw3 >> level) & 1);
}

uint8_t pic_requests(const struct pic_state *chip)
{
    uint8_t levels = (chip->icw1 & ICW1_LEVEL) ? 0xFF : chip->elcr;

    return (uint8_t)((chip->lines & levels) | (chip->edges & ~levels));
}

/* The level that would be acknowledged now, or PIC_LEVEL_NONE. `is_master`: its ICW3 is a set of
 * slaves, so SFNM lets a further request of a slave in service through. */
static uint32_t best_request(const struct pic_state *chip, uint32_t is_master)
{
    uint8_t wanted = (uint8_t)(pic_requests(chip) & ~chip->imr);
    uint8_t blocking = chip->isr;

    if (chip->special_mask) {
        blocking = (uint8_t)(blocking & ~chip->imr);
    }
    for (uint32_t i = 1; i <= 8; i++) {
        uint32_t level = (chip->lowest + i) & 7;
        uint32_t nests = is_master && (chip->icw4 & ICW4_SFNM) && has_slave(chip, level);

        if (((wanted >> level) & 1) && (!((blocking >> level) & 1) || nests)) {
            return level;
        }
        if (((blocking >> level) & 1)) {
            return PIC_LEVEL_NONE;
        }
    }
    return PIC_LEVEL_NONE;
}

static void drive(struct pic_state *chip, uint32_t level, uint32_t high)
{
    uint8_t bit = (uint8_t)(1u << level);

    if (!high) {
        chip->lines = (uint8_t)(chip->lines & ~bit);
        chip->edges = (uint8_t)(chip->edges & ~bit);
    } else if (!(chip->lines & bit)) {
        chip->lines |= bit;
        chip->edges |= bit;
    }
}

static void drive_cascade(struct pic_pair_state *state)
{
    drive(&state->master, IRQ_CASCADE, best_request(&state->slave, 0) != PIC_LEVEL_NONE);
}

/* What INTA and a poll do to the chip: in service, edge forgotten; a level of NONE is spurious. */
static void take(struct pic_state *chip, uint32_t level)
{
    if (level < 8) {
        chip->edges = (uint8_t)(chip->edges & ~(1u << level));
        chip->isr |= (uint8_t)(1u << level);
    }
}

static void end_automatically(struct pic_state *chip, uint32_t level)
{
    if (level < 8 && (chip->icw4 & ICW4_AEOI)) {
        chip->isr = (uint8_t)(chip->isr & ~(1u << level));
        if (chip->rotate_aeoi) {
            chip->lowest = (uint8_t)level;
        }
    }
}

/* The slave's INT falls with each acknowledgement, so that what is still pending makes an edge. */
static void pulse_cascade(struct pic_pair_state *state)
{
    drive(&state->master, IRQ_CASCADE, 0);
    drive_cascade(state);
}

static uint8_t poll(struct pic_pair_state *state, struct pic_state *chip)
{
    uint32_t level = best_request(chip, chip == &state->master);

    chip->poll = 0;
    if (level == PIC_LEVEL_NONE) {
        return 0;
    }
    take(chip, level);
    end_automatically(chip, level);
    if (chip == &state->slave) {
        pulse_cascade(state);
    }
    return (uint8_t)(0x80 | level);
}

/* The highest level in service as a bit, 0 if none; special mask mode hides masked ones. */
static uint8_t highest_in_service(const struct pic_state *chip, uint32_t *level)
{
    uint8_t candidates = chip->isr;

    if (chip->special_mask) {
        candidates = (uint8_t)(candidates & ~chip->imr);
    }
    for (uint32_t i = 1; i <= 8; i++) {
        *level = (chip->lowest + i) & 7;
        if ((candidates >> *level) & 1) {
            return (uint8_t)(1u << *level);
        }
    }
    return 0;
}

static void end_of_interrupt(struct pic_state *chip, uint32_t rotate)
{
    uint32_t level = 0;
    uint8_t bit = highest_in_service(chip, &level);

    chip->isr = (uint8_t)(chip->isr & ~bit);
    if (bit && rotate) {
        chip->lowest = (uint8_t)level;
    }
}

static void write_ocw2(struct pic_state *chip, uint8_t value)
{
    uint32_t level = value & 7;

    switch ((enum ocw2_command)(value >> 5)) {
    case OCW2_ROTATE_AEOI_CLEAR:
    case OCW2_ROTATE_AEOI_SET:
        chip->rotate_aeoi = value >> 7;
        break;
    case OCW2_EOI:
    case OCW2_ROTATE_EOI:
        end_of_interrupt(chip, value >> 7);
        break;
    case OCW2_ROTATE_EOI_SPECIFIC:
        chip->lowest = (uint8_t)level;
        chip->isr = (uint8_t)(chip->isr & ~(1u << level));
        break;
    case OCW2_EOI_SPECIFIC:
        chip->isr = (uint8_t)(chip->isr & ~(1u << level));
        break;
    case OCW2_SET_PRIORITY:
        chip->lowest = (uint8_t)level;
        break;
    case OCW2_NOTHING:
        break;
    }
}

static void write_ocw3(struct pic_state *chip, uint8_t value)
{
    if (value & 0x40) { /* ESMM */
        chip->special_mask = (value >> 5) & 1;
    }
    if (value & 0x02) { /* RR */
        chip->read_isr = value & 1;
    }
    chip->poll = (value >> 2) & 1;
}

static void write_icw1(struct pic_state *chip, uint8_t value)
{
    chip->icw1 = value;
    chip->imr = 0;
    chip->isr = 0;
    chip->edges = 0;
    chip->lowest = 7;
    chip->special_mask = 0;
    chip->read_isr = 0;
    chip->poll = 0;
    chip->rotate_aeoi = 0;
    chip->icw4 = 0;
    chip->init_step = PIC_EXPECT_ICW2;
}

static void write_odd(struct pic_state *chip, uint8_t value)
{
    uint8_t needs_icw4 = chip->icw1 & ICW1_NEEDS_ICW4;

    switch ((enum pic_init_step)chip->init_step) {
    case PIC_READY:
        chip->imr = value;
        break;
    case PIC_EXPECT_ICW2:
        chip->icw2 = value & 0xF8;
        chip->init_step = PIC_EXPECT_ICW3;
        if (chip->icw1 & ICW1_SINGLE) {
            chip->init_step = needs_icw4 ? PIC_EXPECT_ICW4 : PIC_READY;
        }
        break;
    case PIC_EXPECT_ICW3:
        chip->icw3 = value;
        chip->init_step = needs_icw4 ? PIC_EXPECT_ICW4 : PIC_READY;
        break;
    case PIC_EXPECT_ICW4:
        chip->icw4 = value;
        chip->init_step = PIC_READY;
        break;
    }
}

static struct pic_state *chip_at(struct pic_pair_state *state, uint16_t port)
{
    return (port & 0xFFFE) == PORT_PIC_MASTER_COMMAND ? &state->master : &state->slave;
}

static void reset_chip(struct pic_state *chip, uint8_t icw2, uint8_t icw3)
{
    write_icw1(chip, ICW1_SELECT | ICW1_NEEDS_ICW4);
    write_odd(chip, icw2);
    write_odd(chip, icw3);
    write_odd(chip, 1);
    chip->elcr = 0;
    chip->imr = 0xFF;
    chip->inta_level = PIC_LEVEL_NONE;
}

void pic_init(struct pic *pic, struct pic_pair_state *state)
{
    pic->state = state;
}

void pic_reset(struct pic *pic)
{
    reset_chip(&pic->state->master, 0x08, 1 << IRQ_CASCADE);
    reset_chip(&pic->state->slave, 0x70, IRQ_CASCADE);
    drive_cascade(pic->state);
}

void pic_power_on(struct pic *pic)
{
    reset_chip(&pic->state->master, 0, 0);
    reset_chip(&pic->state->slave, 0, 0);
    drive_cascade(pic->state);
}

uint32_t pic_port_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct pic_pair_state *state = ((struct pic *)device)->state;
    struct pic_state *chip = chip_at(state, port);

    (void)size;
    (void)now;
    if (chip->poll) {
        return poll(state, chip);
    }
    if (port & 1) {
        return chip->imr;
    }
    return chip->read_isr ? chip->isr : pic_requests(chip);
}

void pic_port_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct pic_pair_state *state = ((struct pic *)device)->state;
    struct pic_state *chip = chip_at(state, port);
    uint8_t byte = (uint8_t)value;

    (void)size;
    (void)now;
    if (port & 1) {
        write_odd(chip, byte);
    } else if (byte & ICW1_SELECT) {
        write_icw1(chip, byte);
    } else if (byte & OCW3_SELECT) {
        write_ocw3(chip, byte);
    } else {
        write_ocw2(chip, byte);
    }
    drive_cascade(state);
}

uint32_t pic_elcr_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    const struct pic_pair_state *state = ((struct pic *)device)->state;

    (void)size;
    (void)now;
    return port == PORT_ELCR_MASTER ? state->master.elcr : state->slave.elcr;
}

void pic_elcr_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct pic_pair_state *state = ((struct pic *)device)->state;

    (void)size;
    (void)now;
    if (port == PORT_ELCR_MASTER) {
        state->master.elcr = value & ELCR_MASTER;
    } else {
        state->slave.elcr = value & ELCR_SLAVE;
        drive_cascade(state);
    }
}

void pic_set_line(void *device, uint32_t irq, uint32_t level)
{
    struct pic_pair_state *state = ((struct pic *)device)->state;

    if (irq < 8) {
        drive(&state->master, irq, level);
    } else {
        drive(&state->slave, irq & 7, level);
        drive_cascade(state);
    }
}

uint32_t pic_output(const struct pic_pair_state *state)
{
    return best_request(&state->master, 1) != PIC_LEVEL_NONE;
}

void pic_acknowledge_first(struct pic *pic)
{
    struct pic_state *master = &pic->state->master;
    uint32_t level = best_request(master, 1);

    master->inta_level = (uint8_t)level;
    take(master, level);
}

/* What the slave puts on the data bus: its own spurious level 7 if its request has gone. */
static uint8_t slave_vector(struct pic_pair_state *state)
{
    struct pic_state *slave = &state->slave;
    uint32_t level = best_request(slave, 0);

    take(slave, level);
    end_automatically(slave, level);
    pulse_cascade(state);
    if ((slave->icw3 & 7) != IRQ_CASCADE) {
        return 0xFF; /* nobody drives the bus */
    }
    return (uint8_t)(slave->icw2 | (level & 7) | (level == PIC_LEVEL_NONE ? 7 : 0));
}

uint8_t pic_acknowledge_second(struct pic *pic)
{
    struct pic_state *master = &pic->state->master;
    uint32_t level = master->inta_level;
    uint8_t vector = (uint8_t)(master->icw2 | 7);

    if (level < 8) {
        vector = (uint8_t)(master->icw2 | level);
        if (level == IRQ_CASCADE && has_slave(master, level)) {
            vector = slave_vector(pic->state);
        }
        end_automatically(master, level);
    }
    master->inta_level = PIC_LEVEL_NONE;
    return vector;
}

static const char *check_chip(const struct pic_state *chip)
{
    if (chip->edges & ~chip->lines) {
        return "interrupt controller: edge without a high line";
    }
    if (chip->lowest > 7 || chip->inta_level > PIC_LEVEL_NONE || (chip->icw2 & 7) != 0) {
        return "interrupt controller: level or vector out of range";
    }
    if (chip->init_step > PIC_EXPECT_ICW4) {
        return "interrupt controller: initialisation step out of range";
    }
    if (chip->read_isr > 1 || chip->poll > 1 || chip->special_mask > 1 || chip->rotate_aeoi > 1) {
        return "interrupt controller: flag out of range";
    }
    return 0;
}

const char *pic_check(const struct pic_pair_state *state)
{
    const char *wrong = check_chip(&state->master);

    if ((state->master.elcr & ~ELCR_MASTER) || (state->slave.elcr & ~ELCR_SLAVE)) {
        return "interrupt controller: an input that is never level triggered";
    }
    if (!wrong) {
        wrong = check_chip(&state->slave);
    }
    if (!wrong && ((state->master.lines >> IRQ_CASCADE) & 1) !=
                      (best_request(&state->slave, 0) != PIC_LEVEL_NONE)) {
        wrong = "interrupt controller: cascade line does not match the slave";
    }
    return wrong;
}
