/* INT 13h: fixed disks 80h to 83h by cylinder, head and sector, and by block number (EDD 1.1).
 * There is no floppy drive, and nothing is formatted.
 * See: Phoenix, BIOS Enhanced Disk Drive Specification 1.1. SPDX-License-Identifier: MIT */
#include "firmware/firmware.h"

#define STATUS_BAD_COMMAND 0x01
#define STATUS_NO_SECTOR   0x04
#define STATUS_WRITE_FAULT 0xCC
#define TYPE_FIXED_DISK    0x03
#define EDD_MARK_ASKED     0x55AA
#define EDD_MARK           0xAA55
#define EDD_VERSION        0x01 /* 1.x */
#define EDD_PACKET_ACCESS  0x0001
#define PARAMETERS_BYTES   26

/* What AH=42h, 43h, 44h, 47h take at DS:SI. */
struct disk_packet {
    uint8_t bytes;        /* of this packet, at least 16 */
    uint8_t reserved;     /* 0 */
    uint16_t count;       /* sectors; set to those moved */
    uint16_t offset;      /* of the buffer */
    uint16_t segment;     /* of the buffer */
    uint32_t sector;      /* first, low half */
    uint32_t sector_high; /* high half */
};
_Static_assert(sizeof(struct disk_packet) == 16, "as the specification draws it");

/* What AH=48h fills in at DS:SI. */
struct disk_parameters {
    uint16_t bytes;                       /* of this structure */
    uint16_t flags;                       /* bit 1: the geometry is valid */
    uint32_t cylinders, heads, per_track; /* of the drive */
    uint32_t sectors, sectors_high;       /* in all */
    uint16_t sector_bytes;                /* 512 */
} __attribute__((packed));
_Static_assert(sizeof(struct disk_parameters) == PARAMETERS_BYTES, "EDD 1.1");

static bool in_range(const struct drive *drive, uint32_t sector, uint32_t count)
{
    return sector < drive->sectors && count <= drive->sectors - sector;
}

/* ---- by cylinder, head, sector ---- */

/* The sector that CX and DX name; false if there is none such. */
static bool sector_of(const struct frame *frame, const struct drive *drive, uint32_t *sector)
{
    uint32_t cylinder = frame->c.h | (uint32_t)(frame->c.l & 0xC0) << 2;
    uint32_t head = frame->d.h;
    uint32_t number = frame->c.l & 0x3F;

    *sector = (cylinder * drive->heads + head) * drive->per_track + number - 1;
    return head < drive->heads && number >= 1 && number <= drive->per_track;
}

static uint8_t move_sectors(struct frame *frame, const struct drive *drive, uint32_t direction)
{
    uint16_t count = frame->a.l;
    uint32_t sector;
    uint8_t status;

    frame->a.l = 0;
    if (count == 0 || count > 128) {
        return STATUS_BAD_COMMAND;
    }
    if (!sector_of(frame, drive, &sector) || !in_range(drive, sector, count)) {
        return STATUS_NO_SECTOR;
    }
    status = ata_transfer(drive, direction, sector, &count, frame->es, frame->b.x);
    frame->a.l = (uint8_t)count;
    return status == DISK_OK || direction == ATA_READ ? status : STATUS_WRITE_FAULT;
}

static uint8_t verify(const struct frame *frame, const struct drive *drive)
{
    uint32_t sector;

    return sector_of(frame, drive, &sector) && in_range(drive, sector, frame->a.l)
               ? DISK_OK
               : STATUS_NO_SECTOR;
}

static uint8_t parameters(struct frame *frame, const struct drive *drive)
{
    uint32_t last = drive->cylinders - 1u;

    frame->c.h = (uint8_t)last;
    frame->c.l = (uint8_t)((last >> 2 & 0xC0) | drive->per_track);
    frame->d.h = (uint8_t)(drive->heads - 1);
    frame->d.l = BDA->disk_count;
    frame->a.l = 0;
    return DISK_OK;
}

static uint8_t disk_type(struct frame *frame, const struct drive *drive)
{
    uint32_t sectors = (uint32_t)drive->cylinders * drive->heads * drive->per_track;

    frame->c.x = (uint16_t)(sectors >> 16);
    frame->d.x = (uint16_t)sectors;
    return DISK_OK;
}

