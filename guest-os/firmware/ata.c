/* ATA disks by programmed input and output: who is there, and sectors to and from memory.
 * LBA mode only, 28 bits. While a drive works the processor sleeps until IRQ 14 or 15, which sets
 * a byte of the BIOS data area; where somebody has masked them, it asks again and again.
 * See: ATA-4 (NCITS 317-1998) 8, 9. SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define ATA_DATA    0
#define ATA_COUNT   2
#define ATA_NUMBER  3
#define ATA_LOW     4
#define ATA_HIGH    5
#define ATA_DEVICE  6
#define ATA_COMMAND 7 /* read: status */

#define STATUS_BSY  0x80
#define STATUS_DRDY 0x40
#define STATUS_DF   0x20
#define STATUS_DRQ  0x08
#define STATUS_ERR  0x01

#define COMMAND_IDENTIFY       0xEC
#define COMMAND_READ           0x20
#define COMMAND_WRITE          0x30
#define COMMAND_READ_MULTIPLE  0xC4
#define COMMAND_WRITE_MULTIPLE 0xC5
#define COMMAND_SET_MULTIPLE   0xC6
#define COMMAND_FLUSH          0xE7

#define SELECT_LBA   0xE0
#define SELECT_SLAVE 0x10

#define WAIT_TICKS      91 /* five seconds */
#define SECTOR_WORDS    256
#define COMMAND_MOST    128u /* sectors a command: 64 KiB, what a segment can hold */
#define EBDA_DRIVES     0x40 /* offset of struct drive [DISKS_MAX] */
#define EBDA_PARAMETERS 0x20 /* offset of two fixed disk parameter tables, vectors 41h and 46h */

#define STATUS_TIMEOUT    0x80 /* what INT 13h calls it */
#define STATUS_CONTROLLER 0x20
#define STATUS_NO_SECTOR  0x04
#define STATUS_BAD_SECTOR 0x10

static uint8_t read_port(const struct drive *drive, uint16_t reg)
{
    return port_read8((uint16_t)(drive->port + reg));
}

static void write_port(const struct drive *drive, uint16_t reg, uint8_t value)
{
    port_write8((uint16_t)(drive->port + reg), value);
}

/* ---- waiting ---- */

void disk_interrupt(struct frame *frame)
{
    (void)frame;
    BDA->disk_interrupt = 0xFF;
    port_write8(PORT_PIC_SLAVE_COMMAND, 0x20);
    port_write8(PORT_PIC_MASTER_COMMAND, 0x20);
}

/* Whether IRQ 14 and 15, and the timer as a guard, can come. */
static bool may_sleep(void)
{
    return (port_read8(PORT_PIC_SLAVE_DATA) & 0xC0) == 0 &&
           (port_read8(PORT_PIC_MASTER_DATA) & (1 << IRQ_CASCADE | 1 << IRQ_TIMER)) == 0;
}

/* Wait until BSY is off; `sleep` if the drive will then interrupt. Returns a status of INT 13h. */
static uint8_t wait_ready(const struct drive *drive, bool sleep)
{
    uint32_t start = clock_ticks();

    sleep = sleep && may_sleep();

    interrupts_off();
    while (port_read8(drive->control) & STATUS_BSY) {
        if (clock_ticks() - start > WAIT_TICKS) {
            interrupts_on();
            return STATUS_TIMEOUT;
        }
        if (sleep) {
            wait_for_interrupt();
        } else {
            interrupts_on();
            interrupts_off();
        }
    }
    BDA->disk_interrupt = 0;
    interrupts_on();
    if (read_port(drive, ATA_COMMAND) & STATUS_DF) {
        return STATUS_CONTROLLER;
    }
    if (read_port(drive, ATA_COMMAND) & STATUS_ERR) {
        return read_port(drive, 1) & 0x10 ? STATUS_NO_SECTOR : STATUS_BAD_SECTOR;
    }
    return DISK_OK;
}

/* ---- commands ---- */

