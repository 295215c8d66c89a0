/* Debug information of the bundled kernel and of a user program, against what binutils and the
 * compiler's layout rules say.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/dwarf_info.h"
#include "emu/elf_image.h"

static struct dwarf_info *open_kernel(void)
{
    struct err err = {0};
    struct dwarf_info *info = dwarf_info_open(GUEST_OS "/kernel.elf", &err);

    assert_non_null(info);
    return info;
}

/* The symbol table knows the same functions, by another route. */
static void test_functions_begin_where_the_symbol_table_says(void **unused)
{
    static const char *const names[] = {"trap", "schedule", "fork_process", "exit_process"};
    struct dwarf_info *info = open_kernel();
    struct elf_symbols *symbols = elf_symbols_create();
    uint32_t seen = 0;

    (void)unused;
    assert_true(elf_symbols_add_file(symbols, GUEST_OS "/kernel.elf", NULL));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct dwarf_function function;
        uint32_t address;

        if (elf_symbols_lookup(symbols, names[i], &address)) {
            assert_true(dwarf_function_named(info, names[i], &function));
            assert_int_equal(function.first, address);
            assert_true(dwarf_function_at(info, function.end - 1, &function));
            assert_string_equal(function.name, names[i]);
            seen++;
        }
    }
    assert_true(seen >= 2);
    assert_false(dwarf_function_at(info, 0x1000, &(struct dwarf_function){0}));
    elf_symbols_destroy(symbols);
    dwarf_info_close(info);
}

static uint32_t addr2line(uint32_t address, char *file, size_t bytes)
{
    char line[512] = "";
    char *colon;
    FILE *pipe;

    snprintf(line, sizeof(line), "addr2line -e %s/kernel.elf %x", GUEST_OS, address);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof(line), pipe));
    pclose(pipe);
    colon = strrchr(line, ':');
    assert_non_null(colon);
    *colon = '\0';
    snprintf(file, bytes, "%.200s", strrchr(line, '/') ? strrchr(line, '/') + 1 : line);
    return (uint32_t)atoi(colon + 1);
}

static void test_lines_are_those_of_addr2line(void **unused)
{
    struct dwarf_info *info = open_kernel();
    struct dwarf_function function;
    struct dwarf_line line;
    char file[256];

    (void)unused;
    assert_true(dwarf_function_named(info, "trap", &function));
    for (uint32_t address = function.first; address < function.end; address += 7) {
        uint32_t number = addr2line(address, file, sizeof(file));

        assert_true(dwarf_line_at(info, address, &line));
        assert_int_equal(line.line, number);
        assert_true(line.first <= address && address < line.end);
        assert_string_equal(strrchr(line.file, '/') + 1, file);
    }
    assert_true(dwarf_function_named(info, "trap", &function));
    assert_true(dwarf_line_at(info, function.first, &line));
    assert_string_equal(line.file, "guest-os/kernel/heart/trap.c");
    dwarf_info_close(info);
}

static void test_a_line_leads_to_its_address_and_one_without_code_to_the_next(void **unused)
{
    struct dwarf_info *info = open_kernel();
    struct dwarf_function function;
    struct dwarf_line line;
    uint32_t addresses[8];
    uint32_t found;

    (void)unused;
    assert_true(dwarf_function_named(info, "trap", &function));
    assert_true(dwarf_line_at(info, function.first, &line));
    assert_int_equal(dwarf_line_addresses(info, "heart/trap.c", line.line, addresses, 8, &found),
                     1);
    assert_int_equal(addresses[0], function.first);
    assert_int_equal(found, line.line);
    assert_true(dwarf_line_addresses(info, "trap.c", 1, addresses, 8, &found) >= 1);
    assert_true(found > 1);
    assert_int_equal(dwarf_line_addresses(info, "rap.c", 1, addresses, 8, &found), 0);
    assert_int_equal(dwarf_line_addresses(info, "trap.c", 1000000, addresses, 8, &found), 0);
    dwarf_info_close(info);
}

static void test_members_lie_where_the_trap_frame_is_pushed(void **unused)
{
    struct dwarf_info *info = open_kernel();
    uint32_t offset;
    uint32_t bytes;
    uint64_t id;
    struct dwarf_type type;
    struct dwarf_field field;

    (void)unused;
    /* PUSHA and PUSH store what trap_entry.S says, one cell of four bytes each */
    assert_true(dwarf_member(info, "trap_frame", "edi", &offset, &bytes));
    assert_int_equal(offset, 0);
    assert_int_equal(bytes, 4);
    assert_true(dwarf_member(info, "struct trap_frame", "eip", &offset, &bytes));
    assert_int_equal(offset, 14 * 4);
    assert_true(dwarf_member(info, "trap_frame", "ss", &offset, &bytes));
    assert_int_equal(offset, 18 * 4);
    assert_false(dwarf_member(info, "trap_frame", "none", &offset, &bytes));
    assert_false(dwarf_member(info, "no_such_struct", "eip", &offset, &bytes));
    assert_true(dwarf_member(info, "process", "pid", &offset, &bytes));
    assert_int_equal(offset, 4);
    assert_true(dwarf_member(info, "process", "name", &offset, &bytes));
    assert_int_equal(bytes, 16);
    assert_true(dwarf_type_named(info, "struct process", &id));
    assert_true(dwarf_field_named(info, id, "leader", &field));
    assert_true(dwarf_type_get(info, field.type, &type));
    assert_int_equal(type.kind, DWARF_POINTER);
    assert_string_equal(type.name, "struct process *");
    assert_true(dwarf_field_named(info, id, "name", &field));
    assert_true(dwarf_type_get(info, field.type, &type));
    assert_string_equal(type.name, "char [16]");
    assert_int_equal(type.count, 16);
    dwarf_info_close(info);
}

