/* Random descriptors, gates, selectors, frames and tasks against what QEMU made of them: the guests
 * print one line per test, the digest of each listing has to be QEMU's, with long, short and no
 * blocks.
 *   test_protection IMAGE...         the test
 *   test_protection --list IMAGE     print the listing (for against_qemu.sh)
 * SPDX-License-Identifier: MIT */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/cpu.h"

#define RAM_BYTES    (4u << 20)
#define IMAGE_BYTES  (1u << 20)
#define MOST_CLOCKS  2000000000u
#define DEBUG_PORT   0xE9
#define EXIT_PORT    0xF4
#define DIGEST_START 0xCBF29CE484222325u
#define DIGEST_PRIME 0x100000001B3u

/* FNV-1a of the listings by QEMU 7.2, in the order of the images. */
static const struct {
    uint64_t digest;
    uint32_t lines;
} qemu_says[] = {{0x2377B54F6BCC70D4u, 4000},
                 {0x4B282BDDDB1F8800u, 4000},
                 {0x7E3B89E7FC9B621Fu, 300},
                 {0x703486BC8C56635Fu, 300}};

struct machine {
    struct cpu *cpu;
    uint8_t *ram;
    void *memory;
    uint64_t digest; /* of what came out of the debug port */
    uint32_t lines;  /* how many */
    bool list;       /* print it too */
};

static uint32_t bus_read(void *context, uint32_t physical, uint32_t size, uint64_t now)
{
    (void)context, (void)physical, (void)size, (void)now;
    return 0xFFFFFFFFu;
}

static void bus_write(void *context, uint32_t physical, uint32_t size, uint32_t value, uint64_t now)
{
    (void)context, (void)physical, (void)size, (void)value, (void)now;
}

/* Ports answer all ones, as an empty ISA bus does. */
static uint32_t port_read(void *context, uint16_t port, uint32_t size, uint64_t now)
{
    (void)context, (void)port, (void)size, (void)now;
    return 0xFFFFFFFFu;
}

static void port_write(void *context, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct machine *machine = context;
    (void)size, (void)now;
    if (port == DEBUG_PORT) {
        machine->digest = (machine->digest ^ (value & 0xFF)) * DIGEST_PRIME;
        machine->lines += (value & 0xFF) == '\n';
        if (machine->list) {
            putchar((int)(value & 0xFF));
        }
    } else if (port == EXIT_PORT) {
        cpu_request_stop(machine->cpu);
    }
}

static uint8_t acknowledge(void *context, uint64_t now)
{
    (void)context, (void)now;
    return 0;
}

/* returns the entry point. */
static uint32_t load_image(uint8_t *ram, const char *path)
{
    static uint8_t image[IMAGE_BYTES];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t bytes = fread(image, 1, sizeof image, file);
    fclose(file);
    const Elf32_Ehdr *header = (const Elf32_Ehdr *)(const void *)image;
    assert_true(bytes > sizeof *header && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0);
    const Elf32_Phdr *part = (const Elf32_Phdr *)(const void *)(image + header->e_phoff);
    for (uint32_t i = 0; i < header->e_phnum; i++) {
        if (part[i].p_type == PT_LOAD) {
            memcpy(ram + part[i].p_paddr, image + part[i].p_offset, part[i].p_filesz);
        }
    }
    return header->e_entry;
}

static void start_flat(struct cpu *cpu, uint32_t entry)
{
    struct cpu_state state = *cpu_save(cpu);
    state.cr0 = CR0_PE | CR0_ET;
    state.eip = entry;
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        const bool code = i == SEG_CS;
        const struct segment_state flat = {0, 0xFFFFFFFF, code ? 8 : 16, code ? 0xC09B : 0xC093, 1};
        state.segments[i] = flat;
    }
    cpu_load(cpu, &state);
}

static void run_image(struct machine *machine, const char *path, uint32_t block_limit,
                      uint32_t undecoded)
{
    const struct cpu_config config = {CPU_I686, TIMING_I486, block_limit, undecoded, 0};
    machine->ram = calloc(1, RAM_BYTES + 4096);
    machine->memory = calloc(1, cpu_bytes(RAM_BYTES) + 64);
    machine->digest = DIGEST_START;
    machine->lines = 0;
    const struct cpu_bus bus = {
        .context = machine,
        .ram = (uint8_t *)(((uintptr_t)machine->ram + 4095) & ~(uintptr_t)4095),
        .ram_bytes = RAM_BYTES,
        .read = bus_read,
        .write = bus_write,
        .port_read = port_read,
        .port_write = port_write,
        .acknowledge = acknowledge};
    void *aligned = (void *)(((uintptr_t)machine->memory + 63) & ~(uintptr_t)63);
    machine->cpu = cpu_init(aligned, &config, &bus);
    start_flat(machine->cpu, load_image(bus.ram, path));
    const enum cpu_stop stop = cpu_run(machine->cpu, MOST_CLOCKS);
    free(machine->memory);
    free(machine->ram);
    assert_int_equal(stop, CPU_STOP_REQUESTED);
}

static void test_same_as_qemu(void **images)
{
    static const uint32_t limits[] = {64, 1, 64}, undecoded[] = {0, 0, 1};
    const char *const *paths = *images;
    for (uint32_t image = 0; image < sizeof qemu_says / sizeof qemu_says[0]; image++) {
        for (uint32_t way = 0; way < 3; way++) {
            struct machine machine = {0};
            run_image(&machine, paths[image], limits[way], undecoded[way]);
            assert_int_equal(machine.lines, qemu_says[image].lines);
            if (machine.digest != qemu_says[image].digest) {
                fail_msg("%s, block limit %u: digest %016llx; compare by against_qemu.sh",
                         paths[image], limits[way], (unsigned long long)machine.digest);
            }
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--list") == 0) {
        struct machine machine = {.list = true};
        run_image(&machine, argv[2], 64, 0);
        return 0;
    }
    if (argc != 1 + (int)(sizeof qemu_says / sizeof qemu_says[0])) {
        fprintf(stderr, "usage: test_protection IMAGE... | --list IMAGE\n");
        return 2;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_same_as_qemu, (void *)(argv + 1))};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
