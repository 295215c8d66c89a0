/* The disks, seen through their ports. Chapters: ATA-4 (NCITS 317-1998). At 100 MHz.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

#define DISK_SECTORS 4096u

enum port { DATA = 0x1F0, ERROR, COUNT, NUMBER, LOW, HIGH, DEVICE, COMMAND, CONTROL = 0x3F6 };

/* A store of three disks: master and slave of the first channel, the slave is read-only; master
 * of the second. */
struct disks {
    struct fixture *f;
    uint8_t bytes[PC_DISKS][DISK_SECTORS * 512];
    uint32_t bad_sector; /* cannot be read; UINT32_MAX: none */
    uint32_t flushes[PC_DISKS];
    uint64_t now;
};

static uint32_t store_read(void *context, uint32_t disk, uint32_t sector, uint8_t *bytes)
{
    struct disks *d = context;

    assert_true(disk < PC_DISKS && sector < DISK_SECTORS);
    memcpy(bytes, d->bytes[disk] + sector * 512, 512);
    return sector != d->bad_sector;
}

static uint32_t store_write(void *context, uint32_t disk, uint32_t sector, const uint8_t *bytes)
{
    struct disks *d = context;

    assert_true(disk < PC_DISKS && sector < DISK_SECTORS);
    memcpy(d->bytes[disk] + sector * 512, bytes, 512);
    return 1;
}

static void store_flush(void *context, uint32_t disk)
{
    ((struct disks *)context)->flushes[disk]++;
}

static int disks_setup(void **context)
{
    struct disks *d = calloc(1, sizeof(*d));
    struct pc_config config = {
        .clock_hz = FIXTURE_HZ, .ram_bytes = 64u << 20, .rtc_epoch = FIXTURE_EPOCH};
    struct pc_host host = {.context = d,
                           .disk_read = store_read,
                           .disk_write = store_write,
                           .disk_flush = store_flush};

    d->f = calloc(1, sizeof(*d->f));
    config.disks[0].sectors = DISK_SECTORS;
    config.disks[1].sectors = DISK_SECTORS;
    config.disks[1].read_only = 1;
    config.disks[2].sectors = 100;
    d->bad_sector = UINT32_MAX;
    d->f->pc = pc_init(malloc(pc_bytes()), &d->f->state, &config, &host);
    pc_reset(d->f->pc, 0);
    for (uint32_t disk = 0; disk < PC_DISKS; disk++) {
        for (uint32_t sector = 0; sector < DISK_SECTORS; sector++) {
            memset(d->bytes[disk] + sector * 512, (int)(sector * 7 + disk), 512);
            memcpy(d->bytes[disk] + sector * 512, &sector, 4);
        }
    }
    *context = d;
    return 0;
}

static int disks_teardown(void **context)
{
    struct disks *d = *context;

    assert_null(pc_check(&d->f->state));
    free(d->f->pc);
    free(d->f);
    free(d);
    return 0;
}

static uint8_t get(struct disks *d, uint16_t port)
{
    return (uint8_t)in8(d->f, port, d->now);
}

static void put(struct disks *d, uint16_t port, uint32_t value)
{
    out8(d->f, port, value, d->now);
}

/* Registers and command; device: bits of +6. */
static void command(struct disks *d, uint32_t code, uint32_t device, uint32_t sector,
                    uint32_t count)
{
    put(d, COUNT, count);
    put(d, NUMBER, sector & 0xFF);
    put(d, LOW, sector >> 8 & 0xFF);
    put(d, HIGH, sector >> 16 & 0xFF);
    put(d, DEVICE, device | (sector >> 24 & 0x0F));
    put(d, COMMAND, code);
}

static void pass(struct disks *d, uint64_t microseconds)
{
    d->now += microseconds * MICROSECOND;
    pc_run_events(d->f->pc, d->now);
}

static uint32_t irq14(struct disks *d)
{
    return d->f->state.pic.slave.lines >> 6 & 1;
}

static uint32_t word(struct disks *d)
{
    return pc_port_read(d->f->pc, DATA, 2, d->now);
}

