/* Expressions: a value in words, by its type or by a format letter.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "emu/expression_priv.h"

#define ELEMENTS_SHOWN 32u
#define STRING_SHOWN   120u
#define DEPTH_SHOWN    4u

struct printer {
    const struct expression_provider *provider;
    char format;
    char *text;
    size_t bytes;
    size_t used;
};

static void put(struct printer *printer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct printer *printer, const char *format, ...)
{
    va_list arguments;
    int length;

    if (printer->used + 1 >= printer->bytes) {
        return;
    }
    va_start(arguments, format);
    length =
        vsnprintf(printer->text + printer->used, printer->bytes - printer->used, format, arguments);
    va_end(arguments);
    printer->used += length > 0 ? (size_t)length : 0;
    if (printer->used >= printer->bytes) {
        printer->used = printer->bytes - 1;
    }
}

static void put_letter(struct printer *printer, uint8_t letter)
{
    static const char named[] = "\nn\tt\rr\033e\\\\";

    for (size_t i = 0; named[i]; i += 2) {
        if ((uint8_t)named[i] == letter) {
            put(printer, "\\%c", named[i + 1]);
            return;
        }
    }
    put(printer, letter >= 0x20 && letter < 0x7F ? "%c" : "\\x%02x", letter);
}

static void put_string(struct printer *printer, bool physical, uint32_t address, uint32_t limit)
{
    uint8_t letter = 1;
    uint32_t i = 0;

    if (!printer->provider->read(printer->provider->context, physical, address, &letter, 1)) {
        put(printer, "(no memory there)");
        return;
    }
    put(printer, "\"");
    for (; i < limit && i < STRING_SHOWN; i++) {
        if (!printer->provider->read(printer->provider->context, physical, address + i, &letter,
                                     1) ||
            letter == 0) {
            break;
        }
        put_letter(printer, letter);
    }
    put(printer, "\"%s", i == STRING_SHOWN && limit > i ? "..." : "");
}

static void put_symbol(struct printer *printer, uint32_t address)
{
    uint32_t offset = 0;
    const char *symbol =
        printer->provider->symbol
            ? printer->provider->symbol(printer->provider->context, address, &offset)
            : NULL;

    if (symbol && offset) {
        put(printer, " <%s+0x%X>", symbol, offset);
    } else if (symbol) {
        put(printer, " <%s>", symbol);
    }
}

static void put_binary(struct printer *printer, uint64_t number, uint32_t bits)
{
    bool begun = false;

    for (uint32_t i = bits; i-- > 0;) {
        begun = begun || (number >> i & 1) || i == 0;
        if (begun) {
            put(printer, "%u", (unsigned)(number >> i & 1));
        }
    }
    put(printer, "b");
}

/* A number as the letter says. */
static void put_formatted(struct printer *printer, const struct expression_value *value)
{
    uint32_t bits = value->bit_size ? value->bit_size : value->bytes * 8;
    uint64_t plain = bits < 64 ? value->number & ((1ull << bits) - 1) : value->number;
    int64_t number = (int64_t)(plain << (64 - bits)) >> (64 - bits);

    switch (printer->format) {
    case 'd':
        put(printer, "%" PRId64, number);
        break;
    case 'u':
        put(printer, "%" PRIu64, plain);
        break;
    case 'o':
        put(printer, "0%" PRIo64, plain);
        break;
    case 't':
        put_binary(printer, plain, bits);
        break;
    case 'c':
        put(printer, "'");
        put_letter(printer, (uint8_t)plain);
        put(printer, "'");
        break;
    case 'a':
        put(printer, "0x%08" PRIX64, plain);
        put_symbol(printer, (uint32_t)plain);
        break;
    case 's':
        put_string(printer, value->is_physical != 0, (uint32_t)plain, UINT32_MAX);
        break;
    default:
        put(printer, "0x%0*" PRIX64, (int)value->bytes * 2, plain);
        break;
    }
}

static void put_value(struct printer *printer, const struct expression_value *value,
                      const struct dwarf_type *type, uint32_t depth);

static void put_part(struct printer *printer, struct expression_value *part, uint32_t depth)
{
    struct dwarf_type type;

    if (!expression_load(printer->provider, part) || !expression_type_of(part, &type)) {
        put(printer, "(no memory there)");
    } else {
        put_value(printer, part, &type, depth + 1);
    }
}

static void put_struct(struct printer *printer, const struct expression_value *value,
                       uint32_t depth)
{
    struct dwarf_field field;

    put(printer, "{");
    for (uint32_t i = 0; dwarf_field_number(value->info, value->type, i, &field); i++) {
        struct expression_value part = *value;

        part.type = field.type;
        part.address += field.offset;
        part.bit = field.bit;
        part.bit_size = field.bit_size;
        put(printer, "%s%s%s", i ? ", " : "", field.name, field.name[0] ? " = " : "");
        put_part(printer, &part, depth);
        if (printer->used + 1 >= printer->bytes) {
            return;
        }
    }
    put(printer, "}");
}

