/* The 32-bit boot protocol: what is accepted as a Linux kernel, and how it is entered.
 * The offsets are those of the Linux kernel documentation, "The Linux/x86 Boot Protocol".
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RAM        (16u << 20)
#define SETUP      1024u /* one sector of boot code, one of setup */
#define CODE_BYTES 4096u

struct header_field {
    uint32_t at;    /* in the file */
    uint32_t bytes; /* 1..4 */
    uint32_t value;
};

static void put(uint8_t *file, uint32_t at, uint32_t bytes, uint32_t value)
{
    memcpy(file + at, &value, bytes);
}

/* A bzImage of protocol 2.12 that unpacks itself to 4 MiB and wants 1 MiB there. */
static uint8_t *bzimage(size_t *size)
{
    static const struct header_field fields[] = {
        {0x1F1, 1, 1},               /* setup_sects */
        {0x1F4, 4, CODE_BYTES / 16}, /* syssize */
        {0x1FE, 2, 0xAA55},          /* boot_flag */
        {0x200, 2, 0x66EB},          /* jump: the header ends at 268h */
        {0x202, 4, 0x53726448},      /* HdrS */
        {0x206, 2, 0x020C},          /* version */
        {0x211, 1, 0x01},            /* loadflags: LOADED_HIGH */
        {0x214, 4, 0x100000},        /* code32_start */
        {0x22C, 4, 0x7FFFFF},        /* initrd_addr_max */
        {0x238, 4, 64},              /* cmdline_size */
        {0x258, 4, 0x400000},        /* pref_address */
        {0x260, 4, 0x100000},        /* init_size */
    };
    uint8_t *file = calloc(1, SETUP + CODE_BYTES);

    assert_non_null(file);
    *size = SETUP + CODE_BYTES;
    for (uint32_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        put(file, fields[i].at, fields[i].bytes, fields[i].value);
    }
    memset(file + SETUP, 0xF4, CODE_BYTES); /* HLT */
    return file;
}

static void refuse(uint32_t at, uint32_t bytes, uint32_t value, const char *message)
{
    struct linux_kernel kernel;
    struct err err = {0};
    size_t size;
    uint8_t *file = bzimage(&size);

    put(file, at, bytes, value);
    assert_false(linux_parse_bzimage(file, size, "k", RAM, &kernel, &err));
    assert_text_contains(err.message, "k: ");
    assert_text_contains(err.message, message);
    assert_null(strchr(err.message, '\n'));
    free(file);
}

static void test_bzimage_is_understood(void **unused)
{
    struct linux_kernel kernel;
    size_t size;
    uint8_t *file = bzimage(&size);

    (void)unused;
    assert_true(linux_is_bzimage(file, size));
    assert_true(linux_parse_bzimage(file, size, "k", RAM, &kernel, NULL));
    assert_int_equal(kernel.entry, 0x100000);
    assert_int_equal(kernel.code_offset, 1024);
    assert_int_equal(kernel.code_bytes, 4096);
    assert_int_equal(kernel.memory_end, 0x500000);
    assert_int_equal(kernel.initrd_limit, 0x800000);
    assert_int_equal(kernel.command_limit, 64);
    free(file);
}

static void test_what_an_old_header_lacks_has_the_documented_value(void **unused)
{
    struct linux_kernel kernel;
    size_t size;
    uint8_t *file = bzimage(&size);

    (void)unused;
    put(file, 0x206, 2, 0x0202);
    assert_true(linux_parse_bzimage(file, size, "k", RAM, &kernel, NULL));
    assert_int_equal(kernel.initrd_limit, 0x38000000);
    assert_int_equal(kernel.command_limit, 255);
    assert_int_equal(kernel.memory_end, 0x101000);
    free(file);
}

static void test_impossible_headers_are_refused(void **unused)
{
    (void)unused;
    refuse(0x201, 1, 0xFF, "length of its Linux setup header");
    refuse(0x201, 1, 0x00, "length of its Linux setup header");
    refuse(0x206, 2, 0x0105, "a bzImage is needed");
    refuse(0x211, 1, 0, "a bzImage is needed");
    refuse(0x236, 2, 1, "a 64-bit Linux kernel");
    refuse(0x1F1, 1, 200, "cut short");
    refuse(0x1F4, 4, 0, "cut short");
    refuse(0x1F4, 4, 0xFFFFFFFF, "cut short");
    refuse(0x214, 4, 0x10000, "starts below 1 MiB");
    refuse(0x214, 4, 0xFFFFFFF0, "needs 4097 MiB of RAM");
    refuse(0x258, 4, 0x1000000, "needs 17 MiB of RAM");
    refuse(0x260, 4, 0xFFFFFFFF, "use a larger --mem");
}

