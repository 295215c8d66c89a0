/* MP tables: what a kernel finds that is loaded without firmware, and that the bundled firmware
 * writes the same. See: MultiProcessor Specification 1.4, tables 4-1 to 4-10.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <string.h>

#include "devices/platform_map.h"
#include "emu/boot_memory.h"
#include "emu/mp_tables.h"

#define TABLE_BYTES 224u

static uint8_t sum_of(const uint8_t *bytes, size_t size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    return sum;
}

static struct machine *machine_with_apics(void)
{
    struct machine_config config = support_config();

    config.apics = 1;
    return support_machine(&config);
}

static void test_mp_tables_of_a_machine_without_firmware(void **unused)
{
    static const uint8_t entries[] =
        {
            0, 0, 0x11, 3,    0x17, 6,   0,   0,   0x39, 0xA3, 0,    0,
            0, 0, 0,    0,    0,    0,   0,   0, /* processor */
            1, 0, 'I',  'S',  'A',  ' ', ' ', ' ', 2,    1,    0x11, 1,
            0, 0, 0xC0, 0xFE, 3,    0,   0,   0,   0,    0,    1,    2,
        };
    static const uint8_t last[] = {3, 0, 0, 0, 0, 15, 1,    15, 3, 3, 0, 0, 0, 0, 1,    0,
                                   4, 3, 0, 0, 0, 0,  0xFF, 0,  4, 1, 0, 0, 0, 0, 0xFF, 1};
    struct machine *machine = machine_with_apics();
    uint8_t pointer[16], table[TABLE_BYTES];

    (void)unused;
    assert_true(boot_write_bios_data(machine));
    assert_true(machine_read_physical(machine, 0x9FC10, pointer, 16));
    assert_true(machine_read_physical(machine, 0x9FC20, table, TABLE_BYTES));

    assert_memory_equal(pointer, "_MP_\x20\xFC\x09\x00\x01\x04", 10);
    assert_int_equal(pointer[12], 0x80); /* IMCR present */
    assert_int_equal(sum_of(pointer, 16), 0);
    assert_memory_equal(table, "PCMP\xE0\x00\x04", 7);
    assert_memory_equal(table + 34, "\x15\x00\x00\x00\xE0\xFE", 6); /* 21 entries, FEE00000h */
    assert_memory_equal(table + 44, entries, sizeof(entries));
    assert_memory_equal(table + TABLE_BYTES - sizeof(last), last, sizeof(last));
    assert_int_equal(sum_of(table, TABLE_BYTES), 0);
    machine_destroy(machine);
}

static void test_mp_tables_are_absent_without_apics(void **unused)
{
    struct machine_config config = support_config();
    struct machine *machine = support_machine(&config);
    uint8_t pointer[4];

    (void)unused;
    assert_true(boot_write_bios_data(machine));
    assert_true(machine_read_physical(machine, 0x9FC10, pointer, 4));
    assert_memory_equal(pointer, "\0\0\0\0", 4);
    machine_destroy(machine);
}

static void test_mp_tables_of_the_bundled_firmware_are_the_same(void **unused)
{
    struct machine *machine = machine_with_apics();
    struct machine_config config = support_config();
    struct machine *booted;
    uint8_t ours[TABLE_BYTES], theirs[TABLE_BYTES], pointer[16];

    (void)unused;
    config.apics = 1;
    config.firmware = rom_open_firmware(GUEST_OS "/firmware.bin", NULL);
    assert_non_null(config.firmware);
    booted = support_machine(&config);
    machine_run(booted, 100000000); /* 1 s: it waits for a key, nothing to boot from */
    assert_true(boot_write_bios_data(machine));
    assert_true(machine_read_physical(machine, MP_TABLE_PLACE, ours, TABLE_BYTES));
    assert_true(machine_read_physical(booted, 0x9FF00, pointer, 16));
    assert_true(machine_read_physical(booted, 0x9FF10, theirs, TABLE_BYTES));

    assert_memory_equal(pointer, "_MP_\x10\xFF\x09\x00\x01\x04", 10);
    assert_int_equal(sum_of(pointer, 16), 0);
    assert_memory_equal(theirs, ours, TABLE_BYTES);
    assert_int_equal(machine_state(booted)->pc.apics.local.lvt[LVT_LINT0], 0x700);
    assert_int_equal(machine_state(booted)->pc.apics.local.spurious, 0x1FF);
    assert_int_equal(machine_state(booted)->pc.apics.imcr.through_apic, 1);
    machine_destroy(booted);
    rom_close((struct rom *)config.firmware);
    machine_destroy(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mp_tables_of_a_machine_without_firmware),
        cmocka_unit_test(test_mp_tables_are_absent_without_apics),
        cmocka_unit_test(test_mp_tables_of_the_bundled_firmware_are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