/* All of one block into `words`. */
static void take_words(struct disks *d, uint16_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        words[i] = (uint16_t)word(d);
    }
}

static void give_words(struct disks *d, uint32_t value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        pc_port_write(d->f->pc, DATA, 2, value, d->now);
    }
}

static void test_reset_leaves_the_signature_of_a_disk(void **context) /* 9.1 */
{
    struct disks *d = *context;

    assert_int_equal(get(d, COMMAND), 0x50);
    assert_int_equal(get(d, CONTROL), 0x50);
    assert_int_equal(get(d, ERROR), 0x01);
    assert_int_equal(get(d, COUNT), 0x01);
    assert_int_equal(get(d, NUMBER), 0x01);
    assert_int_equal(get(d, LOW), 0x00);
    assert_int_equal(get(d, HIGH), 0x00);
    assert_int_equal(get(d, DEVICE), 0xA0);
}

static void test_identify_names_size_geometry_and_model(void **context) /* 8.12 */
{
    struct disks *d = *context;
    uint16_t id[256];

    put(d, COMMAND, 0xEC);
    assert_int_equal(get(d, CONTROL), 0x80);
    pass(d, 9);
    assert_int_equal(get(d, CONTROL), 0x80);
    assert_int_equal(irq14(d), 0);
    pass(d, 1);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, CONTROL), 0x58);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x58);
    assert_int_equal(irq14(d), 0);
    take_words(d, id, 256);
    assert_int_equal(get(d, COMMAND), 0x50);
    assert_int_equal(irq14(d), 0);
    assert_int_equal(id[0], 0x0040);
    assert_int_equal(id[1], 4);
    assert_int_equal(id[3], 16);
    assert_int_equal(id[4], 63 * 512); /* retired since ATA-2; old firmware reads it */
    assert_int_equal(id[5], 512);
    assert_int_equal(id[6], 63);
    assert_int_equal(id[27], 0x5269); /* "Ri" */
    assert_int_equal(id[47], 0x8008);
    assert_int_equal(id[49], 0x0200);
    assert_int_equal(id[57] | id[58] << 16, 4 * 16 * 63);
    assert_int_equal(id[60] | id[61] << 16, DISK_SECTORS);
    assert_int_equal(word(d), 0xFFFF); /* nothing left */
}

static void test_read_sectors_by_lba_seeks_then_streams(void **context) /* 8.27, 9.5 */
{
    struct disks *d = *context;
    uint16_t words[256];

    command(d, 0x20, 0x40, 0x123, 2);
    pass(d, 10 + 300 + 40 - 1);
    assert_int_equal(get(d, COMMAND), 0x80);
    pass(d, 1);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x58);
    take_words(d, words, 256);
    assert_int_equal(words[0], 0x123);
    assert_int_equal(words[255], 0xF5F5);
    assert_int_equal(get(d, COMMAND), 0x80);
    pass(d, 39);
    assert_int_equal(irq14(d), 0);
    pass(d, 1);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x58);
    take_words(d, words, 256);
    assert_int_equal(words[0], 0x124);
    assert_int_equal(get(d, COMMAND), 0x50);
    assert_int_equal(get(d, NUMBER), 0x24);
    assert_int_equal(get(d, LOW), 0x01);
    assert_int_equal(get(d, COUNT), 0);
    pass(d, 10000);
    assert_int_equal(irq14(d), 0);
}

static void test_next_sector_needs_no_seek(void **context)
{
    struct disks *d = *context;
    uint16_t words[256];

    command(d, 0x21, 0x40, 0, 1);
    pass(d, 50);
    assert_int_equal(get(d, COMMAND), 0x58);
    take_words(d, words, 256);
    command(d, 0x20, 0x40, 1, 1);
    pass(d, 50);
    assert_int_equal(get(d, COMMAND), 0x58);
}

static void test_read_sectors_by_cylinder_head_sector(void **context) /* 6.2 */
{
    struct disks *d = *context;
    uint16_t words[256];

    /* cylinder 3, head 5, sector 63: (3 * 16 + 5) * 63 + 62 = 3401 = D49h */
    command(d, 0x20, 0xA5, 0x00033F, 1);
    pass(d, 350);
    take_words(d, words, 256);
    assert_int_equal(words[0], 0xD49);
    assert_int_equal(get(d, NUMBER), 63);
    assert_int_equal(get(d, LOW), 3);
    assert_int_equal(get(d, DEVICE), 0xA5);
}