static void test_enumerators_have_values_and_names(void **unused)
{
    struct dwarf_info *info = open_kernel();
    char name[64];
    int64_t value;
    uint64_t id;

    (void)unused;
    assert_true(dwarf_type_named(info, "enum process_state", &id));
    assert_true(dwarf_enum_name(info, id, 2, name, sizeof(name)));
    assert_string_equal(name, "PROCESS_RUNNING");
    assert_false(dwarf_enum_name(info, id, 99, name, sizeof(name)));
    assert_true(dwarf_enum_value(info, "PROCESS_ZOMBIE", &value, &id));
    assert_int_equal(value, 5);
    dwarf_info_close(info);
}

static void test_a_variable_lies_where_the_symbol_table_says(void **unused)
{
    struct dwarf_info *info = open_kernel();
    struct elf_symbols *symbols = elf_symbols_create();
    uint32_t address;
    uint32_t symbol;
    uint32_t bytes;

    (void)unused;
    assert_true(elf_symbols_add_file(symbols, GUEST_OS "/kernel.elf", NULL));
    assert_true(elf_symbols_lookup(symbols, "current", &symbol));
    assert_true(dwarf_variable(info, "current", &address, &bytes));
    assert_int_equal(address, symbol);
    assert_int_equal(bytes, 4);
    assert_false(dwarf_variable(info, "no_such_variable", &address, &bytes));
    elf_symbols_destroy(symbols);
    dwarf_info_close(info);
}

static bool read_stack(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    const uint32_t *cells = context;

    if (linear < 0x9000 || linear + size > 0x9010) {
        return false;
    }
    memcpy(bytes, (const uint8_t *)cells + (linear - 0x9000), size);
    return true;
}

/* At its first instruction a function's CFA is ESP + 4, and its caller is in [ESP]. */
static void test_unwind_and_parameters_at_the_entry_of_a_function(void **unused)
{
    struct dwarf_info *info = open_kernel();
    uint32_t cells[4] = {0xC0101234, 0x11223344, 0, 0};
    struct dwarf_function function;
    struct dwarf_local locals[16];
    struct dwarf_place place = {0};
    struct dwarf_frame frame = {.context = cells, .read = read_stack, .known = 0x1FF};
    uint32_t count;
    uint32_t cfa;

    (void)unused;
    assert_true(dwarf_function_named(info, "trap", &function));
    frame.registers[DWARF_EIP] = function.first;
    frame.registers[DWARF_ESP] = 0x9000;
    frame.registers[DWARF_EBP] = 0x1234;
    assert_true(dwarf_frame_cfa_of(info, &frame, &cfa));
    assert_int_equal(cfa, 0x9004);
    count = dwarf_locals(info, &frame, locals, 16);
    assert_true(count >= 1);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(locals[i].name, "frame") == 0) {
            assert_true(locals[i].is_parameter);
            assert_true(dwarf_locate(info, &frame, &locals[i], &place));
        }
    }
    assert_int_equal(place.kind, DWARF_IN_MEMORY);
    assert_int_equal(place.value, 0x9004);
    assert_true(dwarf_unwind(info, &frame));
    assert_int_equal(frame.registers[DWARF_EIP], 0xC0101234);
    assert_int_equal(frame.registers[DWARF_ESP], 0x9004);
    assert_int_equal(frame.registers[DWARF_EBP], 0x1234);
    dwarf_info_close(info);
}

static void test_programs_and_the_loader_are_read_too(void **unused)
{
    static const char *const files[] = {GUEST_OS "/user/cat", GUEST_OS "/loader.elf"};

    (void)unused;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct dwarf_info *info = dwarf_info_open(files[i], NULL);
        struct dwarf_function function;
        struct dwarf_line line;

        assert_non_null(info);
        assert_true(dwarf_function_named(info, i ? "loader_main" : "main", &function));
        assert_true(dwarf_line_at(info, function.first, &line));
        assert_string_equal(line.file, i ? "guest-os/loader/main.c" : "guest-os/user/cat.c");
        dwarf_info_close(info);
    }
}

static void test_files_without_debug_information_are_refused_in_one_line(void **unused)
{
    static const uint8_t text[] = "no ELF file";
    struct err err = {0};

    (void)unused;
    assert_null(dwarf_info_read(text, sizeof(text), "notes", &err));
    assert_string_equal(err.message, "notes: not a 32-bit ELF file");
    assert_null(dwarf_info_open(TEST_GUESTS "/storm.elf", &err));
    assert_text_contains(err.message, "storm.elf: has no debug information; compile it with -g");
    assert_null(dwarf_info_open("/no/such/file", &err));
    assert_text_contains(err.message, "/no/such/file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_begin_where_the_symbol_table_says),
        cmocka_unit_test(test_lines_are_those_of_addr2line),
        cmocka_unit_test(test_a_line_leads_to_its_address_and_one_without_code_to_the_next),
        cmocka_unit_test(test_members_lie_where_the_trap_frame_is_pushed),
        cmocka_unit_test(test_enumerators_have_values_and_names),
        cmocka_unit_test(test_a_variable_lies_where_the_symbol_table_says),
        cmocka_unit_test(test_unwind_and_parameters_at_the_entry_of_a_function),
        cmocka_unit_test(test_programs_and_the_loader_are_read_too),
        cmocka_unit_test(test_files_without_debug_information_are_refused_in_one_line),
    };

    return cmocka_run_group_tests_name("emu_dwarf_info", tests, NULL, NULL);
}
