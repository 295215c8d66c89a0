/* Sectors of the boot disk by INT 13h: packets (AH=42h), or cylinder, head and sector where the
 * BIOS has none. The BIOS reads below 1 MiB; from there the loader copies.
 * SPDX-License-Identifier: MIT */
#include "loader/loader.h"

#define BUFFER         0x20000u
#define BUFFER_SEGMENT 0x2000
#define BUFFER_SECTORS 64u
#define TRIES          3

struct packet {
    uint8_t bytes;        /* 16 */
    uint8_t reserved;     /* 0 */
    uint16_t count;       /* sectors */
    uint16_t offset;      /* of the buffer */
    uint16_t segment;     /* of the buffer */
    uint32_t sector;      /* first */
    uint32_t sector_high; /* 0 */
};

/* By cylinder, head, sector: 0 while packets do. */
static uint32_t heads, per_track;

void disk_initialise(void)
{
    struct bios_registers registers = {0};

    registers.eax = 0x4100;
    registers.ebx = 0x55AA;
    registers.edx = boot_drive;
    bios_call(0x13, &registers);
    if ((registers.flags & FLAG_CARRY) == 0 && (registers.ebx & 0xFFFF) == 0xAA55 &&
        (registers.ecx & 1)) {
        return;
    }
    registers = (struct bios_registers){0};
    registers.eax = 0x0800;
    registers.edx = boot_drive;
    bios_call(0x13, &registers);
    heads = (registers.edx >> 8 & 0xFF) + 1;
    per_track = registers.ecx & 0x3F;
    if ((registers.flags & FLAG_CARRY) || per_track == 0) {
        fail("the BIOS does not know the geometry of drive %xh", boot_drive);
    }
}

static bool read_by_packet(uint32_t sector, uint32_t count)
{
    struct packet packet = {
        .bytes = sizeof(packet),
        .count = (uint16_t)count,
        .segment = BUFFER_SEGMENT,
        .sector = sector,
    };
    struct bios_registers registers = {0};

    registers.eax = 0x4200;
    registers.edx = boot_drive;
    registers.ds = (uint16_t)((uint32_t)&packet >> 4);
    registers.esi = (uint32_t)&packet & 15;
    bios_call(0x13, &registers);
    return (registers.flags & FLAG_CARRY) == 0;
}

static bool read_by_place(uint32_t sector, uint32_t count)
{
    uint32_t track = sector / per_track;
    uint32_t cylinder = track / heads;
    struct bios_registers registers = {0};

    registers.eax = 0x0200 | count;
    registers.ecx = (cylinder & 0xFF) << 8 | (cylinder >> 2 & 0xC0) | (sector % per_track + 1);
    registers.edx = track % heads << 8 | boot_drive;
    registers.es = BUFFER_SEGMENT;
    bios_call(0x13, &registers);
    return (registers.flags & FLAG_CARRY) == 0;
}

static bool read_once(uint32_t sector, uint32_t count)
{
    return heads ? read_by_place(sector, count) : read_by_packet(sector, count);
}

static void reset(void)
{
    struct bios_registers registers = {0};

    registers.edx = boot_drive;
    bios_call(0x13, &registers);
}

/* How many of `count` sectors one call may read: the buffer, or the rest of the track. */
static uint32_t piece(uint32_t sector, uint32_t count)
{
    uint32_t most = heads ? per_track - sector % per_track : BUFFER_SECTORS;

    most = most < BUFFER_SECTORS ? most : BUFFER_SECTORS;
    return count < most ? count : most;
}

void disk_read(uint32_t sector, uint32_t count, void *to)
{
    uint8_t *target = to;

    while (count) {
        uint32_t now = piece(sector, count);
        uint32_t tries = 0;

        while (!read_once(sector, now)) {
            if (++tries == TRIES) {
                fail("read error on drive %xh, sector %u", boot_drive, sector);
            }
            reset();
        }
        memcpy(target, (const void *)BUFFER, now * SECTOR_BYTES);
        target += now * SECTOR_BYTES;
        sector += now;
        count -= now;
    }
}