static void test_every_truncation_of_a_bzimage_is_refused(void **unused)
{
    size_t size;
    uint8_t *file = bzimage(&size);

    (void)unused;
    for (size_t cut = 0; cut <= size - 16; cut++) {
        struct linux_kernel kernel;
        struct err err = {0};
        uint8_t *part = malloc(cut + 1); /* exactly as much as a sanitizer may see read */

        memcpy(part, file, cut);
        if (cut < 0x208) {
            assert_false(linux_is_bzimage(part, cut));
        } else {
            assert_false(linux_parse_bzimage(part, cut, "k", RAM, &kernel, &err));
            assert_text_contains(err.message, "cut short");
        }
        free(part);
    }
    free(file);
}

static void test_initrd_goes_as_high_as_kernel_and_memory_allow(void **unused)
{
    const struct linux_kernel kernel = {.memory_end = 0x500000, .initrd_limit = 0x800000};
    uint32_t place;

    (void)unused;
    assert_true(linux_place_initrd(&kernel, 0x1001, RAM, &place));
    assert_int_equal(place, 0x7FE000);
    assert_true(linux_place_initrd(&kernel, 0x1001, 6u << 20, &place));
    assert_int_equal(place, 0x5FE000);
    assert_true(linux_place_initrd(&kernel, 0x300000, RAM, &place));
    assert_int_equal(place, 0x500000);
    assert_false(linux_place_initrd(&kernel, 0x300001, RAM, &place));
    assert_false(linux_place_initrd(&kernel, SIZE_MAX, RAM, &place));
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static uint32_t physical_dword(struct machine *machine, uint32_t physical)
{
    uint32_t value;

    assert_true(machine_read_physical(machine, physical, &value, sizeof(value)));
    return value;
}

static void assert_segment(const struct segment_state *segment, uint16_t selector)
{
    assert_int_equal(segment->selector, selector);
    assert_int_equal(segment->base, 0);
    assert_int_equal(segment->limit, 0xFFFFFFFF);
}

/* ESI = zero page, EBP = EDI = EBX = 0, CS = 10h, the rest 18h, paging and interrupts off. */
static void assert_entered_by_the_protocol(struct machine *machine, uint32_t entry)
{
    const struct cpu_state *cpu = &machine_state(machine)->cpu;
    uint64_t descriptors[2];

    assert_int_equal(cpu->eip, entry);
    assert_int_equal(cpu->gpr[REG_EBX] | cpu->gpr[REG_EBP] | cpu->gpr[REG_EDI], 0);
    assert_int_equal(cpu->cr0 & (CR0_PE | CR0_PG), CR0_PE);
    assert_int_equal(cpu->eflags & EFLAGS_IF, 0);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        assert_segment(&cpu->segments[i], i == SEG_CS ? 0x10 : 0x18);
    }
    assert_int_equal(cpu->gdtr.limit, 31);
    assert_true(machine_read_physical(machine, cpu->gdtr.base + 16, descriptors, 16));
    assert_int_equal(descriptors[0], 0x00CF9B000000FFFF);
    assert_int_equal(descriptors[1], 0x00CF93000000FFFF);
}

static void test_machine_after_boot_is_as_the_protocol_says(void **unused)
{
    static const char kernel_path[] = TEST_FOLDER "/linux_boot.bzimage";
    static const char line[] = TEST_FOLDER "/linux_boot.bzimage console=ttyS0 a=b";
    struct machine_config config = support_config();
    struct support_guest guest;
    struct machine *machine;
    size_t size;
    uint8_t *file = bzimage(&size);
    uint32_t zero;
    char text[20];

    (void)unused;
    write_file(kernel_path, file, size);
    config.ram_bytes = RAM;
    support_guest_open(&guest, kernel_path, kernel_path, line, RAM);
    machine = support_guest_machine(&guest, &config);
    assert_entered_by_the_protocol(machine, 0x100000);
    zero = machine_state(machine)->cpu.gpr[REG_ESI];
    assert_int_equal(physical_dword(machine, 0x100000), 0xF4F4F4F4);
    assert_int_equal(physical_dword(machine, zero + 0x202), 0x53726448);
    assert_int_equal(physical_dword(machine, zero + 0x210) & 0xFFFF, 0x01FF); /* loader, flags */
    assert_int_equal(physical_dword(machine, zero + 0x218), 0x7FE000);        /* initrd */
    assert_int_equal(physical_dword(machine, zero + 0x21C), size);
    assert_int_equal(physical_dword(machine, zero + 0x1EC) >> 24, 0); /* sentinel */
    assert_int_equal(physical_dword(machine, zero + 0x1E8) & 0xFF, 4);
    assert_int_equal(physical_dword(machine, zero + 0x2D8), 0x9FC00); /* low memory's length */
    assert_int_equal(physical_dword(machine, zero + 0x30C), 0x100000);
    assert_int_equal(physical_dword(machine, zero + 0x314), RAM - 0x100000);
    assert_true(machine_read_physical(machine, physical_dword(machine, zero + 0x228), text, 18));
    assert_string_equal(text, "console=ttyS0 a=b");
    assert_int_equal(physical_dword(machine, 0x413) & 0xFFFF, 639);
    assert_int_equal(physical_dword(machine, 0x463) & 0xFFFF, 0x3D4);
    machine_destroy(machine);
    support_guest_close(&guest);
    unlink(kernel_path);
    free(file);
}