static void test_sector_zero_and_cylinders_beyond_are_not_found(void **context) /* 8.27.6 */
{
    struct disks *d = *context;

    command(d, 0x20, 0xA0, 0x000000, 1);
    pass(d, 10);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x51);
    assert_int_equal(get(d, ERROR), 0x10);
    command(d, 0x20, 0xA0, 0x000401, 1); /* cylinder 4 of 0..3 */
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), 0x51);
    command(d, 0x40, 0xE0, DISK_SECTORS, 1);
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), 0x51);
    assert_int_equal(get(d, ERROR), 0x10);
}

static void test_transfer_over_the_end_stops_at_the_first_sector_beyond(void **context)
{
    struct disks *d = *context;
    uint16_t words[256];

    command(d, 0x20, 0x40, DISK_SECTORS - 1, 3);
    pass(d, 350);
    take_words(d, words, 256);
    assert_int_equal(words[0], DISK_SECTORS - 1);
    pass(d, 40);
    assert_int_equal(get(d, COMMAND), 0x51);
    assert_int_equal(get(d, ERROR), 0x10);
    assert_int_equal(get(d, NUMBER), 0x00);
    assert_int_equal(get(d, LOW), 0x10);
    assert_int_equal(get(d, COUNT), 2);
}

static void test_unreadable_sector_is_an_uncorrectable_error(void **context) /* 8.27.6 */
{
    struct disks *d = *context;

    d->bad_sector = 77;
    command(d, 0x20, 0x40, 77, 1);
    pass(d, 350);
    assert_int_equal(get(d, COMMAND), 0x51);
    assert_int_equal(get(d, ERROR), 0x40);
    assert_int_equal(get(d, NUMBER), 77);
}

static void test_write_sectors_interrupts_after_each_sector(void **context) /* 8.46, 9.6 */
{
    struct disks *d = *context;

    command(d, 0x30, 0x40, 200, 2);
    assert_int_equal(get(d, COMMAND), 0x80);
    pass(d, 10);
    assert_int_equal(irq14(d), 0); /* the first block is asked for silently */
    assert_int_equal(get(d, COMMAND), 0x58);
    give_words(d, 0xBEEF, 256);
    assert_int_equal(get(d, COMMAND), 0x80);
    assert_int_equal(d->bytes[0][200 * 512], 200); /* not yet on the platter */
    pass(d, 340);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x58);
    assert_int_equal(d->bytes[0][200 * 512], 0xEF);
    assert_int_equal(d->bytes[0][200 * 512 + 511], 0xBE);
    give_words(d, 0xCAFE, 256);
    pass(d, 40);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x50);
    assert_int_equal(d->bytes[0][201 * 512], 0xFE);
    assert_int_equal(d->bytes[0][202 * 512], 202);
    assert_int_equal(get(d, NUMBER), 201);
}

static void test_read_only_disk_aborts_writes(void **context)
{
    struct disks *d = *context;

    command(d, 0x30, 0x50, 5, 1);
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), 0x51);
    assert_int_equal(get(d, ERROR), 0x04);
    assert_int_equal(get(d, CONTROL), 0x51);
}

static void test_slave_has_its_own_sectors(void **context)
{
    struct disks *d = *context;
    uint16_t words[256];

    command(d, 0x20, 0x50, 10, 1);
    pass(d, 350);
    take_words(d, words, 256);
    assert_int_equal(words[0], 10);
    assert_int_equal(words[5], 0x4747); /* 10 * 7 + 1 */
}

