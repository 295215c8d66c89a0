/* The commands of an ATA disk, each from its command byte to its end.
 * See: ATA-4 (NCITS 317-1998) chapter 8; 9.5 to 9.8 for the order of BSY, DRQ and INTRQ.
 * SPDX-License-Identifier: MIT */
#include "devices/ata_pio.h"

enum ata_command_code {
    CMD_RECALIBRATE = 0x10, /* to 1Fh */
    CMD_READ = 0x20,
    CMD_READ_ONCE = 0x21, /* "without retry" */
    CMD_WRITE = 0x30,
    CMD_WRITE_ONCE = 0x31,
    CMD_VERIFY = 0x40,
    CMD_VERIFY_ONCE = 0x41,
    CMD_SEEK = 0x70, /* to 7Fh */
    CMD_DIAGNOSTIC = 0x90,
    CMD_PARAMETERS = 0x91,
    CMD_READ_MULTIPLE = 0xC4,
    CMD_WRITE_MULTIPLE = 0xC5,
    CMD_SET_MULTIPLE = 0xC6,
    CMD_FLUSH = 0xE7,
    CMD_IDENTIFY = 0xEC,
    CMD_SET_FEATURES = 0xEF,
};

enum ata_feature {
    FEATURE_CACHE_ON = 0x02,
    FEATURE_TRANSFER_MODE = 0x03,
    FEATURE_LOOK_AHEAD_OFF = 0x55,
    FEATURE_KEEP_MODES = 0x66,
    FEATURE_CACHE_OFF = 0x82,
    FEATURE_LOOK_AHEAD_ON = 0xAA,
    FEATURE_DROP_MODES = 0xCC,
};

static const struct ata_drive *drive_of(const struct ata *ata)
{
    return &ata->drives[ata_selected(ata->state)];
}

static struct ata_drive_state *drive_state(struct ata *ata)
{
    return &ata->state->drives[ata_selected(ata->state)];
}

static uint32_t disk_number(const struct ata *ata)
{
    return ata->first_disk + ata_selected(ata->state);
}

/* ---- addresses ---- */

/* The sector that the registers name. out: 0 if the translation has no such sector. */
static uint32_t address_get(struct ata *ata, uint32_t *sector)
{
    const struct ata_state *state = ata->state;
    const struct ata_geometry *geometry = &drive_state(ata)->geometry;
    uint32_t cylinder = state->low | (uint32_t)state->high << 8;
    uint32_t head = state->device & 0x0F;

    if (state->device & ATA_DEVICE_LBA) {
        *sector = state->number | cylinder << 8 | head << 24;
        return *sector < drive_of(ata)->sectors;
    }
    if (state->number == 0 || state->number > geometry->sectors || head >= geometry->heads ||
        cylinder >= geometry->cylinders) {
        return 0;
    }
    *sector = (cylinder * geometry->heads + head) * geometry->sectors + state->number - 1;
    return *sector < drive_of(ata)->sectors;
}

/* Name a sector in the registers, in the manner of the command's address. */
static void address_put(struct ata *ata, uint32_t sector)
{
    struct ata_state *state = ata->state;
    const struct ata_geometry *geometry = &drive_state(ata)->geometry;
    uint32_t number = sector & 0xFF;
    uint32_t cylinder = sector >> 8 & 0xFFFF;
    uint32_t head = sector >> 24;

    if (!(state->device & ATA_DEVICE_LBA)) {
        number = sector % geometry->sectors + 1;
        head = sector / geometry->sectors % geometry->heads;
        cylinder = sector / geometry->sectors / geometry->heads;
    }
    state->number = (uint8_t)number;
    state->low = (uint8_t)cylinder;
    state->high = (uint8_t)(cylinder >> 8);
    state->device = (uint8_t)((state->device & 0xF0) | (head & 0x0F));
}

/* ---- beginnings and ends ---- */

static void end_with(struct ata *ata, uint8_t error)
{
    struct ata_state *state = ata->state;

    state->phase = ATA_READY;
    state->left = 0;
    state->position = 0;
    state->length = 0;
    state->error = error;
    state->failed = error != 0;
    state->interrupt = 1;
}

/* The command stops at a sector: the registers say which, and how many are left. */
static void end_at(struct ata *ata, uint32_t sector, uint8_t error)
{
    struct ata_state *state = ata->state;

    address_put(ata, sector);
    state->count = (uint8_t)(state->left - (sector - state->sector));
    end_with(ata, error);
}

