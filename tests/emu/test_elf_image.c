/* What is accepted as a kernel, and what is said about the rest.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define RAM (16u << 20)

static void assert_refused(const uint8_t *bytes, size_t size, const char *message)
{
    struct elf_image image;
    struct err err = {0};

    assert_false(elf_image_parse(bytes, size, "k.elf", RAM, &image, &err));
    assert_text_contains(err.message, "k.elf: ");
    assert_text_contains(err.message, message);
    assert_null(strchr(err.message, '\n'));
}

static void refuse_segments(const struct support_segment *segments, uint32_t count, uint32_t entry,
                            const char *message)
{
    size_t size;
    uint8_t *file = support_elf(segments, count, entry, &size);

    assert_refused(file, size, message);
    free(file);
}

static const struct support_segment plain = {0x100000, 0x100000, 64, 4096};

static void test_plain_executable_is_accepted(void **unused)
{
    size_t size;
    uint8_t *file = support_elf(&plain, 1, 0x100010, &size);
    struct elf_image image;
    struct err err = {0};

    (void)unused;
    assert_true(elf_image_parse(file, size, "k.elf", RAM, &image, &err));
    assert_int_equal(image.segment_count, 1);
    assert_int_equal(image.entry, 0x100010);
    assert_int_equal(image.end, 0x101000);
    assert_int_equal(image.is_multiboot, 0);
    free(file);
}

static void test_entry_of_a_higher_half_kernel_is_made_physical(void **unused)
{
    static const struct support_segment high = {0x100000, 0xC0100000, 64, 4096};
    size_t size;
    uint8_t *file = support_elf(&high, 1, 0xC0100020, &size);
    struct elf_image image;

    (void)unused;
    assert_true(elf_image_parse(file, size, "k.elf", RAM, &image, NULL));
    assert_int_equal(image.entry, 0x100020);
    free(file);
}

static void test_multiboot_header_is_found_and_unknown_features_refused(void **unused)
{
    size_t size;
    uint8_t *file = support_elf(&plain, 1, 0x100000, &size);
    uint32_t header[3] = {0x1BADB002, 3, 0u - 0x1BADB002u - 3u};
    uint32_t unknown[3] = {0x1BADB002, 8, 0u - 0x1BADB002u - 8u};
    struct elf_image image;

    (void)unused;
    memcpy(file + 84, header, sizeof(header));
    assert_true(elf_image_parse(file, size, "k.elf", RAM, &image, NULL));
    assert_int_equal(image.is_multiboot, 1);
    memcpy(file + 84, unknown, sizeof(unknown));
    assert_refused(file, size, "multiboot header asks for features");
    free(file);
}

static void test_wrong_places_are_refused(void **unused)
{
    static const struct support_segment outside = {0xFFF000, 0xFFF000, 64, 8192};
    static const struct support_segment video = {0x9F000, 0x9F000, 64, 8192};
    static const struct support_segment wraps = {0xFFFFF000, 0xFFFFF000, 64, 0x2000};
    static const struct support_segment twice[2] = {{0x100000, 0x100000, 64, 4096},
                                                    {0x100F00, 0x100F00, 64, 4096}};
    static const struct support_segment shrinks = {0x100000, 0x100000, 64, 32};

    (void)unused;
    refuse_segments(&outside, 1, 0xFFF000, "lies outside the 16 MiB of RAM");
    refuse_segments(&wraps, 1, 0xFFFFF000, "lies outside");
    refuse_segments(&video, 1, 0x9F000, "over video memory");
    refuse_segments(twice, 2, 0x100000, "overlap");
    refuse_segments(&shrinks, 1, 0x100000, "larger in the file than in memory");
    refuse_segments(&plain, 1, 0x200000, "entry point 00200000h lies outside all segments");
    refuse_segments(NULL, 0, 0x100000, "no loadable segment");
}

static void test_other_files_are_refused(void **unused)
{
    size_t size;
    uint8_t *file = support_elf(&plain, 1, 0x100000, &size);
    Elf32_Ehdr *header = (Elf32_Ehdr *)file;

    (void)unused;
    assert_refused((const uint8_t *)"", 0, "not an ELF file");
    assert_refused((const uint8_t *)"#!/bin/sh\n", 10, "not an ELF file");
    header->e_machine = EM_ARM;
    assert_refused(file, size, "made for another machine");
    header->e_machine = EM_386;
    header->e_type = ET_DYN;
    assert_refused(file, size, "link it at fixed addresses");
    header->e_type = ET_EXEC;
    file[EI_CLASS] = ELFCLASS64;
    assert_refused(file, size, "64-bit ELF file");
    file[EI_CLASS] = ELFCLASS32;
    file[EI_DATA] = ELFDATA2MSB;
    assert_refused(file, size, "not a little-endian 32-bit ELF");
    free(file);
}

static void test_every_truncation_is_refused(void **unused)
{
    size_t size;
    uint8_t *file = support_elf(&plain, 1, 0x100000, &size);

    (void)unused;
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *part = malloc(cut + 1);

        memcpy(part, file, cut);
        assert_refused(part, cut, cut < 4 ? "not an ELF file" : "cut short");
        free(part);
    }
    free(file);
}

static void test_machine_after_boot_is_as_multiboot_says(void **unused)
{
    struct machine_config config = support_config();
    struct support_guest guest;
    struct machine *machine;
    const struct cpu_state *cpu;
    uint32_t info[24];
    char text[16];
    uint16_t word;

    (void)unused;
    support_guest_open(&guest, TEST_GUESTS "/storm.elf", TEST_GUESTS "/storm.elf", "storm a b",
                       config.ram_bytes);
    machine = support_guest_machine(&guest, &config);
    cpu = &machine_state(machine)->cpu;

    assert_int_equal(cpu->gpr[REG_EAX], 0x2BADB002);
    assert_int_equal(cpu->cr0 & (CR0_PE | CR0_PG), CR0_PE);
    assert_int_equal(cpu->eflags & (EFLAGS_IF | EFLAGS_VM), 0);
    assert_int_equal(cpu->segments[SEG_CS].limit, 0xFFFFFFFF);
    assert_int_equal(cpu->a20_mask, 0xFFFFFFFF);
    assert_true(machine_read_physical(machine, cpu->gpr[REG_EBX], info, sizeof(info)));
    assert_int_equal(info[0] & 0x4D, 0x4D); /* memory, command line, modules, map */
    assert_int_equal(info[1], 639);
    assert_int_equal(info[2], 1024);
    assert_true(machine_read_physical(machine, info[4], text, sizeof(text)));
    assert_string_equal(text, "storm a b");
    assert_int_equal(info[5], 1);
    assert_true(machine_read_physical(machine, info[6], info, 16));
    assert_int_equal(info[0] % 4096, 0);
    assert_int_equal(info[1] - info[0], guest.boot.initrd_bytes);
    assert_true(machine_read_physical(machine, 0x413, &word, 2));
    assert_int_equal(word, 639);
    assert_true(machine_read_physical(machine, 0x40E, &word, 2));
    assert_int_equal(word, 0x9FC0);
    machine_destroy(machine);
    support_guest_close(&guest);
}