void ata_select(const struct drive *drive, uint32_t sector)
{
    write_port(drive, ATA_DEVICE, (uint8_t)(drive->select | (sector >> 24 & 15)));
    write_port(drive, ATA_NUMBER, (uint8_t)sector);
    write_port(drive, ATA_LOW, (uint8_t)(sector >> 8));
    write_port(drive, ATA_HIGH, (uint8_t)(sector >> 16));
}

uint8_t ata_command(const struct drive *drive, uint8_t command)
{
    write_port(drive, ATA_COMMAND, command);
    return wait_ready(drive, true);
}

static void words_in(uint16_t port, uint16_t segment, uint16_t offset, uint32_t words)
{
    uint32_t target = offset;

    __asm__ volatile("movw %w3, %%es\n\trep insw\n\tpushw %%ss\n\tpopw %%es"
                     : "+D"(target), "+c"(words)
                     : "d"(port), "r"(segment)
                     : "memory");
}

static void words_out(uint16_t port, uint16_t segment, uint16_t offset, uint32_t words)
{
    uint32_t source = offset;

    __asm__ volatile("pushw %%ds\n\tmovw %w3, %%ds\n\trep outsw\n\tpopw %%ds"
                     : "+S"(source), "+c"(words)
                     : "d"(port), "r"(segment)
                     : "memory");
}

/* One command of at most COMMAND_MOST sectors. in: offset 0..15; out: *count moved */
static uint8_t transfer(const struct drive *drive, uint32_t direction, uint32_t sector,
                        uint16_t *count, uint16_t segment, uint16_t offset)
{
    static ROM_DATA uint8_t commands[2][2] = {
        {COMMAND_READ, COMMAND_READ_MULTIPLE},
        {COMMAND_WRITE, COMMAND_WRITE_MULTIPLE},
    };
    uint16_t block = drive->multiple ? drive->multiple : 1;
    uint16_t left = *count;
    bool interrupt = direction == ATA_READ; /* before the first block of a write there is none */
    uint8_t status;

    *count = 0;
    ata_select(drive, sector);
    write_port(drive, ATA_COUNT, (uint8_t)left);
    write_port(drive, ATA_COMMAND, commands[direction][drive->multiple != 0]);
    while (left) {
        uint16_t now = left < block ? left : block;

        status = wait_ready(drive, interrupt);
        interrupt = true;
        if (status != DISK_OK) {
            return status;
        }
        if ((read_port(drive, ATA_COMMAND) & STATUS_DRQ) == 0) {
            return STATUS_CONTROLLER;
        }
        if (direction == ATA_READ) {
            words_in(drive->port, segment, offset, (uint32_t)now * SECTOR_WORDS);
        } else {
            words_out(drive->port, segment, offset, (uint32_t)now * SECTOR_WORDS);
        }
        segment = (uint16_t)(segment + now * (512 / 16));
        left = (uint16_t)(left - now);
        *count = (uint16_t)(*count + now);
    }
    return direction == ATA_WRITE ? wait_ready(drive, true) : DISK_OK;
}

/* The buffer's address becomes a segment and an offset below 16, so that 64 KiB do not wrap. */
uint8_t ata_transfer(const struct drive *drive, uint32_t direction, uint32_t sector,
                     uint16_t *count, uint16_t segment, uint16_t offset)
{
    uint16_t wanted = *count;
    uint8_t status = DISK_OK;

    segment = (uint16_t)(segment + offset / 16);
    *count = 0;
    while (*count < wanted && status == DISK_OK) {
        uint16_t left = (uint16_t)(wanted - *count);
        uint16_t now = left < COMMAND_MOST ? left : COMMAND_MOST;

        status = transfer(drive, direction, sector + *count, &now,
                          (uint16_t)(segment + *count * (512 / 16)), offset % 16);
        *count = (uint16_t)(*count + now);
    }
    return status;
}

/* ---- finding drives ---- */

