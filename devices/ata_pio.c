/* An ATA channel: registers, reset, interrupt line, data port. Commands: ata_cmd.c.
 * SPDX-License-Identifier: MIT */
#include "devices/ata_pio.h"

#define STATUS_BSY  0x80
#define STATUS_DRDY 0x40
#define STATUS_DSC  0x10
#define STATUS_DRQ  0x08
#define STATUS_ERR  0x01

#define CONTROL_SRST 0x04
#define CONTROL_NIEN 0x02

#define DEVICE_ONES 0xA0 /* bits 7 and 5 read as ones */

static uint32_t is_busy(const struct ata_state *state)
{
    return state->phase != ATA_READY && state->phase != ATA_READ_HOST &&
           state->phase != ATA_WRITE_HOST;
}

uint32_t ata_waits(const struct ata_state *state)
{
    return is_busy(state) && state->phase != ATA_HELD;
}

uint32_t ata_selected(const struct ata_state *state)
{
    return (state->device & ATA_DEVICE_SLAVE) ? 1 : 0;
}

static uint32_t is_present(const struct ata *ata)
{
    return ata->drives[ata_selected(ata->state)].sectors != 0;
}

/* INTRQ is driven by the selected drive only. */
void ata_update_irq(struct ata *ata)
{
    const struct ata_state *state = ata->state;

    line_set(&ata->irq, state->interrupt && !(state->control & CONTROL_NIEN) && is_present(ata));
}

static uint8_t status(const struct ata *ata)
{
    const struct ata_state *state = ata->state;

    if (!is_present(ata)) {
        return 0x00;
    }
    if (is_busy(state)) {
        return STATUS_BSY;
    }
    return (uint8_t)(STATUS_DRDY | STATUS_DSC | (state->phase != ATA_READY ? STATUS_DRQ : 0) |
                     (state->failed ? STATUS_ERR : 0));
}

struct ata_geometry ata_geometry(uint32_t sectors)
{
    uint32_t cylinders = sectors / (16 * 63);
    struct ata_geometry geometry = {.cylinders = 16383, .heads = 16, .sectors = 63};

    if (cylinders < geometry.cylinders) {
        geometry.cylinders = (uint16_t)(cylinders ? cylinders : 1);
    }
    return geometry;
}

void ata_signature(struct ata_state *state)
{
    state->error = ATA_ERROR_NONE;
    state->failed = 0;
    state->count = 1;
    state->number = 1;
    state->low = 0;
    state->high = 0;
    state->device = DEVICE_ONES;
}

void ata_busy(struct ata *ata, enum ata_phase phase, uint64_t us, uint64_t now)
{
    uint64_t clocks = (us * ata->clock_hz + 999999) / 1000000;

    ata->state->phase = (uint8_t)phase;
    events_post(ata->events, ata->event, now + (clocks ? clocks : 1));
}

/* ---- reset ---- */

/* Nothing is being moved any more. */
static void forget_command(struct ata_state *state)
{
    state->phase = ATA_READY;
    state->left = 0;
    state->position = 0;
    state->length = 0;
    state->interrupt = 0;
}

static void reset_drive(struct ata *ata, uint32_t index)
{
    struct ata_drive_state fresh = {
        .geometry = ata_geometry(ata->drives[index].sectors), .write_cache = 1, .look_ahead = 1};

    ata->state->drives[index] = fresh;
}

void ata_init(struct ata *ata, const struct ata *wires)
{
    *ata = *wires;
}

void ata_reset(struct ata *ata)
{
    struct ata_state *state = ata->state;

    forget_command(state);
    for (uint32_t i = 0; i < ATA_BLOCK_BYTES; i++) {
        state->buffer[i] = 0;
    }
    reset_drive(ata, 0);
    reset_drive(ata, 1);
    ata_signature(state);
    state->sector = 0;
    state->command = 0;
    state->features = 0;
    state->control = 0;
    events_cancel(ata->events, ata->event);
    ata_update_irq(ata);
}

/* SRST: rises, everything stops; falls, the drives look after themselves for a while. Translation
 * and block size outlive it, as after SET FEATURES 66h (ATA-4 8.37). */
static void write_control(struct ata *ata, uint8_t value, uint64_t now)
{
    struct ata_state *state = ata->state;
    uint8_t before = state->control;

    state->control = value & (CONTROL_SRST | CONTROL_NIEN);
    if (state->control & ~before & CONTROL_SRST) {
        forget_command(state);
        events_cancel(ata->events, ata->event);
        state->phase = ATA_HELD;
        state->device = DEVICE_ONES;
    } else if (before & ~state->control & CONTROL_SRST) {
        ata_busy(ata, ATA_RESETTING, ATA_RESET_US, now);
    }
}

/* ---- data port ---- */

static uint32_t read_word(struct ata *ata, uint64_t now)
{
    struct ata_state *state = ata->state;
    uint32_t value;

    if (state->phase != ATA_READ_HOST || !is_present(ata)) {
        return 0xFFFF;
    }
    value = state->buffer[state->position] | (uint32_t)state->buffer[state->position + 1] << 8;
    state->position = (uint16_t)(state->position + 2);
    if (state->position == state->length) {
        ata_block_done(ata, now);
    }
    return value;
}