/* ---- by block number ---- */

static uint8_t extensions_present(struct frame *frame)
{
    if (frame->b.x != EDD_MARK_ASKED) {
        return STATUS_BAD_COMMAND;
    }
    frame->b.x = EDD_MARK;
    frame->c.x = EDD_PACKET_ACCESS;
    return DISK_OK;
}

static uint8_t packet_service(struct frame *frame, const struct drive *drive)
{
    uint16_t at = (uint16_t)frame->esi;
    struct disk_packet packet;
    uint8_t function = frame->a.h;
    uint8_t status = DISK_OK;

    far_to_near(&packet, frame->ds, at, sizeof(packet));
    if (packet.bytes < sizeof(packet) || packet.count > 128) {
        return STATUS_BAD_COMMAND;
    }
    if (packet.sector_high || !in_range(drive, packet.sector, packet.count)) {
        return STATUS_NO_SECTOR;
    }
    if (function == 0x42 || function == 0x43) {
        status = ata_transfer(drive, function == 0x42 ? ATA_READ : ATA_WRITE, packet.sector,
                              &packet.count, packet.segment, packet.offset);
        near_to_far(frame->ds, at, &packet, sizeof(packet));
        status = status == DISK_OK || function == 0x42 ? status : STATUS_WRITE_FAULT;
    }
    return status;
}

static uint8_t extended_parameters(const struct frame *frame, const struct drive *drive)
{
    uint16_t at = (uint16_t)frame->esi;
    struct disk_parameters result = {
        .bytes = PARAMETERS_BYTES,
        .flags = 0x0002,
        .cylinders = drive->cylinders,
        .heads = drive->heads,
        .per_track = drive->per_track,
        .sectors = drive->sectors,
        .sector_bytes = 512,
    };

    if (far_read16(frame->ds, at) < PARAMETERS_BYTES) {
        return STATUS_BAD_COMMAND;
    }
    near_to_far(frame->ds, at, &result, sizeof(result));
    return DISK_OK;
}

/* ---- all of it ---- */

static uint8_t service(struct frame *frame, const struct drive *drive)
{
    switch (frame->a.h) {
    case 0x00:
    case 0x09: /* take over the parameter table */
    case 0x0C: /* seek */
    case 0x0D:
    case 0x10: /* ready? */
    case 0x11:
    case 0x14:
        return DISK_OK;
    case 0x02:
        return move_sectors(frame, drive, ATA_READ);
    case 0x03:
        return move_sectors(frame, drive, ATA_WRITE);
    case 0x04:
        return verify(frame, drive);
    case 0x08:
        return parameters(frame, drive);
    case 0x15:
        return disk_type(frame, drive);
    case 0x41:
        return extensions_present(frame);
    case 0x42:
    case 0x43:
    case 0x44:
    case 0x47:
        return packet_service(frame, drive);
    case 0x48:
        return extended_parameters(frame, drive);
    default:
        return STATUS_BAD_COMMAND;
    }
}

void disk_service(struct frame *frame)
{
    uint8_t function = frame->a.h;
    struct drive drive;
    uint8_t status = STATUS_BAD_COMMAND;

    interrupts_on();
    if (function == 0x01) {
        status = BDA->disk_status; /* of the call before, which stays */
        frame->a.h = status;
    } else if (!ata_drive(frame->d.l, &drive)) {
        /* Without a drive a reset is all that works; type 0 says that there is none. */
        status = function == 0x00 && frame->d.l < FIRST_DISK ? DISK_OK : STATUS_BAD_COMMAND;
        status = function == 0x15 ? DISK_OK : status;
        frame->a.h = status;
    } else {
        status = service(frame, &drive);
        frame->a.h = status;
        if (status == DISK_OK && function == 0x15) {
            frame->a.h = TYPE_FIXED_DISK;
        }
        if (status == DISK_OK && function == 0x41) {
            frame->a.h = EDD_VERSION;
        }
    }
    BDA->disk_status = status;
    frame->flags = (uint16_t)((frame->flags & ~FLAG_CARRY) | (status ? FLAG_CARRY : 0));
}
