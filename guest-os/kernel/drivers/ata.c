/* ATA driver. A request waits in its channel's queue; the channel's thread, a bottom half, gives
 * the drive one command after the other and moves the data. The interrupt handler only notes what
 * the drive says and wakes the thread. A request that fails is tried once more after a reset, then
 * it is -EIO. Only processes touch the queues, so nothing there is masked. See: ATA-4 (NCITS
 * 317-1998) 7 registers, 8 commands, 9 protocol. SPDX-License-Identifier: MIT */
#include "drivers/ata.h"

#include "common/text.h"
#include "devices/platform_map.h"
#include "drivers/block.h"
#include "heart/cpu.h"
#include "heart/kernel_thread.h"
#include "heart/scheduler.h"
#include "support/log.h"

enum ata_register { /* offsets from a channel's first port */
                    ATA_DATA = 0,
                    ATA_COUNT = 2,
                    ATA_LBA_LOW = 3,
                    ATA_LBA_MIDDLE = 4,
                    ATA_LBA_HIGH = 5,
                    ATA_DEVICE = 6,
                    ATA_STATUS = 7, /* reading it takes the interrupt back */
                    ATA_COMMAND = 7,
};

#define STATUS_BUSY  0x80
#define STATUS_FAULT 0x20
#define STATUS_DATA  0x08 /* the drive waits for data to be moved */
#define STATUS_ERROR 0x01
#define STATUS_NONE  0xFF /* nobody drives the bus */

#define DEVICE_LBA    0xE0 /* with the two bits that are always set */
#define DEVICE_SLAVE  0x10
#define CONTROL_RESET 0x04

#define COMMAND_READ_MULTIPLE  0xC4 /* one interrupt for MULTIPLE_SECTORS */
#define COMMAND_WRITE_MULTIPLE 0xC5
#define COMMAND_SET_MULTIPLE   0xC6
#define COMMAND_FLUSH_CACHE    0xE7
#define COMMAND_IDENTIFY       0xEC

#define MULTIPLE_SECTORS 8 /* one page */
#define SECONDS_MOST     5 /* for one step of a command */
#define POLLS_MOST       1000
#define IDENTIFY_ABLE    49 /* words of what IDENTIFY DEVICE tells */
#define ABLE_LBA         0x0200
#define IDENTIFY_SECTORS 60

struct ata_channel;

struct ata_drive {
    struct block_device device;
    struct ata_channel *channel;
    uint8_t select; /* for ATA_DEVICE, without the address */
};

struct ata_request {
    struct ata_drive *drive;
    uint8_t command;          /* COMMAND_... */
    bool write;               /* data goes to the drive */
    uint32_t first;           /* sector */
    uint32_t count;           /* sectors, 0..8 */
    uint8_t *data;            /* count * SECTOR_BYTES; NULL: the command moves none */
    int32_t result;           /* once `done` */
    bool done;                /* the thread has finished with it */
    struct ata_request *next; /* in the queue */
};

struct ata_channel {
    uint16_t ports;              /* the first one */
    uint16_t control_port;       /* write: reset; read: status, leaving the interrupt alone */
    struct bottom_half half;     /* ata_serve */
    volatile bool interrupted;   /* the drive has asked for attention; set by the handler */
    volatile uint8_t status;     /* what ATA_STATUS was when it was last looked at */
    struct ata_request *waiting; /* first of the queue, NULL none */
    struct ata_drive drives[2];  /* master, slave; device.sectors is 0 if it is not there */
};

static struct ata_channel channels[2] = {
    {.ports = PORT_ATA0, .control_port = PORT_ATA0_CONTROL, .half.name = "ata0"},
    {.ports = PORT_ATA1, .control_port = PORT_ATA1_CONTROL, .half.name = "ata1"},
};

/* The top half: interrupts are off. */
static void ata_interrupt(struct trap_frame *frame)
{
    struct ata_channel *channel = &channels[frame->vector - VECTOR_IRQ0 - IRQ_ATA0];

    channel->status = port_read8(channel->ports + ATA_STATUS);
    channel->interrupted = true;
    wake_all(channel);
}

/* ---- one step of a command ---- */