static void test_multiple_mode_moves_blocks(void **context) /* 8.24, 8.38 */
{
    struct disks *d = *context;
    uint16_t words[256];

    command(d, 0xC4, 0x40, 0, 4);
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), 0x51); /* not set yet */
    assert_int_equal(get(d, ERROR), 0x04);
    command(d, 0xC6, 0x40, 0, 3);
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), 0x51); /* not a power of two */
    command(d, 0xC6, 0x40, 0, 4);
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), 0x50);
    command(d, 0xC4, 0x40, 0, 6);
    pass(d, 10 + 4 * 40);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(get(d, COMMAND), 0x58);
        take_words(d, words, 256);
        assert_int_equal(words[0], i);
    }
    assert_int_equal(get(d, COMMAND), 0x80);
    pass(d, 80);
    assert_int_equal(irq14(d), 1);
    take_words(d, words, 256);
    take_words(d, words, 256);
    assert_int_equal(words[0], 5);
    assert_int_equal(get(d, COMMAND), 0x50);
    command(d, 0xC5, 0x40, 6, 5);
    pass(d, 10);
    give_words(d, 0x1111, 4 * 256);
    pass(d, 160);
    assert_int_equal(get(d, COMMAND), 0x58);
    give_words(d, 0x2222, 256);
    pass(d, 40);
    assert_int_equal(get(d, COMMAND), 0x50);
    assert_int_equal(d->bytes[0][9 * 512], 0x11);
    assert_int_equal(d->bytes[0][10 * 512], 0x22);
}

static void test_doubleword_and_byte_accesses_to_the_data_port(void **context)
{
    struct disks *d = *context;

    command(d, 0x20, 0x40, 0x0FED, 1);
    pass(d, 350);
    assert_int_equal(pc_port_read(d->f->pc, DATA, 4, d->now), 0x0FED);
    assert_int_equal(pc_port_read(d->f->pc, DATA, 1, d->now), (0xFED * 7) & 0xFF);
    for (uint32_t i = 0; i < 126; i++) {
        pc_port_read(d->f->pc, DATA, 4, d->now);
    }
    assert_int_equal(get(d, COMMAND), 0x58); /* the byte was one word of 256 */
    word(d);
    assert_int_equal(get(d, COMMAND), 0x50);
}

static void test_verify_seek_and_recalibrate_move_no_data(void **context) /* 8.28, 8.35 */
{
    struct disks *d = *context;

    command(d, 0x40, 0x40, 1000, 0); /* 256 sectors */
    pass(d, 10 + 300 + 256 * 40 - 1);
    assert_int_equal(get(d, COMMAND), 0x80);
    pass(d, 1);
    assert_int_equal(get(d, COMMAND), 0x50);
    assert_int_equal(get(d, NUMBER), 1255 & 0xFF);
    command(d, 0x70, 0x40, 99, 1);
    pass(d, 310);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x50);
    command(d, 0x10, 0xA0, 0, 1);
    pass(d, 310);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x50);
    assert_int_equal(d->f->state.ata[0].drives[0].next_sector, 0);
}

static void test_device_parameters_change_the_translation(void **context) /* 8.16 */
{
    struct disks *d = *context;
    uint16_t words[256];

    command(d, 0x91, 0xA3, 0, 17); /* 4 heads, 17 sectors */
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), 0x50);
    command(d, 0x20, 0xA2, 0x000A11, 1); /* cylinder 10, head 2, sector 17 */
    pass(d, 350);
    take_words(d, words, 256);
    assert_int_equal(words[0], (10 * 4 + 2) * 17 + 16);
    put(d, COMMAND, 0xEC);
    pass(d, 10);
    take_words(d, words, 256);
    assert_int_equal(words[54], 60); /* 4096 / 68 */
    assert_int_equal(words[55], 4);
    assert_int_equal(words[56], 17);
    command(d, 0x91, 0xA3, 0, 0);
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), 0x51);
}

static void test_flush_cache_reaches_the_store(void **context) /* 8.10 */
{
    struct disks *d = *context;

    command(d, 0xE7, 0xA0, 0, 0);
    pass(d, 499);
    assert_int_equal(d->flushes[0], 0);
    pass(d, 1);
    assert_int_equal(d->flushes[0], 1);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x50);
}

static void feature(struct disks *d, uint32_t which, uint32_t count, uint32_t status)
{
    put(d, ERROR, which);
    command(d, 0xEF, 0xA0, 0, count);
    pass(d, 10);
    assert_int_equal(get(d, COMMAND), status);
}

