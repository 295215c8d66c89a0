/* Any text is an expression with a value, or an error with a column inside the text.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emu/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_memory(void *context, bool physical, uint32_t address, void *bytes, uint32_t size)
{
    (void)context;
    memset(bytes, (int)(address & 0xFF), size);
    return !physical || address < 0x100000;
}

static bool find_name(void *context, const char *name, bool machine, struct expression_value *value)
{
    (void)context;
    *value = expression_integer((uint8_t)name[0] * 0x1357u, machine ? 4 : 1, name[0] > 'm');
    value->place = name[0] == 'm' ? PLACE_MEMORY : PLACE_NONE;
    value->is_segment = name[0] == 'c';
    return name[0] < 'z';
}

static bool find_segment(void *context, uint32_t selector, uint32_t *base)
{
    (void)context;
    *base = selector * 16;
    return true;
}

static bool find_type(void *context, const char *name, const struct dwarf_info **info, uint64_t *id)
{
    (void)context;
    (void)name;
    (void)info;
    (void)id;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct expression_provider provider = {
        .read = read_memory, .name = find_name, .segment = find_segment, .type = find_type};
    struct expression expression;
    struct expression_error error = {0};
    struct expression_value value;
    char text[400];
    char answer[64];

    size = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
    memcpy(text, data, size);
    text[size] = '\0';
    if (expression_parse(text, &expression, &error) &&
        expression_evaluate(&expression, &provider, &value, &error)) {
        static const char formats[] = "xduotcas";

        expression_print(&value, &provider, 0, answer, sizeof(answer));
        for (uint32_t i = 0; formats[i]; i++) {
            expression_print(&value, &provider, formats[i], answer, sizeof(answer));
        }
    } else if (error.column < 1 || error.column > strlen(text) + 1 || !error.message[0]) {
        abort(); /* refused without saying where */
    }
    return 0;
}