static bool is_content(uint8_t status, uint8_t wanted)
{
    return (status & (STATUS_BUSY | STATUS_FAULT | STATUS_ERROR | wanted)) == wanted;
}

/* Sleep until the drive interrupts; true: without an error and with the status bits `wanted`. */
static bool wait_for_interrupt(struct ata_channel *channel, uint8_t wanted)
{
    uint32_t limit = SECONDS_MOST * tick_hz;
    bool in_time = true;

    interrupts_off();
    while (!channel->interrupted && in_time) {
        in_time = sleep_on_for(channel, limit);
    }
    channel->interrupted = false;
    interrupts_on();
    return in_time && is_content(channel->status, wanted);
}

/* The same where there is no interrupt: a few microseconds, or after a reset longer. */
static bool wait_until_ready(struct ata_channel *channel, uint8_t wanted)
{
    uint32_t began = ticks;

    for (uint32_t polls = 0; ticks - began < SECONDS_MOST * tick_hz; polls++) {
        channel->status = port_read8(channel->control_port);
        if ((channel->status & STATUS_BUSY) == 0) {
            return is_content(channel->status, wanted);
        }
        if (polls > POLLS_MOST) {
            interrupts_off();
            sleep_on_for(&channel->waiting, 1);
            interrupts_on();
        }
    }
    return false;
}

static void select_drive(const struct ata_drive *drive, uint32_t sector)
{
    const struct ata_channel *channel = drive->channel;

    port_write8(channel->ports + ATA_DEVICE, (uint8_t)(drive->select | (sector >> 24 & 0xF)));
    for (uint32_t i = 0; i < 4; i++) {
        port_read8(channel->control_port); /* the 400 ns that a drive may take to notice */
    }
}

static void write_command(const struct ata_request *request)
{
    struct ata_channel *channel = request->drive->channel;

    select_drive(request->drive, request->first);
    channel->interrupted = false;
    port_write8(channel->ports + ATA_COUNT, (uint8_t)request->count);
    port_write8(channel->ports + ATA_LBA_LOW, (uint8_t)request->first);
    port_write8(channel->ports + ATA_LBA_MIDDLE, (uint8_t)(request->first >> 8));
    port_write8(channel->ports + ATA_LBA_HIGH, (uint8_t)(request->first >> 16));
    port_write8(channel->ports + ATA_COMMAND, request->command);
}

static void move_data(uint16_t port, uint8_t *data, uint32_t sectors, bool write)
{
    uint32_t count = sectors * SECTOR_BYTES / sizeof(uint32_t);

    if (write) {
        __asm__ volatile("rep outsl" : "+S"(data), "+c"(count) : "d"(port) : "memory");
    } else {
        __asm__ volatile("rep insl" : "+D"(data), "+c"(count) : "d"(port) : "memory");
    }
}

/* A whole command; its data are one block. Before that of a write the drive does not interrupt,
 * after that of a read neither. */
static bool carry_out(const struct ata_request *request)
{
    struct ata_channel *channel = request->drive->channel;
    uint32_t sectors = request->data == NULL ? 0 : request->count;

    write_command(request);
    if (sectors > 0) {
        if (!(request->write ? wait_until_ready : wait_for_interrupt)(channel, STATUS_DATA)) {
            return false;
        }
        move_data(channel->ports + ATA_DATA, request->data, sectors, request->write);
    }
    return (sectors > 0 && !request->write) || wait_for_interrupt(channel, 0);
}

/* All sectors of a command for one interrupt; false: the drive can not. */
static bool set_multiple(struct ata_drive *drive)
{
    struct ata_request request = {
        .drive = drive, .command = COMMAND_SET_MULTIPLE, .count = MULTIPLE_SECTORS};

    return carry_out(&request);
}

/* Both drives of the channel forget what they were doing. */
static void reset(struct ata_channel *channel)
{
    port_write8(channel->control_port, CONTROL_RESET);
    for (uint32_t i = 0; i < 10; i++) {
        port_read8(channel->control_port); /* at least 5 us */
    }
    port_write8(channel->control_port, 0);
    wait_until_ready(channel, 0);
    for (uint32_t i = 0; i < 2; i++) {
        if (channel->drives[i].device.sectors != 0) {
            set_multiple(&channel->drives[i]);
        }
    }
}

