/* Symbols of programs that share addresses: the code in memory decides whose they are.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "emu/elf_image.h"
#include "emu/file.h"

/* One program's first segments as a process would see them. */
struct program {
    uint8_t *bytes;
    size_t size;
};

static bool read_program(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    const struct program *program = context;
    const Elf32_Ehdr *header = (const void *)program->bytes;
    const Elf32_Phdr *segments = (const void *)(program->bytes + header->e_phoff);

    for (uint32_t index = 0; index < header->e_phnum; index++) {
        uint32_t offset = linear - segments[index].p_vaddr;
        if (segments[index].p_type == PT_LOAD && offset < segments[index].p_filesz &&
            size <= segments[index].p_filesz - offset) {
            memcpy(bytes, program->bytes + segments[index].p_offset + offset, size);
            return true;
        }
    }
    return false;
}

static bool read_nothing(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    (void)context;
    (void)linear;
    memset(bytes, 0, size);
    return false;
}

static struct program load_program(const char *path)
{
    struct program program = {0};

    assert_true(file_read(path, 1 << 24, &program.bytes, &program.size, NULL));
    return program;
}

static void test_program_in_memory_is_recognised_by_its_code(void **state)
{
    (void)state;
    struct elf_symbols *symbols = elf_symbols_create();
    struct program count = load_program(GUEST_PROGRAMS "/count");
    struct program line = load_program(GUEST_PROGRAMS "/line");
    assert_true(elf_symbols_add_file(symbols, GUEST_PROGRAMS "/count", NULL));
    assert_true(elf_symbols_add_file(symbols, GUEST_PROGRAMS "/line", NULL));

    assert_int_equal(elf_symbols_present(symbols, read_program, &count), 1);
    assert_int_equal(elf_symbols_present(symbols, read_program, &line), 2);
    assert_int_equal(elf_symbols_present(symbols, read_nothing, NULL), 0);

    free(count.bytes);
    free(line.bytes);
    elf_symbols_destroy(symbols);
}

static void test_symbols_of_shared_addresses_show_only_for_the_program_that_is_there(void **state)
{
    (void)state;
    struct elf_symbols *symbols = elf_symbols_create();
    uint32_t address = 0;
    uint32_t offset = 1;
    assert_true(elf_symbols_add_file(symbols, GUEST_PROGRAMS "/count", NULL));
    assert_true(elf_symbols_lookup(symbols, "main", &address));
    assert_string_equal(elf_symbols_find(symbols, address, &offset), "main");
    assert_int_equal(offset, 0);

    assert_true(elf_symbols_add_file(symbols, GUEST_PROGRAMS "/line", NULL));

    assert_null(elf_symbols_find(symbols, address, &offset));
    assert_string_equal(elf_symbols_find_in(symbols, 1, address, &offset), "main");
    elf_symbols_destroy(symbols);
}

static void test_kernel_symbols_show_whatever_program_is_there(void **state)
{
    (void)state;
    struct elf_symbols *symbols = elf_symbols_create();
    uint32_t address = 0;
    uint32_t offset = 1;
    assert_true(elf_symbols_add_file(symbols, GUEST_PROGRAMS "/../kernel.elf", NULL));
    assert_true(elf_symbols_add_file(symbols, GUEST_PROGRAMS "/count", NULL));
    assert_true(elf_symbols_add_file(symbols, GUEST_PROGRAMS "/line", NULL));

    assert_true(elf_symbols_lookup(symbols, "kernel_main", &address));

    assert_string_equal(elf_symbols_find(symbols, address, &offset), "kernel_main");
    assert_string_equal(elf_symbols_find_in(symbols, 2, address, &offset), "kernel_main");
    elf_symbols_destroy(symbols);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_program_in_memory_is_recognised_by_its_code),
        cmocka_unit_test(test_symbols_of_shared_addresses_show_only_for_the_program_that_is_there),
        cmocka_unit_test(test_kernel_symbols_show_whatever_program_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