/* Geometry for INT 13h: the drive's own, or 255 heads where 1024 cylinders of it are too few. */
static void choose_geometry(struct drive *drive, const uint16_t *identity)
{
    drive->heads = identity[3] && identity[3] <= 255 ? identity[3] : 16;
    drive->per_track = identity[6] && identity[6] <= 63 ? identity[6] : 63;
    if (drive->sectors / (drive->heads * drive->per_track) > 1024) {
        drive->heads = 255;
        drive->per_track = 63;
    }
    drive->cylinders = 1024;
    if (drive->sectors / (drive->heads * drive->per_track) < 1024) {
        drive->cylinders = (uint16_t)(drive->sectors / (drive->heads * drive->per_track));
    }
    drive->cylinders = drive->cylinders ? drive->cylinders : 1;
}

static bool identify(struct drive *drive)
{
    uint16_t identity[SECTOR_WORDS];
    uint8_t status;
    uint16_t stack_segment;

    write_port(drive, ATA_DEVICE, drive->select);
    port_write8(drive->control, 0); /* interrupts on */
    status = port_read8(drive->control);
    if (status == 0xFF || status == 0) {
        return false; /* a bus without drives floats; an absent slave answers 0 */
    }
    if (ata_command(drive, COMMAND_IDENTIFY) != DISK_OK ||
        (read_port(drive, ATA_COMMAND) & STATUS_DRQ) == 0) {
        return false;
    }
    __asm__("movw %%ss, %0" : "=r"(stack_segment));
    words_in(drive->port, stack_segment, (uint16_t)(uint32_t)identity, SECTOR_WORDS);
    if ((identity[0] & 0x8000) || (identity[49] & 0x0200) == 0) {
        return false; /* not a disk, or without LBA */
    }
    drive->sectors = identity[60] | (uint32_t)identity[61] << 16;
    choose_geometry(drive, identity);
    drive->multiple = (uint8_t)identity[47] >= 8 ? 8 : 0;
    if (drive->multiple) {
        write_port(drive, ATA_COUNT, drive->multiple);
        if (ata_command(drive, COMMAND_SET_MULTIPLE) != DISK_OK) {
            drive->multiple = 0;
        }
    }
    return drive->sectors != 0;
}

/* The table of 16 bytes that vector 41h or 46h points to. */
static void write_parameters(uint8_t index, const struct drive *drive)
{
    uint16_t offset = (uint16_t)(EBDA_PARAMETERS + 16 * index);
    uint8_t table[16] = {0};

    table[0] = (uint8_t)drive->cylinders;
    table[1] = (uint8_t)(drive->cylinders >> 8);
    table[2] = (uint8_t)drive->heads;
    table[5] = 0xFF; /* no write precompensation */
    table[6] = 0xFF;
    table[8] = drive->heads > 8 ? 0xC8 : 0xC0;
    table[12] = table[0]; /* landing zone */
    table[13] = table[1];
    table[14] = (uint8_t)drive->per_track;
    near_to_far(BDA->ebda_segment, offset, table, sizeof(table));
    ((LOW uint32_t *)0)[index ? 0x46 : 0x41] = (uint32_t)BDA->ebda_segment << 16 | offset;
}

void ata_find_drives(void)
{
    static ROM_DATA uint16_t ports[2][2] = {
        {PORT_ATA0, PORT_ATA0_CONTROL},
        {PORT_ATA1, PORT_ATA1_CONTROL},
    };
    uint8_t found = 0;

    for (uint32_t place = 0; place < DISKS_MAX; place++) {
        struct drive drive = {
            .port = ports[place / 2][0],
            .control = ports[place / 2][1],
            .select = place % 2 ? SELECT_LBA | SELECT_SLAVE : SELECT_LBA,
        };

        if (identify(&drive)) {
            near_to_far(BDA->ebda_segment, (uint16_t)(EBDA_DRIVES + found * sizeof(drive)), &drive,
                        sizeof(drive));
            if (found < 2) {
                write_parameters(found, &drive);
            }
            found++;
        }
    }
    BDA->disk_count = found;
}

bool ata_drive(uint8_t number, struct drive *drive)
{
    uint8_t index = (uint8_t)(number - FIRST_DISK);

    if (number < FIRST_DISK || index >= BDA->disk_count) {
        return false;
    }
    far_to_near(drive, BDA->ebda_segment, (uint16_t)(EBDA_DRIVES + index * sizeof(*drive)),
                sizeof(*drive));
    return true;
}