/* "The Linux/x86 Boot Protocol", setup_data: a list entry of type 9 (SETUP_RNG_SEED). */
static void test_seed_reaches_the_random_pool(void **unused)
{
    static const char kernel_path[] = TEST_FOLDER "/linux_seed.bzimage";
    struct machine_config config = support_config();
    uint32_t words[2][12];
    struct support_guest guest;
    size_t size;
    uint8_t *file = bzimage(&size);

    (void)unused;
    write_file(kernel_path, file, size);
    config.ram_bytes = RAM;
    support_guest_open(&guest, kernel_path, NULL, "k", RAM);
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct machine *machine;
        uint32_t zero, entry;

        config.seed = seed;
        machine = support_guest_machine(&guest, &config);
        zero = machine_state(machine)->cpu.gpr[REG_ESI];
        entry = physical_dword(machine, zero + 0x250);
        assert_int_equal(entry != 0, seed != 0);
        if (entry) {
            assert_true(machine_read_physical(machine, entry, words[seed - 1], sizeof(words[0])));
            assert_int_equal(words[seed - 1][0] | words[seed - 1][1], 0); /* the last entry */
            assert_int_equal(words[seed - 1][2], 9);
            assert_int_equal(words[seed - 1][3], 32);
        }
        machine_destroy(machine);
    }
    for (uint32_t i = 4; i < 12; i++) {
        assert_int_not_equal(words[0][i], words[1][i]);
    }
    support_guest_close(&guest);
    unlink(kernel_path);
    free(file);
}

/* An ELF file with one note after its only segment. */
static uint8_t *elf_with_note(const char *owner, size_t *size)
{
    static const struct support_segment segments[] = {{0x200000, 0xC0200000, 64, 4096},
                                                      {0, 0, 20, 20}};
    uint32_t note[5] = {6, 0, 0x100, 0, 0};
    uint8_t *file = support_elf(segments, 2, 0x200000, size);
    uint32_t type = 4; /* PT_NOTE */

    memcpy(&note[3], owner, 6);
    memcpy(file + 52 + 32, &type, sizeof(type));
    memcpy(file + *size - sizeof(note), note, sizeof(note));
    return file;
}

static void test_vmlinux_is_known_by_its_note(void **unused)
{
    static const char path[] = TEST_FOLDER "/linux_boot.vmlinux";
    struct machine_config config = support_config();
    struct support_guest guest;
    struct machine *machine;
    struct elf_image image;
    size_t size;
    uint8_t *file = elf_with_note("GNUxx", &size);

    (void)unused;
    assert_true(elf_image_parse(file, size, "k", RAM, &image, NULL));
    assert_int_equal(image.has_linux_note, 0);
    free(file);
    file = elf_with_note("Linux", &size);
    write_file(path, file, size);
    config.ram_bytes = RAM;
    support_guest_open(&guest, path, NULL, "", RAM);
    machine = support_guest_machine(&guest, &config);
    assert_entered_by_the_protocol(machine, 0x200000);
    assert_int_equal(physical_dword(machine, 0x200000), 0xF4F4F4F4);
    assert_int_equal(physical_dword(machine, machine_state(machine)->cpu.gpr[REG_ESI] + 0x202),
                     0x53726448);
    machine_destroy(machine);
    support_guest_close(&guest);
    unlink(path);
    free(file);
}

static void test_what_does_not_fit_is_said_in_one_line(void **unused)
{
    static const char path[] = TEST_FOLDER "/linux_boot.small";
    char line[128] = {0};
    struct boot boot;
    struct err err = {0};
    size_t size;
    uint8_t *file = bzimage(&size);

    (void)unused;
    write_file(path, file, size);
    memset(line, 'a', 65);
    assert_false(boot_open(&boot, path, NULL, line, RAM, &err));
    assert_text_contains(err.message, "a command line of at most 64 bytes");
    assert_false(boot_open(&boot, path, RINGSIDE_PROGRAM, "", 6u << 20, &err));
    assert_text_contains(err.message, "use a larger --mem");
    unlink(path);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bzimage_is_understood),
        cmocka_unit_test(test_what_an_old_header_lacks_has_the_documented_value),
        cmocka_unit_test(test_impossible_headers_are_refused),
        cmocka_unit_test(test_every_truncation_of_a_bzimage_is_refused),
        cmocka_unit_test(test_initrd_goes_as_high_as_kernel_and_memory_allow),
        cmocka_unit_test(test_machine_after_boot_is_as_the_protocol_says),
        cmocka_unit_test(test_seed_reaches_the_random_pool),
        cmocka_unit_test(test_vmlinux_is_known_by_its_note),
        cmocka_unit_test(test_what_does_not_fit_is_said_in_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