static void test_initrd_that_does_not_fit_is_refused(void **unused)
{
    struct boot boot;
    struct err err = {0};

    (void)unused;
    assert_false(boot_open(&boot, TEST_GUESTS "/storm.elf", RINGSIDE_PROGRAM, "", 2u << 20, &err));
    assert_text_contains(err.message, "use a larger --mem");
    assert_false(boot_open(&boot, TEST_GUESTS "/storm.elf", "/nowhere", "", 2u << 20, &err));
    assert_text_contains(err.message, "/nowhere: no such file");
}

static void test_symbols_are_found_by_address_and_name(void **unused)
{
    struct elf_symbols *symbols = elf_symbols_create();
    uint32_t address;
    uint32_t offset;

    (void)unused;
    assert_true(elf_symbols_add_file(symbols, GUEST_OS "/kernel.elf", NULL));
    assert_true(elf_symbols_lookup(symbols, "kernel_main", &address) ||
                elf_symbols_lookup(symbols, "_start", &address));
    assert_non_null(elf_symbols_find(symbols, address + 1, &offset));
    assert_int_equal(offset, 1);
    assert_false(elf_symbols_lookup(symbols, "no such name", &address));
    assert_null(elf_symbols_find(symbols, 0x10, &offset));
    elf_symbols_destroy(symbols);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_executable_is_accepted),
        cmocka_unit_test(test_entry_of_a_higher_half_kernel_is_made_physical),
        cmocka_unit_test(test_multiboot_header_is_found_and_unknown_features_refused),
        cmocka_unit_test(test_wrong_places_are_refused),
        cmocka_unit_test(test_other_files_are_refused),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_machine_after_boot_is_as_multiboot_says),
        cmocka_unit_test(test_initrd_that_does_not_fit_is_refused),
        cmocka_unit_test(test_symbols_are_found_by_address_and_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