static void write_word(struct ata *ata, uint32_t value, uint64_t now)
{
    struct ata_state *state = ata->state;

    if (state->phase != ATA_WRITE_HOST || !is_present(ata)) {
        return;
    }
    state->buffer[state->position] = (uint8_t)value;
    state->buffer[state->position + 1] = (uint8_t)(value >> 8);
    state->position = (uint16_t)(state->position + 2);
    if (state->position == state->length) {
        ata_block_done(ata, now);
    }
}

/* One cycle moves one word: a byte access loses the upper half, a doubleword makes two cycles. */
static uint32_t read_data(struct ata *ata, uint32_t size, uint64_t now)
{
    uint32_t value = read_word(ata, now);

    if (size == 4) {
        value |= read_word(ata, now) << 16;
    }
    return size == 1 ? value & 0xFF : value;
}

static void write_data(struct ata *ata, uint32_t size, uint32_t value, uint64_t now)
{
    write_word(ata, size == 1 ? (value & 0xFF) | 0xFF00 : value & 0xFFFF, now);
    if (size == 4) {
        write_word(ata, value >> 16, now);
    }
}

/* ---- registers ---- */

static uint8_t read_register(struct ata *ata, uint32_t offset)
{
    struct ata_state *state = ata->state;

    switch (offset) {
    case 1:
        return state->error;
    case 2:
        return state->count;
    case 3:
        return state->number;
    case 4:
        return state->low;
    case 5:
        return state->high;
    case 6:
        return state->device;
    default:
        if (is_present(ata)) {
            state->interrupt = 0;
        }
        return status(ata);
    }
}

/* A command ends whatever went on. EXECUTE DEVICE DIAGNOSTIC is for both drives. */
static void write_command(struct ata *ata, uint8_t value, uint64_t now)
{
    struct ata_state *state = ata->state;

    if (!is_present(ata) && value != 0x90) {
        return;
    }
    forget_command(state);
    state->command = value;
    state->error = 0;
    state->failed = 0;
    ata_command(ata, now);
}

/* While BSY is on, the drive owns the registers (ATA-4 7.1). */
static void write_register(struct ata *ata, uint32_t offset, uint8_t value, uint64_t now)
{
    struct ata_state *state = ata->state;

    if (is_busy(state)) {
        return;
    }
    switch (offset) {
    case 1:
        state->features = value;
        break;
    case 2:
        state->count = value;
        break;
    case 3:
        state->number = value;
        break;
    case 4:
        state->low = value;
        break;
    case 5:
        state->high = value;
        break;
    case 6:
        state->device = value | DEVICE_ONES;
        break;
    default:
        write_command(ata, value, now);
        break;
    }
}

uint32_t ata_port_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct ata *ata = device;
    uint32_t offset = port & 7;
    uint32_t value = 0;

    if (offset == 0) {
        value = read_data(ata, size, now);
    } else {
        for (uint32_t i = 0; i < size && offset + i < 8; i++) {
            value |= (uint32_t)read_register(ata, offset + i) << (8 * i);
        }
    }
    ata_update_irq(ata);
    return value;
}

void ata_port_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct ata *ata = device;
    uint32_t offset = port & 7;

    if (offset == 0) {
        write_data(ata, size, value, now);
    } else {
        for (uint32_t i = 0; i < size && offset + i < 8; i++) {
            write_register(ata, offset + i, (uint8_t)(value >> (8 * i)), now);
        }
    }
    ata_update_irq(ata);
}

uint32_t ata_control_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    (void)port;
    (void)size;
    (void)now;
    return status(device);
}

void ata_control_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    (void)port;
    (void)size;
    write_control(device, (uint8_t)value, now);
    ata_update_irq(device);
}

/* ---- loaded states ---- */

static const char *check_drive(const struct ata_drive_state *drive)
{
    if (drive->geometry.heads < 1 || drive->geometry.heads > 16 || drive->geometry.sectors < 1) {
        return "disk: geometry out of range";
    }
    if (drive->multiple > ATA_BLOCK_SECTORS || drive->write_cache > 1 || drive->look_ahead > 1 ||
        drive->reserved || drive->next_sector > ATA_SECTORS_MAX + 1) {
        return "disk: mode out of range";
    }
    return 0;
}

const char *ata_check(const struct ata_state *state)
{
    uint32_t data = state->phase >= ATA_READ_MEDIA && state->phase <= ATA_WRITE_MEDIA;
    const char *wrong = check_drive(&state->drives[0]);

    wrong = wrong ? wrong : check_drive(&state->drives[1]);
    if (wrong) {
        return wrong;
    }
    if (state->phase >= ATA_PHASE_COUNT || state->left > 256 ||
        (state->phase == ATA_HELD) != ((state->control & CONTROL_SRST) != 0)) {
        return "disk: phase out of range";
    }
    if (state->length > ATA_BLOCK_BYTES || state->length % ATA_SECTOR_BYTES ||
        state->position % 2 || state->position > state->length || data != (state->length != 0) ||
        (data && state->phase != ATA_WRITE_MEDIA && state->position == state->length) ||
        state->length / ATA_SECTOR_BYTES > state->left) {
        return "disk: block out of range";
    }
    if (state->failed > 1 || state->interrupt > 1 || state->sector > ATA_SECTORS_MAX ||
        (state->device & DEVICE_ONES) != DEVICE_ONES ||
        (state->control & ~(CONTROL_SRST | CONTROL_NIEN))) {
        return "disk: register out of range";
    }
    for (uint32_t i = 0; i < sizeof(state->reserved); i++) {
        if (state->reserved[i]) {
            return "disk: register out of range";
        }
    }
    return 0;
}
