/* Debug information: types, their members and names (DWARF 5, section 5).
 * SPDX-License-Identifier: MIT */
#include <dwarf.h>
#include <stdio.h>
#include <string.h>

#include "emu/dwarf_priv.h"

uint64_t dwarf_type_of(Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    Dwarf_Die type;

    return dwarf_attr_integrate(die, DW_AT_type, &attribute) && dwarf_formref_die(&attribute, &type)
               ? dwarf_dieoffset(&type)
               : 0;
}

static bool is_alias(int tag)
{
    return tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
           tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type;
}

static uint32_t number_of(Dwarf_Die *die, unsigned attribute_name, uint32_t otherwise)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;

    return dwarf_attr_integrate(die, attribute_name, &attribute) &&
                   dwarf_formudata(&attribute, &value) == 0 && value <= UINT32_MAX
               ? (uint32_t)value
               : otherwise;
}

/* Elements of all dimensions behind the first `skip`; 0: not known. Only one is shown at a time:
 * an element of a matrix is a row. */
static uint32_t array_count(Dwarf_Die *array)
{
    Dwarf_Die child;

    if (dwarf_child(array, &child) != 0) {
        return 0;
    }
    do {
        if (dwarf_tag(&child) == DW_TAG_subrange_type) {
            uint32_t bound = number_of(&child, DW_AT_upper_bound, UINT32_MAX);

            return bound != UINT32_MAX ? bound + 1 : number_of(&child, DW_AT_count, 0);
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return 0;
}

static void base_fill(Dwarf_Die *die, struct dwarf_type *type)
{
    switch (number_of(die, DW_AT_encoding, 0)) {
    case DW_ATE_boolean:
        type->kind = DWARF_BOOL;
        break;
    case DW_ATE_signed_char:
        type->kind = DWARF_CHAR;
        type->is_signed = 1;
        break;
    case DW_ATE_unsigned_char:
        type->kind = DWARF_CHAR;
        break;
    case DW_ATE_signed:
        type->kind = DWARF_SIGNED;
        type->is_signed = 1;
        break;
    case DW_ATE_unsigned:
        type->kind = DWARF_UNSIGNED;
        break;
    case DW_ATE_float:
        type->kind = DWARF_FLOAT;
        break;
    default:
        type->kind = DWARF_OTHER;
        break;
    }
}

/* Fills everything but the name; the DIE is no alias. */
static void type_fill(Dwarf_Die *die, struct dwarf_type *type)
{
    type->bytes = number_of(die, DW_AT_byte_size, 0);
    type->target = dwarf_type_of(die);
    switch (dwarf_tag(die)) {
    case DW_TAG_base_type:
        base_fill(die, type);
        break;
    case DW_TAG_pointer_type:
        type->kind = DWARF_POINTER;
        type->bytes = type->bytes ? type->bytes : 4;
        break;
    case DW_TAG_array_type:
        type->kind = DWARF_ARRAY;
        type->count = array_count(die);
        break;
    case DW_TAG_enumeration_type:
        type->kind = DWARF_ENUM;
        type->bytes = type->bytes ? type->bytes : 4;
        type->is_signed = number_of(die, DW_AT_encoding, DW_ATE_unsigned) == DW_ATE_signed;
        break;
    case DW_TAG_structure_type:
        type->kind = DWARF_STRUCT;
        break;
    case DW_TAG_union_type:
        type->kind = DWARF_UNION;
        break;
    case DW_TAG_subroutine_type:
    case DW_TAG_subprogram:
        type->kind = DWARF_FUNCTION;
        break;
    default:
        type->kind = DWARF_OTHER;
        break;
    }
}

static void type_name(const struct dwarf_info *info, uint64_t id, char *name, size_t bytes,
                      uint32_t depth)
{
    const char *own;
    const char *prefix = "";
    Dwarf_Die die;
    size_t used;
    int tag;

    if (!dwarf_die_at(info, id, &die) || depth >= DWARF_DEPTH_MAX) {
        dwarf_copy_name(name, bytes, depth >= DWARF_DEPTH_MAX ? "..." : "void");
        return;
    }
    tag = dwarf_tag(&die);
    own = dwarf_diename(&die);
    switch (tag) {
    case DW_TAG_structure_type:
        prefix = "struct ";
        break;
    case DW_TAG_union_type:
        prefix = "union ";
        break;
    case DW_TAG_enumeration_type:
        prefix = "enum ";
        break;
    default:
        break;
    }
    if (own) {
        snprintf(name, bytes, "%s%s", prefix, own);
        return;
    }
    type_name(info, tag == DW_TAG_subroutine_type || prefix[0] ? 0 : dwarf_type_of(&die), name,
              bytes, depth + 1);
    used = strlen(name);
    if (prefix[0]) {
        snprintf(name, bytes, "%s{...}", prefix);
    } else if (tag == DW_TAG_pointer_type) {
        snprintf(name + used, bytes - used, "%s", used && name[used - 1] == '*' ? "*" : " *");
    } else if (tag == DW_TAG_array_type) {
        snprintf(name + used, bytes - used, " [%u]", array_count(&die));
    } else if (tag == DW_TAG_const_type) {
        char copy[DWARF_NAME_BYTES];

        dwarf_copy_name(copy, sizeof(copy), name);
        snprintf(name, bytes, "const %.100s", copy);
    } else if (tag == DW_TAG_subroutine_type) {
        snprintf(name, bytes, "function");
    }
}

bool dwarf_type_get(const struct dwarf_info *info, uint64_t id, struct dwarf_type *type)
{
    Dwarf_Die die;
    uint64_t plain = id;

    memset(type, 0, sizeof(*type));
    type_name(info, id, type->name, sizeof(type->name), 0);
    for (uint32_t depth = 0; plain; depth++) {
        if (depth == DWARF_DEPTH_MAX || !dwarf_die_at(info, plain, &die)) {
            return false;
        }
        if (!is_alias(dwarf_tag(&die))) {
            break;
        }
        plain = dwarf_type_of(&die);
    }
    type->id = plain;
    if (!plain) {
        type->kind = DWARF_VOID;
        return true;
    }
    type_fill(&die, type);
    if (type->kind == DWARF_ARRAY && !type->bytes) {
        Dwarf_Word bytes;

        type->bytes =
            dwarf_aggregate_size(&die, &bytes) == 0 && bytes <= UINT32_MAX ? (uint32_t)bytes : 0;
    }
    return true;
}

bool dwarf_type_named(const struct dwarf_info *info, const char *name, uint64_t *id)
{
    static const struct {
        const char *prefix;
        int tag;
    } tags[] = {{"struct ", DW_TAG_structure_type},
                {"union ", DW_TAG_union_type},
                {"enum ", DW_TAG_enumeration_type}};
    int wanted = 0;
    uint32_t count;
    const struct dwarf_name *found;

    for (uint32_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        size_t length = strlen(tags[i].prefix);

        if (strncmp(name, tags[i].prefix, length) == 0) {
            name += length + strspn(name + length, " ");
            wanted = tags[i].tag;
            break;
        }
    }
    found = dwarf_names(info, name, &count);
    for (uint32_t i = 0; i < count; i++) {
        Dwarf_Die die;
        bool fits = wanted ? found[i].class == NAME_STRUCT &&
                                 dwarf_die_at(info, found[i].die, &die) && dwarf_tag(&die) == wanted
                           : found[i].class == NAME_TYPE;

        if (fits) {
            *id = found[i].die;
            return true;
        }
    }
    return false;
}

/* ---- members ---- */

static bool member_fill(Dwarf_Die *die, struct dwarf_field *field)
{
    uint32_t bit_size = number_of(die, DW_AT_bit_size, 0);
    uint32_t first_bit = number_of(die, DW_AT_data_bit_offset, UINT32_MAX);

    memset(field, 0, sizeof(*field));
    dwarf_copy_name(field->name, sizeof(field->name), dwarf_diename(die));
    field->type = dwarf_type_of(die);
    field->offset = number_of(die, DW_AT_data_member_location, 0);
    if (bit_size && bit_size <= 32) {
        field->bit_size = bit_size;
        if (first_bit != UINT32_MAX) {
            field->offset = first_bit / 8;
            field->bit = first_bit % 8;
        } else { /* DWARF 3: counted from the high end of the storage unit */
            uint32_t storage = number_of(die, DW_AT_byte_size, 4) * 8;
            uint32_t from_high = number_of(die, DW_AT_bit_offset, 0);

            if (storage > 64 || from_high + bit_size > storage) {
                return false;
            }
            field->bit = storage - from_high - bit_size;
            field->offset += field->bit / 8;
            field->bit %= 8;
        }
    }
    return true;
}

bool dwarf_field_number(const struct dwarf_info *info, uint64_t structure, uint32_t index,
                        struct dwarf_field *field)
{
    struct dwarf_type type;
    Dwarf_Die die;

    if (!dwarf_type_get(info, structure, &type) ||
        (type.kind != DWARF_STRUCT && type.kind != DWARF_UNION) ||
        !dwarf_die_at(info, type.id, &die) || dwarf_child(&die, &die) != 0) {
        return false;
    }
    do {
        if (dwarf_tag(&die) == DW_TAG_member && index-- == 0) {
            return member_fill(&die, field);
        }
    } while (dwarf_siblingof(&die, &die) == 0);
    return false;
}

/* In the struct and in the nameless ones inside, `base` bytes into the outermost. */
static bool field_find(const struct dwarf_info *info, uint64_t structure, const char *name,
                       uint32_t base, uint32_t depth, struct dwarf_field *field)
{
    struct dwarf_type type;
    Dwarf_Die die;

    if (depth >= DWARF_DEPTH_MAX || !dwarf_type_get(info, structure, &type) ||
        (type.kind != DWARF_STRUCT && type.kind != DWARF_UNION) ||
        !dwarf_die_at(info, type.id, &die) || dwarf_child(&die, &die) != 0) {
        return false;
    }
    do {
        struct dwarf_field found;

        if (dwarf_tag(&die) != DW_TAG_member || !member_fill(&die, &found)) {
            continue;
        }
        found.offset += base;
        if (strcmp(found.name, name) == 0) {
            *field = found;
            return true;
        }
        if (found.name[0] == '\0' &&
            field_find(info, found.type, name, found.offset, depth + 1, field)) {
            return true;
        }
    } while (dwarf_siblingof(&die, &die) == 0);
    return false;
}

bool dwarf_field_named(const struct dwarf_info *info, uint64_t structure, const char *name,
                       struct dwarf_field *field)
{
    return name[0] && field_find(info, structure, name, 0, 0, field);
}

bool dwarf_member(const struct dwarf_info *info, const char *structure, const char *member,
                  uint32_t *offset, uint32_t *bytes)
{
    char name[DWARF_NAME_BYTES];
    struct dwarf_type type;
    uint64_t id;

    snprintf(name, sizeof(name), "%s%s", strchr(structure, ' ') ? "" : "struct ", structure);
    if (!dwarf_type_named(info, name, &id) && !dwarf_type_named(info, structure, &id)) {
        return false;
    }
    *offset = 0;
    while (*member) {
        size_t length = strcspn(member, ".");
        struct dwarf_field field;

        snprintf(name, sizeof(name), "%.*s", (int)(length < 100 ? length : 100), member);
        if (!dwarf_field_named(info, id, name, &field)) {
            return false;
        }
        *offset += field.offset;
        id = field.type;
        member += length + (member[length] == '.');
    }
    if (!dwarf_type_get(info, id, &type)) {
        return false;
    }
    *bytes = type.bytes;
    return true;
}

/* ---- enumerations ---- */

static bool constant_of(Dwarf_Die *die, int64_t *value)
{
    Dwarf_Attribute attribute;
    Dwarf_Sword number;

    if (!dwarf_attr(die, DW_AT_const_value, &attribute) ||
        dwarf_formsdata(&attribute, &number) != 0) {
        return false;
    }
    *value = number;
    return true;
}

bool dwarf_enum_name(const struct dwarf_info *info, uint64_t id, int64_t value, char *name,
                     size_t bytes)
{
    Dwarf_Die die;
    int64_t number;

    if (!dwarf_die_at(info, id, &die) || dwarf_child(&die, &die) != 0) {
        return false;
    }
    do {
        if (dwarf_tag(&die) == DW_TAG_enumerator && constant_of(&die, &number) && number == value) {
            dwarf_copy_name(name, bytes, dwarf_diename(&die));
            return true;
        }
    } while (dwarf_siblingof(&die, &die) == 0);
    return false;
}

bool dwarf_enum_value(const struct dwarf_info *info, const char *name, int64_t *value,
                      uint64_t *type)
{
    uint32_t count;
    const struct dwarf_name *found = dwarf_names(info, name, &count);

    for (uint32_t i = 0; i < count; i++) {
        Dwarf_Die die;

        if (found[i].class == NAME_ENUMERATOR && dwarf_die_at(info, found[i].die, &die) &&
            constant_of(&die, value)) {
            *type = 0;
            return true;
        }
    }
    return false;
}
