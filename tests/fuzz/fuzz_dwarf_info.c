/* Any debug information at all gives answers or none, but always an end: every question that the
 * debugger asks is asked of files with broken tables.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emu/dwarf_info.h"

#define FIELDS_MAX 40u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libdw loses a few bytes of tables that are broken. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libdw.so\n";
}

static bool read_memory(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    (void)context;
    memset(bytes, (int)(linear & 0xFF), size);
    return linear < 0xFFFF0000u;
}

static void ask_types(const struct dwarf_info *info, uint64_t id)
{
    for (uint32_t depth = 0; depth < 4; depth++) {
        struct dwarf_field field;
        struct dwarf_type type;
        char name[32];

        if (!dwarf_type_get(info, id, &type)) {
            return;
        }
        for (uint32_t i = 0; i < FIELDS_MAX && dwarf_field_number(info, id, i, &field); i++) {}
        dwarf_field_named(info, id, "high", &field);
        dwarf_enum_name(info, id, 2, name, sizeof(name));
        id = type.target;
    }
}

static void ask_function(const struct dwarf_info *info, const struct dwarf_function *function)
{
    uint32_t step = (function->end - function->first) / 8 + 1;

    for (uint32_t at = function->first; at < function->end && at >= function->first; at += step) {
        struct dwarf_frame frame = {.read = read_memory, .known = 0x1FF};
        struct dwarf_local locals[8];
        struct dwarf_place place;
        uint32_t count;

        frame.registers[DWARF_EIP] = at;
        frame.registers[DWARF_ESP] = 0x9000;
        frame.registers[DWARF_EBP] = 0x9100;
        count = dwarf_locals(info, &frame, locals, 8);
        for (uint32_t i = 0; i < count; i++) {
            dwarf_locate(info, &frame, &locals[i], &place);
            ask_types(info, locals[i].type);
        }
        for (uint32_t i = 0; i < 5 && dwarf_unwind(info, &frame); i++) {}
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const functions[] = {"work", "_start", "twice"};
    struct err err = {0};
    struct dwarf_info *info = dwarf_info_read(data, size, "fuzz", &err);
    struct dwarf_function function;
    struct dwarf_line line;
    uint32_t addresses[4];
    uint32_t found;
    uint64_t id;
    int64_t value;

    if (!info) {
        if (err.message[0] == '\0') {
            abort(); /* refused without a word */
        }
        return 0;
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (dwarf_function_named(info, functions[i], &function)) {
            ask_function(info, &function);
            dwarf_line_at(info, function.first, &line);
        }
    }
    dwarf_line_addresses(info, "small.c", 10, addresses, 4, &found);
    dwarf_variable(info, "first", &addresses[0], &addresses[1]);
    dwarf_variable(info, "table", &addresses[0], &addresses[1]);
    dwarf_member(info, "node", "inner.text", &addresses[0], &addresses[1]);
    dwarf_enum_value(info, "GREEN", &value, &id);
    if (dwarf_type_named(info, "struct node", &id)) {
        ask_types(info, id);
    }
    dwarf_info_close(info);
    return 0;
}
