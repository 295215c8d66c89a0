/* A machine that starts in firmware: where the ROM is, what reset does, what devices are like then.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "devices/platform_map.h"
#include "emu/file.h"
#include "emu/snapshot.h"

#define KIB 1024u

struct board {
    struct rom *rom;
    struct machine_config config;
    struct machine *machine;
};

/* A ROM of `size` bytes: `code` at F000:0000, a far jump there at the reset vector. */
static struct rom *rom_with(const uint8_t *code, uint32_t bytes, uint32_t size)
{
    static const uint8_t vector[] = {0xEA, 0x00, 0x00, 0x00, 0xF0}; /* jmp F000:0000 */
    uint8_t *image = calloc(1, size);
    struct rom *rom;

    memset(image, 0xF4, size); /* HLT */
    image[0] = 0x5A;
    memcpy(image + size - 64 * KIB, code, bytes);
    memcpy(image + size - 16, vector, sizeof(vector));
    assert_true(file_write(TEST_FOLDER "/firmware.bin", image, size, NULL));
    free(image);
    rom = rom_open_firmware(TEST_FOLDER "/firmware.bin", NULL);
    assert_non_null(rom);
    return rom;
}

static void board_open(struct board *board, const uint8_t *code, uint32_t bytes, uint32_t size)
{
    board->rom = rom_with(code, bytes, size);
    board->config = support_config();
    board->config.firmware = board->rom;
    board->machine = support_machine(&board->config);
}

static void board_close(struct board *board)
{
    machine_destroy(board->machine);
    rom_close(board->rom);
}

/* 80386 PRM 10.1: CS F000h with base FFFF0000h, EIP FFF0h. */
static void test_the_first_instruction_comes_from_below_4_gib(void **unused)
{
    static const uint8_t code[] = {0xF4};
    struct board board;
    const struct cpu_state *cpu;
    uint8_t first;

    (void)unused;
    board_open(&board, code, sizeof(code), 64 * KIB);

    cpu = &machine_state(board.machine)->cpu;
    assert_int_equal(cpu->segments[SEG_CS].selector, 0xF000);
    assert_int_equal(cpu->segments[SEG_CS].base, 0xFFFF0000u);
    assert_int_equal(cpu->eip, 0xFFF0);
    assert_true(machine_read_linear(board.machine, RESET_VECTOR, &first, 1));
    assert_int_equal(first, 0xEA);
    machine_step(board.machine, NULL);
    cpu = &machine_state(board.machine)->cpu;
    assert_int_equal(cpu->segments[SEG_CS].base, 0xF0000);
    assert_int_equal(cpu->eip, 0);
    board_close(&board);
}

static void test_a_256_kib_image_ends_at_4_gib_and_at_1_mib(void **unused)
{
    static const uint8_t code[] = {0xF4};
    struct board board;
    uint8_t at[3];

    (void)unused;
    board_open(&board, code, sizeof(code), 256 * KIB);

    assert_true(machine_read_physical(board.machine, 0xFFFC0000u, &at[0], 1));
    assert_true(machine_read_physical(board.machine, 0xC0000, &at[1], 1));
    assert_true(machine_read_physical(board.machine, 0xFFFF0, &at[2], 1));
    assert_int_equal(at[0], 0x5A);
    assert_int_equal(at[1], 0x5A);
    assert_int_equal(at[2], 0xEA);
    board_close(&board);
}

static void test_reset_restarts_the_firmware_with_a_fresh_copy(void **unused)
{
    static const uint8_t code[] = {
        0x2E, 0xC6, 0x06, 0x00, 0x01, 0x77, /* mov byte cs:[0100h], 77h */
        0xB0, 0x03, 0xE6, 0x92,             /* mov al, 3; out 92h, al */
        0xF4,                               /* hlt */
    };
    struct board board;
    uint8_t copy;
    uint8_t rom;

    (void)unused;
    board_open(&board, code, sizeof(code), 64 * KIB);
    for (uint32_t i = 0; i < 3; i++) {
        machine_step(board.machine, NULL);
    }
    assert_true(machine_read_physical(board.machine, 0xF0100, &copy, 1));
    assert_true(machine_read_physical(board.machine, 0xFFFF0100u, &rom, 1));
    assert_int_equal(copy, 0x77);
    assert_int_equal(rom, 0xF4);

    machine_step(board.machine, NULL);

    assert_int_equal(machine_state(board.machine)->cpu.segments[SEG_CS].base, 0xFFFF0000u);
    assert_int_equal(machine_state(board.machine)->cpu.eip, 0xFFF0);
    assert_true(machine_read_physical(board.machine, 0xF0100, &copy, 1));
    assert_int_equal(copy, 0xF4);
    board_close(&board);
}

static void test_the_8042_resets_into_the_firmware(void **unused)
{
    static const uint8_t code[] = {0xB0, 0xFE, 0xE6, 0x64, 0xF4}; /* mov al, FEh; out 64h, al */
    struct board board;

    (void)unused;
    board_open(&board, code, sizeof(code), 64 * KIB);
    for (uint32_t i = 0; i < 3; i++) {
        machine_step(board.machine, NULL);
    }

    assert_int_equal(machine_state(board.machine)->cpu.segments[SEG_CS].base, 0xFFFF0000u);
    board_close(&board);
}

