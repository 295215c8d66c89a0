/* What tests share.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define CODE_PLACE  0x100000u
#define STACK_PLACE 0x80000u
#define HLT         0xF4

void support_text_contains(const char *text, const char *part, const char *file, int line)
{
    if (!strstr(text, part)) {
        print_error("\"%s\" does not contain \"%s\"\n", text, part);
        _fail(file, line);
    }
}

static const char *part_of(size_t offset)
{
    if (offset < offsetof(struct machine_state, pc)) {
        return "cpu";
    }
    return offset < offsetof(struct machine_state, progress) ? "pc" : "progress";
}

void support_states_equal(const struct machine_state *a, const struct machine_state *b,
                          const char *file, int line)
{
    const uint8_t *first = (const uint8_t *)a;
    const uint8_t *second = (const uint8_t *)b;

    for (size_t i = 0; i < sizeof(*a); i++) {
        if (first[i] != second[i]) {
            print_error("states differ at byte %zu (%s): %02x, %02x; eip %08x, %08x; clock %llu, "
                        "%llu; instructions %llu, %llu\n",
                        i, part_of(i), first[i], second[i], a->cpu.eip, b->cpu.eip,
                        (unsigned long long)a->cpu.clock, (unsigned long long)b->cpu.clock,
                        (unsigned long long)a->cpu.instructions,
                        (unsigned long long)b->cpu.instructions);
            _fail(file, line);
        }
    }
}

uint32_t support_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

uint32_t support_random_below(uint32_t *state, uint32_t limit)
{
    return (uint32_t)((uint64_t)support_random(state) * limit >> 32);
}

struct machine_config support_config(void)
{
    struct machine_config config;

    machine_config_defaults(&config);
    config.ram_bytes = 2u << 20;
    return config;
}

struct machine *support_machine(const struct machine_config *config)
{
    struct err err = {0};
    struct machine *machine = machine_create(config, &err);

    if (!machine) {
        fail_msg("no machine: %s", err.message);
    }
    return machine;
}

static struct segment_state flat(uint16_t selector, uint16_t attributes)
{
    return (struct segment_state){
        .limit = 0xFFFFFFFFu,
        .selector = selector,
        .attributes = attributes,
        .usable = 1,
    };
}

struct machine *support_machine_with_code(const struct machine_config *config, const uint8_t *code,
                                          uint32_t bytes)
{
    struct machine *machine = support_machine(config);
    struct machine_state state = *machine_state(machine);

    assert_true(machine_write_physical(machine, CODE_PLACE, code, bytes));
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        state.cpu.segments[i] = i == SEG_CS ? flat(0x08, 0xC09B) : flat(0x10, 0xC093);
    }
    state.cpu.cr0 |= CR0_PE;
    state.cpu.eip = CODE_PLACE;
    state.cpu.gpr[REG_ESP] = STACK_PLACE;
    state.cpu.eflags = EFLAGS_ONE;
    state.cpu.idtr = (struct table_state){0, 0};
    assert_true(machine_load_state(machine, &state, NULL));
    return machine;
}

void support_guest_open(struct support_guest *guest, const char *kernel, const char *initrd,
                        const char *command_line, uint64_t ram_bytes)
{
    struct err err = {0};

    *guest = (struct support_guest){kernel, initrd, command_line, {0}};
    if (!boot_open(&guest->boot, kernel, initrd, command_line, ram_bytes, &err)) {
        fail_msg("%s", err.message);
    }
}

void support_guest_close(struct support_guest *guest)
{
    boot_close(&guest->boot);
}

struct machine *support_guest_machine(struct support_guest *guest,
                                      const struct machine_config *config)
{
    struct machine *machine = support_machine(config);
    struct machine_boot boot = {.context = &guest->boot, .load = boot_load};
    struct err err = {0};

    if (!machine_boot(machine, &boot, &err)) {
        fail_msg("%s", err.message);
    }
    return machine;
}

uint8_t *support_elf(const struct support_segment *segments, uint32_t count, uint32_t entry,
                     size_t *size)
{
    Elf32_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_386,
        .e_version = EV_CURRENT,
        .e_entry = entry,
        .e_phoff = sizeof(header),
        .e_ehsize = sizeof(header),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = (uint16_t)count,
    };
    size_t at = sizeof(header) + count * sizeof(Elf32_Phdr);
    uint8_t *file;

    *size = at;
    for (uint32_t i = 0; i < count; i++) {
        *size += segments[i].file_bytes;
    }
    file = malloc(*size);
    assert_non_null(file);
    memset(file, HLT, *size);
    memcpy(file, &header, sizeof(header));
    for (uint32_t i = 0; i < count; i++) {
        Elf32_Phdr segment = {
            .p_type = PT_LOAD,
            .p_offset = (uint32_t)at,
            .p_vaddr = segments[i].virtual,
            .p_paddr = segments[i].physical,
            .p_filesz = segments[i].file_bytes,
            .p_memsz = segments[i].memory_bytes,
            .p_flags = PF_R | PF_X,
        };

        memcpy(file + sizeof(header) + i * sizeof(segment), &segment, sizeof(segment));
        at += segments[i].file_bytes;
    }
    return file;
}