static void put_array(struct printer *printer, const struct expression_value *value,
                      const struct dwarf_type *type, uint32_t depth)
{
    struct dwarf_type element;

    if (!dwarf_type_get(value->info, type->target, &element) || !element.bytes) {
        put(printer, "{...}");
        return;
    }
    if (element.kind == DWARF_CHAR && !printer->format) {
        put_string(printer, value->place == PLACE_PHYSICAL, value->address, type->count);
        return;
    }
    put(printer, "{");
    for (uint32_t i = 0; i < type->count && printer->used + 1 < printer->bytes; i++) {
        struct expression_value part = *value;

        if (i == ELEMENTS_SHOWN) {
            put(printer, ", ... %u in all", type->count);
            break;
        }
        part.type = type->target;
        part.address += i * element.bytes;
        put(printer, "%s", i ? ", " : "");
        put_part(printer, &part, depth);
    }
    put(printer, "}");
}

static void put_float(struct printer *printer, const struct expression_value *value)
{
    union {
        uint8_t bytes[16];
        float single;
        double twice;
        long double extended;
    } number = {{0}};

    if (value->bytes > 12 || value->place == PLACE_NONE || value->place == PLACE_REGISTER ||
        !printer->provider->read(printer->provider->context, value->place == PLACE_PHYSICAL,
                                 value->address, number.bytes, value->bytes)) {
        put(printer, "(a floating point number that is not in memory)");
    } else if (value->bytes == sizeof(float)) {
        put(printer, "%g", (double)number.single);
    } else if (value->bytes == sizeof(double)) {
        put(printer, "%g", number.twice);
    } else {
        put(printer, "%Lg", number.extended);
    }
}

static void put_pointer(struct printer *printer, const struct expression_value *value,
                        const struct dwarf_type *type)
{
    struct dwarf_type target = {0};

    put(printer, "%s0x%08X", value->is_physical ? "phys:" : "", (uint32_t)value->number);
    if (!value->stars && value->info && dwarf_type_get(value->info, type->target, &target) &&
        target.kind == DWARF_CHAR && value->number) {
        put(printer, " ");
        put_string(printer, value->is_physical != 0, (uint32_t)value->number, UINT32_MAX);
    } else if (value->number) {
        put_symbol(printer, (uint32_t)value->number);
    }
}

static void put_integer(struct printer *printer, const struct expression_value *value)
{
    uint32_t bits = value->bit_size ? value->bit_size : value->bytes * 8;
    uint64_t plain = bits < 64 ? value->number & ((1ull << bits) - 1) : value->number;

    if (value->is_signed) {
        put(printer, "%" PRId64, (int64_t)value->number);
    } else {
        put(printer, "%" PRIu64, value->number);
    }
    if (plain > 9) {
        put(printer, " (0x%" PRIX64 ")", plain);
    }
}

static void put_value(struct printer *printer, const struct expression_value *value,
                      const struct dwarf_type *type, uint32_t depth)
{
    char name[DWARF_NAME_BYTES];

    if (depth > DEPTH_SHOWN) {
        put(printer, "{...}");
    } else if (type->kind == DWARF_STRUCT || type->kind == DWARF_UNION) {
        put_struct(printer, value, depth);
    } else if (type->kind == DWARF_ARRAY) {
        put_array(printer, value, type, depth);
    } else if (type->kind == DWARF_FLOAT) {
        put_float(printer, value);
    } else if (type->kind == DWARF_VOID) {
        put(printer, "void");
    } else if (printer->format) {
        put_formatted(printer, value);
    } else if (type->kind == DWARF_POINTER || type->kind == DWARF_FUNCTION) {
        put_pointer(printer, value, type);
    } else if (type->kind == DWARF_ENUM &&
               dwarf_enum_name(value->info, type->id, (int64_t)value->number, name, sizeof(name))) {
        put(printer, "%s (%" PRId64 ")", name, (int64_t)value->number);
    } else if (type->kind == DWARF_BOOL && value->number < 2) {
        put(printer, "%s", value->number ? "true" : "false");
    } else if (type->kind == DWARF_CHAR) {
        put(printer, "%" PRId64 " '", (int64_t)value->number);
        put_letter(printer, (uint8_t)value->number);
        put(printer, "'");
    } else {
        put_integer(printer, value);
    }
}

void expression_print(const struct expression_value *value,
                      const struct expression_provider *provider, char format, char *text,
                      size_t bytes)
{
    struct printer printer = {.provider = provider, .format = format, .text = text, .bytes = bytes};
    struct dwarf_type type;

    text[0] = '\0';
    if (value->is_text) {
        put(&printer, "\"%s\"", value->text);
    } else if (value->is_physical && !format && !value->stars && !value->info) {
        put(&printer, "phys:0x%08X", (uint32_t)value->number);
    } else if (expression_type_of(value, &type)) {
        put_value(&printer, value, &type, 0);
    } else {
        put(&printer, "(its type is broken)");
    }
}
