/* One ATA channel with up to two disks, programmed input and output only.
 *
 *   +0  data, 16 or 32 bits at a time
 *   +1  read error  - UNC - IDNF - ABRT - -      write features
 *   +2  sector count (0 = 256)
 *   +3  sector number      or LBA 7..0
 *   +4  cylinder low       or LBA 15..8
 *   +5  cylinder high      or LBA 23..16
 *   +6  device   1 LBA 1 DEV H3 H2 H1 H0   (H: head, or LBA 27..24)
 *   +7  read status  BSY DRDY DF DSC DRQ - - ERR  (and INTRQ falls)      write command
 *   control port  read alternate status (INTRQ stays)      write  - - - - - SRST nIEN -
 *
 *   read   command -> BSY -> DRQ, INTRQ -> data ... -> BSY -> DRQ, INTRQ -> data -> ready
 *   write  command -> BSY -> DRQ -> data -> BSY -> DRQ, INTRQ -> data -> BSY -> ready, INTRQ
 *
 * A block is one sector, with READ/WRITE MULTIPLE as many as SET MULTIPLE MODE said. All time
 * passes in BSY, and its end is the channel's one event:
 *   ATA_COMMAND_US                    to understand a command
 *   ATA_SEEK_US                       when the sector wanted is not the one after the last
 *   ATA_SECTOR_US                     for each sector from or to the platter
 *   ATA_FLUSH_US, ATA_RESET_US        for FLUSH CACHE, and after SRST or EXECUTE DEVICE DIAGNOSTIC
 * The drive's content is elsewhere: sectors are moved by the host's ends, in the event.
 * A channel without drives claims no ports: the bus floats, everything reads as ones. With one
 * drive, the other answers with status 00h and takes no commands.
 * NOT IMPLEMENTED: DMA, 48-bit addresses, power management, SMART, security, packet devices,
 * rotation and the distance of a seek; a write the cache holds is as good as on the platter.
 * See: ATA-4 (NCITS 317-1998) 7 registers, 8 commands, 9 protocol.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "devices/bus.h"
#include "devices/events.h"
#include "devices/host_ends.h"

#define ATA_SECTOR_BYTES  512u
#define ATA_BLOCK_SECTORS 8u /* most sectors in one block of READ/WRITE MULTIPLE */
#define ATA_BLOCK_BYTES   (ATA_SECTOR_BYTES * ATA_BLOCK_SECTORS)
#define ATA_SECTORS_MAX   0x0FFFFFFFu /* what 28 bits can count */

#define ATA_COMMAND_US 10u
#define ATA_SEEK_US    300u
#define ATA_SECTOR_US  40u
#define ATA_FLUSH_US   500u
#define ATA_RESET_US   1000u

/* What the channel is doing. */
enum ata_phase {
    ATA_READY,       /* waiting for a command */
    ATA_COMMAND,     /* BSY: a command without data */
    ATA_READ_MEDIA,  /* BSY: a block from the platter (or what IDENTIFY says) */
    ATA_READ_HOST,   /* DRQ: the host reads the block */
    ATA_WRITE_OPEN,  /* BSY: before the first block of a write */
    ATA_WRITE_HOST,  /* DRQ: the host writes the block */
    ATA_WRITE_MEDIA, /* BSY: a block to the platter */
    ATA_RESETTING,   /* BSY: after SRST fell */
    ATA_HELD,        /* BSY: while SRST is set */
    ATA_PHASE_COUNT
};

struct ata_geometry {
    uint16_t cylinders; /* 0..65535 */
    uint8_t heads;      /* 1..16 */
    uint8_t sectors;    /* per track, 1..255 */
};

struct ata_drive_state {
    struct ata_geometry geometry; /* current translation */
    uint32_t next_sector;         /* the one after the last touched: no seek to it */
    uint8_t multiple;             /* sectors in a block, 0 = READ/WRITE MULTIPLE off */
    uint8_t write_cache;          /* 0 or 1 */
    uint8_t look_ahead;           /* 0 or 1 */
    uint8_t reserved;             /* 0 */
};
_Static_assert(sizeof(struct ata_drive_state) == 12, "no padding");