static void test_set_features_takes_cache_look_ahead_and_transfer_modes(void **context) /* 8.37 */
{
    struct disks *d = *context;
    uint16_t id[256];

    feature(d, 0x82, 0, 0x50);
    feature(d, 0x03, 0x0C, 0x50); /* PIO mode 4 */
    feature(d, 0x03, 0x22, 0x51); /* a DMA mode */
    feature(d, 0x99, 0, 0x51);
    put(d, COMMAND, 0xEC);
    pass(d, 10);
    take_words(d, id, 256);
    assert_int_equal(id[85], 0x0040);
    feature(d, 0x02, 0, 0x50);
}

static void test_unknown_commands_are_aborted(void **context)
{
    struct disks *d = *context;
    static const uint8_t codes[] = {0x00, 0x08, 0x24, 0xA0, 0xA1, 0xC8, 0xCA, 0xEA, 0xFF};

    for (uint32_t i = 0; i < sizeof(codes); i++) {
        put(d, COMMAND, codes[i]);
        pass(d, 10);
        assert_int_equal(irq14(d), 1);
        assert_int_equal(get(d, COMMAND), 0x51);
        assert_int_equal(get(d, ERROR), 0x04);
    }
}

static void test_diagnostic_selects_the_master_and_interrupts(void **context) /* 8.9 */
{
    struct disks *d = *context;

    put(d, DEVICE, 0xB0);
    put(d, COMMAND, 0x90);
    assert_int_equal(get(d, CONTROL), 0x80);
    pass(d, 1000);
    assert_int_equal(irq14(d), 1);
    assert_int_equal(get(d, COMMAND), 0x50);
    assert_int_equal(get(d, ERROR), 0x01);
    assert_int_equal(get(d, DEVICE), 0xA0);
}

static void test_software_reset_ends_a_transfer_silently(void **context) /* 9.3 */
{
    struct disks *d = *context;

    command(d, 0x20, 0x40, 3, 1);
    pass(d, 350);
    assert_int_equal(irq14(d), 1);
    put(d, CONTROL, 0x04);
    assert_int_equal(irq14(d), 0);
    pass(d, 100000);
    assert_int_equal(get(d, CONTROL), 0x80);
    put(d, COMMAND, 0xEC); /* nobody listens */
    put(d, CONTROL, 0x00);
    pass(d, 999);
    assert_int_equal(get(d, CONTROL), 0x80);
    pass(d, 1);
    assert_int_equal(get(d, CONTROL), 0x50);
    assert_int_equal(irq14(d), 0);
    assert_int_equal(get(d, ERROR), 0x01);
    assert_int_equal(get(d, COUNT), 0x01);
}

static void test_nien_keeps_the_line_low_until_it_is_cleared(void **context) /* 7.8 */
{
    struct disks *d = *context;

    put(d, CONTROL, 0x02);
    command(d, 0xE7, 0xA0, 0, 0);
    pass(d, 500);
    assert_int_equal(irq14(d), 0);
    put(d, CONTROL, 0x00);
    assert_int_equal(irq14(d), 1);
    get(d, COMMAND);
    assert_int_equal(irq14(d), 0);
}

static void test_registers_are_the_drives_while_it_is_busy(void **context) /* 7.1 */
{
    struct disks *d = *context;

    command(d, 0x20, 0x40, 3, 1);
    put(d, NUMBER, 0x99);
    put(d, COMMAND, 0xEC);
    assert_int_equal(get(d, NUMBER), 3);
    pass(d, 350);
    assert_int_equal(word(d), 3);
}

static void test_second_channel_has_irq_15_and_no_slave(void **context)
{
    struct disks *d = *context;

    put(d, 0x177, 0xEC);
    pass(d, 10);
    assert_int_equal(d->f->state.pic.slave.lines >> 7, 1);
    assert_int_equal(get(d, 0x177), 0x58);
    put(d, 0x376, 0x04);
    put(d, 0x376, 0x00);
    pass(d, 1000);
    put(d, 0x176, 0xB0);
    assert_int_equal(get(d, 0x177), 0x00); /* device 0 answers for it */
    put(d, 0x177, 0xEC);
    pass(d, 1000);
    assert_int_equal(get(d, 0x177), 0x00);
    assert_int_equal(d->f->state.pic.slave.lines >> 7, 0);
}