/* The whole command is done; the registers name its last sector. */
static void name_last(struct ata *ata)
{
    address_put(ata, ata->state->sector - 1);
    ata->state->count = 0;
}

/* A command that is refused says so as late as one that is carried out. */
static void refuse(struct ata *ata, uint8_t error, uint64_t now)
{
    ata->state->error = error;
    ata_busy(ata, ATA_COMMAND, ATA_COMMAND_US, now);
}

static uint64_t media_us(struct ata *ata, uint32_t sectors)
{
    uint64_t seek = ata->state->sector != drive_state(ata)->next_sector ? ATA_SEEK_US : 0;

    return seek + (uint64_t)sectors * ATA_SECTOR_US;
}

static uint32_t is_multiple(uint8_t command)
{
    return command == CMD_READ_MULTIPLE || command == CMD_WRITE_MULTIPLE;
}

/* Lay out the next block of the command. out: its sectors */
static uint32_t next_block(struct ata *ata)
{
    struct ata_state *state = ata->state;
    uint32_t multiple = drive_state(ata)->multiple;
    uint32_t sectors = is_multiple(state->command) && multiple ? multiple : 1;

    sectors = sectors < state->left ? sectors : state->left;
    state->position = 0;
    state->length = (uint16_t)(sectors * ATA_SECTOR_BYTES);
    return sectors;
}

/* Whether the block lies on the disk; if not, the command has ended at its first sector beyond. */
static uint32_t block_is_on_disk(struct ata *ata)
{
    struct ata_state *state = ata->state;
    uint32_t sectors = drive_of(ata)->sectors;

    if (state->sector + state->length / ATA_SECTOR_BYTES <= sectors) {
        return 1;
    }
    end_at(ata, state->sector < sectors ? sectors : state->sector, ATA_ERROR_IDNF);
    return 0;
}

/* ---- reading and writing ---- */

static void begin_transfer(struct ata *ata, uint32_t writing, uint64_t now)
{
    struct ata_state *state = ata->state;
    uint32_t sectors;

    if ((is_multiple(state->command) && !drive_state(ata)->multiple) ||
        (writing && drive_of(ata)->read_only)) {
        refuse(ata, ATA_ERROR_ABRT, now);
        return;
    }
    if (!address_get(ata, &state->sector)) {
        state->sector = 0;
        refuse(ata, ATA_ERROR_IDNF, now);
        return;
    }
    state->left = state->count ? state->count : 256;
    sectors = next_block(ata);
    if (writing) {
        ata_busy(ata, ATA_WRITE_OPEN, ATA_COMMAND_US, now);
    } else {
        ata_busy(ata, ATA_READ_MEDIA, ATA_COMMAND_US + media_us(ata, sectors), now);
    }
}

static uint32_t move_sector(struct ata *ata, uint32_t writing, uint32_t sector, uint8_t *bytes)
{
    const struct pc_host *host = ata->host;

    if (writing) {
        return host->disk_write && host->disk_write(host->context, disk_number(ata), sector, bytes);
    }
    return host->disk_read && host->disk_read(host->context, disk_number(ata), sector, bytes);
}

/* Move the block between buffer and store. out: 0 if the command has ended in an error */
static uint32_t move_block(struct ata *ata, uint32_t writing)
{
    struct ata_state *state = ata->state;
    uint32_t sectors = state->length / ATA_SECTOR_BYTES;

    if (!block_is_on_disk(ata)) {
        return 0;
    }
    for (uint32_t i = 0; i < sectors; i++) {
        if (!move_sector(ata, writing, state->sector + i, state->buffer + i * ATA_SECTOR_BYTES)) {
            end_at(ata, state->sector + i, writing ? ATA_ERROR_ABRT : ATA_ERROR_UNC);
            return 0;
        }
    }
    drive_state(ata)->next_sector = state->sector + sectors;
    return 1;
}

static void advance(struct ata_state *state)
{
    uint32_t sectors = state->length / ATA_SECTOR_BYTES;

    state->sector += sectors;
    state->left = (uint16_t)(state->left - sectors);
    state->position = 0;
    state->length = 0;
}