struct ata_state {
    uint8_t buffer[ATA_BLOCK_BYTES];  /* one block */
    struct ata_drive_state drives[2]; /* master, slave */
    uint32_t sector;                  /* first of the block, 0..2^28-1 */
    uint16_t left;                    /* sectors of the command still to move, 0..256 */
    uint16_t position;                /* byte in the block, even, 0..length */
    uint16_t length;                  /* of the block, bytes, whole sectors */
    uint8_t phase;                    /* enum ata_phase */
    uint8_t command;                  /* as written to +7 */
    uint8_t features;                 /* as written to +1 */
    uint8_t count;                    /* +2 */
    uint8_t number;                   /* +3 */
    uint8_t low;                      /* +4 */
    uint8_t high;                     /* +5 */
    uint8_t device;                   /* +6, bits 7 and 5 set */
    uint8_t error;                    /* +1 as read */
    uint8_t failed;                   /* 1: ERR */
    uint8_t control;                  /* bits 2 SRST, 1 nIEN */
    uint8_t interrupt;                /* 1: INTRQ, before nIEN */
    uint8_t reserved[6];              /* 0 */
};
_Static_assert(sizeof(struct ata_state) == ATA_BLOCK_BYTES + 24 + 4 + 6 + 12 + 6, "no padding");

struct ata_drive {
    uint32_t sectors;   /* 0: absent, else up to ATA_SECTORS_MAX */
    uint32_t read_only; /* 1: writes are aborted */
};

struct ata {
    struct ata_state *state;
    struct events_state *events;
    struct line_wire irq;
    const struct pc_host *host;
    struct ata_drive drives[2]; /* master, slave */
    uint32_t first_disk;        /* number of the master at the host's ends */
    enum event_id event;        /* of this channel */
    uint64_t clock_hz;          /* CPU clocks per second */
};

/* Take over all wires; the state is not touched. */
void ata_init(struct ata *ata, const struct ata *wires);
/* As firmware leaves the channel: ready, signature in the registers, INTRQ low and enabled. */
void ata_reset(struct ata *ata);
/* The eight ports of the command block, size 1, 2 or 4. */
uint32_t ata_port_read(void *ata, uint16_t port, uint32_t size, uint64_t now);
void ata_port_write(void *ata, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
/* The control port. */
uint32_t ata_control_read(void *ata, uint16_t port, uint32_t size, uint64_t now);
void ata_control_write(void *ata, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
/* The channel's event is due. */
void ata_event(struct ata *ata);
/* NULL if every field is possible, else what is wrong. */
const char *ata_check(const struct ata_state *state);
/* Whether the channel's event must be pending. */
uint32_t ata_waits(const struct ata_state *state);
/* What a drive of this size is by default: 16 heads, 63 sectors, at most 16383 cylinders. */
struct ata_geometry ata_geometry(uint32_t sectors);

/* Between ata_pio.c and ata_cmd.c. */
#define ATA_DEVICE_LBA   0x40
#define ATA_DEVICE_SLAVE 0x10

#define ATA_ERROR_NONE 0x01 /* diagnostic code: no fault */
#define ATA_ERROR_ABRT 0x04
#define ATA_ERROR_IDNF 0x10
#define ATA_ERROR_UNC  0x40

/* Which drive is selected, 0 or 1. */
uint32_t ata_selected(const struct ata_state *state);
/* A command byte arrives for a drive that is there (or for both). */
void ata_command(struct ata *ata, uint64_t now);
/* Fill the buffer with what the selected drive says of itself. */
void ata_identify(struct ata *ata);
/* The host has moved the whole block. */
void ata_block_done(struct ata *ata, uint64_t now);
/* Signature of a disk in the registers, drive 0 selected, diagnostic code: no fault. */
void ata_signature(struct ata_state *state);
/* Drive INTRQ by what the state says. */
void ata_update_irq(struct ata *ata);
/* Be in `phase`, which is a busy one, for `us` microseconds from `now`. */
void ata_busy(struct ata *ata, enum ata_phase phase, uint64_t us, uint64_t now);