/* Intel UPI-42 and 8259A data sheets; 16550 data sheet table 1: MR clears LCR, IER, MCR. */
static void test_devices_are_as_after_power_on(void **unused)
{
    static const uint8_t code[] = {0xF4};
    struct board board;
    const struct pc_state *pc;

    (void)unused;
    board_open(&board, code, sizeof(code), 64 * KIB);

    pc = &machine_state(board.machine)->pc;
    assert_int_equal(machine_state(board.machine)->cpu.a20_mask, 0xFFFFFFFFu);
    assert_int_equal(pc->ports.control_a, 0);
    assert_int_equal(pc->com1.lcr, 0);
    assert_int_equal(pc->pic.master.imr, 0xFF);
    assert_int_equal(pc->keyboard.memory[0], 0x30); /* both interfaces off, no self test yet */
    assert_int_equal(pc->vga.attribute_index, 0);
    assert_int_equal(pc->vga.memory[0], 0);
    board_close(&board);
}

static void test_a20_closes_only_when_both_gates_are_closed(void **unused)
{
    static const uint8_t code[] = {
        0xB0, 0xDD, 0xE6, 0x64, /* mov al, DDh; out 64h, al: 8042, A20 off */
        0xB0, 0x02, 0xE6, 0x92, /* mov al, 2; out 92h, al */
        0xF4,
    };
    struct board board;

    (void)unused;
    board_open(&board, code, sizeof(code), 64 * KIB);
    for (uint32_t i = 0; i < 3; i++) {
        machine_step(board.machine, NULL);
    }
    assert_int_equal(machine_state(board.machine)->cpu.a20_mask, 0xFFEFFFFFu);
    machine_step(board.machine, NULL);
    machine_step(board.machine, NULL);
    assert_int_equal(machine_state(board.machine)->cpu.a20_mask, 0xFFFFFFFFu);
    board_close(&board);
}

static void test_option_rom_is_below_1_mib(void **unused)
{
    static const uint8_t image[512] = {0x55, 0xAA, 0x01, 0xCB};
    struct machine_config config = support_config();
    struct machine *machine;
    struct rom *rom;
    uint8_t at[4];
    struct err err = {0};

    (void)unused;
    assert_true(file_write(TEST_FOLDER "/option.bin", image, sizeof(image), NULL));
    rom = rom_open_option(TEST_FOLDER "/option.bin", NULL);
    config.option_rom = rom;
    machine = support_machine(&config);
    assert_true(machine_read_physical(machine, 0xC0000, at, 4));
    assert_memory_equal(at, image, 4);
    machine_destroy(machine);
    rom_close(rom);

    assert_true(file_write(TEST_FOLDER "/option.bin", image + 1, 511, NULL));
    assert_null(rom_open_option(TEST_FOLDER "/option.bin", &err));
    assert_text_contains(err.message, "begins with the bytes 55h AAh");
}

static void test_wrong_sizes_are_refused_in_words(void **unused)
{
    static const uint8_t image[1000];
    struct err err = {0};

    (void)unused;
    assert_true(file_write(TEST_FOLDER "/odd.bin", image, sizeof(image), NULL));
    assert_null(rom_open_firmware(TEST_FOLDER "/odd.bin", &err));
    assert_text_contains(err.message, "odd.bin: 1000 bytes; a firmware image has 64, 128 or 256");
}

static void test_a_snapshot_does_not_fit_other_firmware(void **unused)
{
    static const uint8_t one[] = {0xF4};
    static const uint8_t two[] = {0x90, 0xF4};
    struct board first;
    struct board second;
    struct err err = {0};
    uint8_t *bytes;
    size_t size;

    (void)unused;
    board_open(&first, one, sizeof(one), 64 * KIB);
    board_open(&second, two, sizeof(two), 64 * KIB);
    assert_true(snapshot_encode(first.machine, &bytes, &size, NULL));

    assert_true(snapshot_decode(first.machine, bytes, size, NULL));
    assert_false(snapshot_decode(second.machine, bytes, size, &err));
    assert_text_contains(err.message, "other firmware");
    free(bytes);
    board_close(&first);
    board_close(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_instruction_comes_from_below_4_gib),
        cmocka_unit_test(test_a_256_kib_image_ends_at_4_gib_and_at_1_mib),
        cmocka_unit_test(test_reset_restarts_the_firmware_with_a_fresh_copy),
        cmocka_unit_test(test_the_8042_resets_into_the_firmware),
        cmocka_unit_test(test_devices_are_as_after_power_on),
        cmocka_unit_test(test_a20_closes_only_when_both_gates_are_closed),
        cmocka_unit_test(test_option_rom_is_below_1_mib),
        cmocka_unit_test(test_wrong_sizes_are_refused_in_words),
        cmocka_unit_test(test_a_snapshot_does_not_fit_other_firmware),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