static void test_channel_without_drives_floats(void **context)
{
    struct fixture *f = *context;

    assert_int_equal(in8(f, 0x1F7, 0), 0xFF);
    assert_int_equal(in8(f, 0x3F6, 0), 0xFF);
    out8(f, 0x1F7, 0xEC, 0);
    assert_int_equal(in8(f, 0x177, 0), 0xFF);
    assert_int_equal(f->next_event, CLOCK_NEVER);
    assert_int_equal(pc_cmos_peek(f->pc, 0x12, 0), 0x00);
}

static void test_cmos_tells_the_disks_of_the_first_channel(void **context)
{
    struct disks *d = *context;
    uint32_t sum = 0;

    assert_int_equal(pc_cmos_peek(d->f->pc, 0x12, 0), 0xFF);
    assert_int_equal(pc_cmos_peek(d->f->pc, 0x19, 0), 47);
    assert_int_equal(pc_cmos_peek(d->f->pc, 0x1A, 0), 47);
    assert_int_equal(pc_cmos_peek(d->f->pc, 0x1B, 0), 4);
    assert_int_equal(pc_cmos_peek(d->f->pc, 0x1D, 0), 16);
    assert_int_equal(pc_cmos_peek(d->f->pc, 0x23, 0), 63);
    assert_int_equal(pc_cmos_peek(d->f->pc, 0x26, 0), 16);
    for (uint32_t i = 0x10; i < 0x2E; i++) {
        sum += pc_cmos_peek(d->f->pc, i, 0);
    }
    assert_int_equal(pc_cmos_peek(d->f->pc, 0x2E, 0) << 8 | pc_cmos_peek(d->f->pc, 0x2F, 0), sum);
}

#define DISKS_CASE(name) cmocka_unit_test_setup_teardown(name, disks_setup, disks_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DISKS_CASE(test_reset_leaves_the_signature_of_a_disk),
        DISKS_CASE(test_identify_names_size_geometry_and_model),
        DISKS_CASE(test_read_sectors_by_lba_seeks_then_streams),
        DISKS_CASE(test_next_sector_needs_no_seek),
        DISKS_CASE(test_read_sectors_by_cylinder_head_sector),
        DISKS_CASE(test_sector_zero_and_cylinders_beyond_are_not_found),
        DISKS_CASE(test_transfer_over_the_end_stops_at_the_first_sector_beyond),
        DISKS_CASE(test_unreadable_sector_is_an_uncorrectable_error),
        DISKS_CASE(test_write_sectors_interrupts_after_each_sector),
        DISKS_CASE(test_read_only_disk_aborts_writes),
        DISKS_CASE(test_slave_has_its_own_sectors),
        DISKS_CASE(test_multiple_mode_moves_blocks),
        DISKS_CASE(test_doubleword_and_byte_accesses_to_the_data_port),
        DISKS_CASE(test_verify_seek_and_recalibrate_move_no_data),
        DISKS_CASE(test_device_parameters_change_the_translation),
        DISKS_CASE(test_flush_cache_reaches_the_store),
        DISKS_CASE(test_set_features_takes_cache_look_ahead_and_transfer_modes),
        DISKS_CASE(test_unknown_commands_are_aborted),
        DISKS_CASE(test_diagnostic_selects_the_master_and_interrupts),
        DISKS_CASE(test_software_reset_ends_a_transfer_silently),
        DISKS_CASE(test_nien_keeps_the_line_low_until_it_is_cleared),
        DISKS_CASE(test_registers_are_the_drives_while_it_is_busy),
        DISKS_CASE(test_second_channel_has_irq_15_and_no_slave),
        FIXTURE_CASE(test_channel_without_drives_floats),
        DISKS_CASE(test_cmos_tells_the_disks_of_the_first_channel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