void ata_block_done(struct ata *ata, uint64_t now)
{
    struct ata_state *state = ata->state;

    if (state->phase == ATA_WRITE_HOST) {
        ata_busy(ata, ATA_WRITE_MEDIA, media_us(ata, state->length / ATA_SECTOR_BYTES), now);
        return;
    }
    advance(state);
    if (state->left) {
        ata_busy(ata, ATA_READ_MEDIA, media_us(ata, next_block(ata)), now);
        return;
    }
    state->phase = ATA_READY; /* the end of a read is silent */
    if (state->command != CMD_IDENTIFY) {
        name_last(ata);
    }
}

static void block_read(struct ata *ata)
{
    struct ata_state *state = ata->state;

    if (state->command == CMD_IDENTIFY) {
        ata_identify(ata);
    } else if (!move_block(ata, 0)) {
        return;
    }
    state->position = 0;
    state->phase = ATA_READ_HOST;
    state->interrupt = 1;
}

static void block_write(struct ata *ata)
{
    struct ata_state *state = ata->state;

    if (!move_block(ata, 1)) {
        return;
    }
    advance(state);
    if (state->left) {
        next_block(ata);
        state->phase = ATA_WRITE_HOST;
        state->interrupt = 1;
        return;
    }
    name_last(ata);
    end_with(ata, 0);
}

/* ---- commands without data ---- */

static void begin_identify(struct ata *ata, uint64_t now)
{
    ata->state->sector = 0;
    ata->state->left = 1;
    next_block(ata);
    ata_busy(ata, ATA_READ_MEDIA, ATA_COMMAND_US, now);
}

/* READ VERIFY SECTORS and SEEK. */
static void begin_look(struct ata *ata, uint32_t sectors, uint64_t now)
{
    struct ata_state *state = ata->state;

    if (!address_get(ata, &state->sector)) {
        state->sector = 0;
        refuse(ata, ATA_ERROR_IDNF, now);
        return;
    }
    state->left = (uint16_t)sectors;
    ata_busy(ata, ATA_COMMAND, ATA_COMMAND_US + media_us(ata, sectors), now);
}

static void end_verify(struct ata *ata)
{
    struct ata_state *state = ata->state;
    uint32_t sectors = drive_of(ata)->sectors;

    if (state->sector + state->left > sectors) {
        end_at(ata, state->sector < sectors ? sectors : state->sector, ATA_ERROR_IDNF);
        return;
    }
    state->sector += state->left;
    drive_state(ata)->next_sector = state->sector;
    name_last(ata);
    end_with(ata, 0);
}

/* The new translation: heads and sectors per track as asked, as many cylinders as then fit. */
static void set_parameters(struct ata *ata)
{
    const struct ata_state *state = ata->state;
    struct ata_geometry *geometry = &drive_state(ata)->geometry;
    uint32_t heads = (state->device & 0x0Fu) + 1;
    uint32_t cylinders;

    if (state->count == 0) {
        end_with(ata, ATA_ERROR_ABRT);
        return;
    }
    cylinders = drive_of(ata)->sectors / (heads * state->count);
    cylinders = cylinders ? cylinders : 1;
    geometry->cylinders = (uint16_t)(cylinders < 65535 ? cylinders : 65535);
    geometry->heads = (uint8_t)heads;
    geometry->sectors = state->count;
    end_with(ata, 0);
}

static void set_multiple(struct ata *ata)
{
    uint32_t count = ata->state->count;
    uint32_t possible = count <= ATA_BLOCK_SECTORS && (count & (count - 1)) == 0;

    drive_state(ata)->multiple = (uint8_t)(possible ? count : 0);
    end_with(ata, possible ? 0 : ATA_ERROR_ABRT);
}

/* Transfer modes: PIO by default (00h, 01h) and with flow control up to mode 4 (08h-0Ch). */
static void set_features(struct ata *ata)
{
    const struct ata_state *state = ata->state;
    struct ata_drive_state *drive = drive_state(ata);
    uint8_t error = 0;

    switch (state->features) {
    case FEATURE_CACHE_ON:
    case FEATURE_CACHE_OFF:
        drive->write_cache = state->features == FEATURE_CACHE_ON;
        break;
    case FEATURE_LOOK_AHEAD_ON:
    case FEATURE_LOOK_AHEAD_OFF:
        drive->look_ahead = state->features == FEATURE_LOOK_AHEAD_ON;
        break;
    case FEATURE_TRANSFER_MODE:
        error = state->count > 1 && (state->count < 8 || state->count > 12) ? ATA_ERROR_ABRT : 0;
        break;
    case FEATURE_KEEP_MODES:
    case FEATURE_DROP_MODES: /* modes always outlive a reset by SRST */
        break;
    default:
        error = ATA_ERROR_ABRT;
        break;
    }
    end_with(ata, error);
}