/* ---- requests ---- */

/* The bottom half: work the queue off. */
static void ata_serve(void *argument)
{
    struct ata_channel *channel = argument;

    while (channel->waiting != NULL) {
        struct ata_request *request = channel->waiting;
        bool worked = carry_out(request);

        if (!worked) {
            print("kernel: %s: command %x, sector %u: status %x\n", request->drive->device.name,
                  request->command, request->first, channel->status);
            reset(channel);
            worked = carry_out(request);
        }
        channel->waiting = request->next;
        request->result = worked ? 0 : -EIO;
        request->done = true;
        wake_all(request);
    }
}

static int32_t ask(struct ata_request *request)
{
    struct ata_channel *channel = request->drive->channel;
    struct ata_request **end = &channel->waiting;

    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = request;
    bottom_half_raise(&channel->half);
    interrupts_off();
    while (!request->done) {
        sleep_on(request);
    }
    interrupts_on();
    return request->result;
}

static int32_t ata_transfer(struct block_device *device, uint32_t first, uint32_t count, void *data,
                            bool write)
{
    struct ata_request request = {.drive = device->drive,
                                  .command = write ? COMMAND_WRITE_MULTIPLE : COMMAND_READ_MULTIPLE,
                                  .write = write,
                                  .first = first,
                                  .count = count,
                                  .data = data};

    return ask(&request);
}

static int32_t ata_flush(struct block_device *device)
{
    struct ata_request request = {.drive = device->drive, .command = COMMAND_FLUSH_CACHE};

    return ask(&request);
}

/* ---- finding the drives ---- */

static void look_for_drive(struct ata_channel *channel, uint32_t slave)
{
    static const uint32_t numbers[] = {DEVICE_HDA, DEVICE_HDB, DEVICE_HDC, DEVICE_HDD};
    struct ata_drive *drive = &channel->drives[slave];
    uint32_t index = (uint32_t)(channel - channels) * 2 + slave;
    uint16_t words[SECTOR_BYTES / 2];
    struct ata_request request = {
        .drive = drive, .command = COMMAND_IDENTIFY, .count = 1, .data = (uint8_t *)words};
    uint8_t status;

    *drive = (struct ata_drive){
        .channel = channel,
        .select = (uint8_t)(DEVICE_LBA | (slave ? DEVICE_SLAVE : 0)),
        .device = {.number = numbers[index],
                   .block_bytes = SECTOR_BYTES * MULTIPLE_SECTORS,
                   .drive = drive,
                   .transfer = ata_transfer,
                   .flush = ata_flush},
    };
    snprintf(drive->device.name, sizeof(drive->device.name), "hd%c", 'a' + (int)index);
    select_drive(drive, 0);
    status = port_read8(channel->control_port);
    if (status == 0 || status == STATUS_NONE || !carry_out(&request) ||
        (words[IDENTIFY_ABLE] & ABLE_LBA) == 0 || !set_multiple(drive)) {
        return; /* nothing, or not a disk that we can use */
    }
    drive->device.sectors = words[IDENTIFY_SECTORS] | (uint32_t)words[IDENTIFY_SECTORS + 1] << 16;
    print("kernel: %s: %u KiB\n", drive->device.name, drive->device.sectors / 2);
    block_device_add(&drive->device);
}

void ata_initialise(void)
{
    for (uint32_t i = 0; i < 2; i++) {
        struct ata_channel *channel = &channels[i];

        if (port_read8(channel->control_port) == STATUS_NONE) {
            continue;
        }
        port_write8(channel->control_port, 0);
        channel->half.work = ata_serve;
        channel->half.argument = channel;
        trap_on_irq(IRQ_ATA0 + i, ata_interrupt);
        look_for_drive(channel, 0);
        look_for_drive(channel, 1);
        if (channel->drives[0].device.sectors + channel->drives[1].device.sectors > 0 &&
            bottom_half_start(&channel->half) != 0) {
            panic("no memory for a disk's thread");
        }
    }
}
