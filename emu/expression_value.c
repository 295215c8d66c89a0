/* Expressions: values with their types, fetching them, what they point to.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/expression_priv.h"

/* ---- types ---- */

bool expression_plain_type(const char *name, uint32_t *bytes, bool *is_signed)
{
    static const struct {
        const char *name;
        uint8_t bytes;
        uint8_t is_signed;
    } types[] = {{"char", 1, 1},
                 {"signed char", 1, 1},
                 {"unsigned char", 1, 0},
                 {"_Bool", 1, 0},
                 {"bool", 1, 0},
                 {"short", 2, 1},
                 {"short int", 2, 1},
                 {"unsigned short", 2, 0},
                 {"int", 4, 1},
                 {"signed", 4, 1},
                 {"unsigned", 4, 0},
                 {"unsigned int", 4, 0},
                 {"long", 4, 1},
                 {"unsigned long", 4, 0},
                 {"long long", 8, 1},
                 {"unsigned long long", 8, 0},
                 {"u8", 1, 0},
                 {"u16", 2, 0},
                 {"u32", 4, 0},
                 {"u64", 8, 0},
                 {"s8", 1, 1},
                 {"s16", 2, 1},
                 {"s32", 4, 1},
                 {"s64", 8, 1},
                 {"uint8_t", 1, 0},
                 {"uint16_t", 2, 0},
                 {"uint32_t", 4, 0},
                 {"uint64_t", 8, 0},
                 {"int8_t", 1, 1},
                 {"int16_t", 2, 1},
                 {"int32_t", 4, 1},
                 {"int64_t", 8, 1},
                 {"size_t", 4, 0}};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].name, name) == 0) {
            *bytes = types[i].bytes;
            *is_signed = types[i].is_signed != 0;
            return true;
        }
    }
    return false;
}

struct expression_value expression_integer(uint64_t number, uint32_t bytes, bool is_signed)
{
    uint32_t unused = 64 - bytes * 8;

    number <<= unused;
    number = is_signed ? (uint64_t)((int64_t)number >> unused) : number >> unused;
    return (struct expression_value){.number = number, .bytes = bytes, .is_signed = is_signed};
}

bool expression_type_of(const struct expression_value *value, struct dwarf_type *type)
{
    memset(type, 0, sizeof(*type));
    if (value->stars) {
        type->kind = DWARF_POINTER;
        type->bytes = 4;
        return true;
    }
    if (value->info) {
        return dwarf_type_get(value->info, value->type, type);
    }
    type->kind = value->is_signed ? DWARF_SIGNED : DWARF_UNSIGNED;
    type->bytes = value->bytes;
    type->is_signed = value->is_signed;
    return true;
}

bool expression_is_aggregate(enum dwarf_kind kind)
{
    return kind == DWARF_STRUCT || kind == DWARF_UNION || kind == DWARF_ARRAY;
}

/* ---- memory ---- */

static bool load_memory(const struct expression_provider *provider, struct expression_value *value)
{
    uint32_t size = value->bytes;
    uint64_t number = 0;

    if (value->bit_size) {
        size = (value->bit + value->bit_size + 7) / 8;
    }
    if (size > sizeof(number) || !provider->read(provider->context, value->place == PLACE_PHYSICAL,
                                                 value->address, &number, size)) {
        return false;
    }
    if (value->bit_size) {
        uint32_t unused = 64 - value->bit_size;

        number = number >> value->bit << unused;
        value->number = value->is_signed ? (uint64_t)((int64_t)number >> unused) : number >> unused;
    } else {
        value->number = expression_integer(number, size, value->is_signed).number;
    }
    return true;
}

bool expression_load(const struct expression_provider *provider, struct expression_value *value)
{
    struct dwarf_type type;

    if (!expression_type_of(value, &type)) {
        return false;
    }
    value->bytes = type.bytes;
    value->is_signed = type.is_signed;
    if (expression_is_aggregate(type.kind) || type.kind == DWARF_FUNCTION ||
        type.kind == DWARF_FLOAT || type.kind == DWARF_VOID) {
        value->number = type.kind == DWARF_FUNCTION ? value->address : 0;
        return true;
    }
    if (value->place == PLACE_MEMORY || value->place == PLACE_PHYSICAL) {
        return type.bytes > 0 && type.bytes <= 8 && load_memory(provider, value);
    }
    if (type.bytes >= 1 && type.bytes <= 8) {
        value->number = expression_integer(value->number, type.bytes, type.is_signed).number;
    }
    return true;
}

/* ---- values as operands ---- */

/* What a pointer or array points to, placed at `address`. */
bool expression_target(const struct expression_value *pointer, uint32_t address,
                       struct expression_value *target)
{
    struct dwarf_type type;
    struct dwarf_type inner;

    *target =
        (struct expression_value){.info = pointer->info,
                                  .type = pointer->type,
                                  .stars = pointer->stars,
                                  .bytes = pointer->bytes,
                                  .is_signed = pointer->is_signed,
                                  .target_bytes = pointer->target_bytes,
                                  .target_signed = pointer->target_signed,
                                  .place = pointer->is_physical ? PLACE_PHYSICAL : PLACE_MEMORY,
                                  .address = address};
    if (pointer->stars) {
        target->stars--;
        if (!pointer->info && target->stars == 0) {
            target->bytes = pointer->target_bytes;
            target->is_signed = pointer->target_signed;
        }
    } else if (pointer->info) {
        if (!dwarf_type_get(pointer->info, pointer->type, &type) ||
            (type.kind != DWARF_POINTER && type.kind != DWARF_ARRAY)) {
            target->info = NULL;
            target->bytes = 4;
            target->is_signed = 0;
            return true; /* an integer as an address: 32 bits lie there */
        }
        target->type = type.target;
    } else {
        target->bytes = 4;
        target->is_signed = 0;
        return true;
    }
    if (target->info && !target->stars && dwarf_type_get(target->info, target->type, &inner)) {
        target->bytes = inner.bytes;
        target->is_signed = inner.is_signed;
    } else if (target->stars) {
        target->bytes = 4;
        target->is_signed = 0;
    }
    return true;
}

bool expression_is_pointer(const struct expression_value *value, bool *is_array)
{
    struct dwarf_type type;

    *is_array = false;
    if (value->stars) {
        return true;
    }
    if (!value->info || !dwarf_type_get(value->info, value->type, &type)) {
        return false;
    }
    *is_array = type.kind == DWARF_ARRAY;
    return type.kind == DWARF_POINTER || *is_array;
}

/* The address that a pointer, array, function or number stands for. */
uint32_t expression_address(const struct expression_value *value)
{
    bool is_array;

    return expression_is_pointer(value, &is_array) && is_array ? value->address
                                                               : (uint32_t)value->number;
}