static void flush(struct ata *ata)
{
    if (ata->host->disk_flush) {
        ata->host->disk_flush(ata->host->context, disk_number(ata));
    }
    end_with(ata, 0);
}

static void diagnose(struct ata *ata)
{
    end_with(ata, 0);
    ata_signature(ata->state);
}

static void move_head(struct ata *ata, uint32_t sector)
{
    drive_state(ata)->next_sector = sector;
    end_with(ata, 0);
}

/* A command without data, or one that was refused, comes to its end. */
static void end_command(struct ata *ata)
{
    struct ata_state *state = ata->state;

    if (state->error) {
        end_with(ata, state->error);
        return;
    }
    switch (state->command) {
    case CMD_VERIFY:
    case CMD_VERIFY_ONCE:
        end_verify(ata);
        break;
    case CMD_DIAGNOSTIC:
        diagnose(ata);
        break;
    case CMD_PARAMETERS:
        set_parameters(ata);
        break;
    case CMD_SET_MULTIPLE:
        set_multiple(ata);
        break;
    case CMD_FLUSH:
        flush(ata);
        break;
    case CMD_SET_FEATURES:
        set_features(ata);
        break;
    default:
        if ((state->command & 0xF0) == CMD_SEEK) {
            move_head(ata, state->sector);
        } else if ((state->command & 0xF0) == CMD_RECALIBRATE) {
            move_head(ata, 0);
        } else {
            end_with(ata, ATA_ERROR_ABRT);
        }
        break;
    }
}

/* ---- dispatch ---- */

static void begin_short(struct ata *ata, uint64_t now)
{
    switch (ata->state->command & 0xF0) {
    case CMD_SEEK:
        begin_look(ata, 0, now);
        break;
    case CMD_RECALIBRATE:
        ata->state->sector = 0;
        ata_busy(ata, ATA_COMMAND, ATA_COMMAND_US + media_us(ata, 0), now);
        break;
    default:
        refuse(ata, ATA_ERROR_ABRT, now);
        break;
    }
}

void ata_command(struct ata *ata, uint64_t now)
{
    struct ata_state *state = ata->state;

    switch (state->command) {
    case CMD_READ:
    case CMD_READ_ONCE:
    case CMD_READ_MULTIPLE:
        begin_transfer(ata, 0, now);
        break;
    case CMD_WRITE:
    case CMD_WRITE_ONCE:
    case CMD_WRITE_MULTIPLE:
        begin_transfer(ata, 1, now);
        break;
    case CMD_VERIFY:
    case CMD_VERIFY_ONCE:
        begin_look(ata, state->count ? state->count : 256, now);
        break;
    case CMD_IDENTIFY:
        begin_identify(ata, now);
        break;
    case CMD_DIAGNOSTIC:
        state->device &= (uint8_t)~ATA_DEVICE_SLAVE;
        ata_busy(ata, ATA_COMMAND, ATA_RESET_US, now);
        break;
    case CMD_FLUSH:
        ata_busy(ata, ATA_COMMAND, ATA_FLUSH_US, now);
        break;
    case CMD_PARAMETERS:
    case CMD_SET_MULTIPLE:
    case CMD_SET_FEATURES:
        ata_busy(ata, ATA_COMMAND, ATA_COMMAND_US, now);
        break;
    default:
        begin_short(ata, now);
        break;
    }
}

void ata_event(struct ata *ata)
{
    struct ata_state *state = ata->state;

    switch (state->phase) {
    case ATA_COMMAND:
        end_command(ata);
        break;
    case ATA_READ_MEDIA:
        block_read(ata);
        break;
    case ATA_WRITE_OPEN:
        if (block_is_on_disk(ata)) {
            state->phase = ATA_WRITE_HOST;
        }
        break;
    case ATA_WRITE_MEDIA:
        block_write(ata);
        break;
    case ATA_RESETTING:
        state->phase = ATA_READY;
        ata_signature(state);
        break;
    default:
        break;
    }
    ata_update_irq(ata);
}
