/* Debug information: opening a file, the index of its names, lines, functions.
 * Types: dwarf_types.c; variables and frames: dwarf_frames.c. See DWARF 5, sections 2, 3 and 6.
 * SPDX-License-Identifier: MIT */
#include <dwarf.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/dwarf_priv.h"
#include "emu/file.h"

#define FILE_LIMIT  (512u << 20)
#define NAMES_LIMIT 4000000u /* more would be a file that lies about itself */

/* ---- opening ---- */

static struct dwarf_info *open_bytes(uint8_t *bytes, size_t size, const char *name, struct err *err)
{
    struct dwarf_info *info = calloc(1, sizeof(*info));
    struct dwarf_index *index = calloc(1, sizeof(*index));

    if (!info || !index) {
        free(info);
        free(index);
        free(bytes);
        err_set(err, "%s: no memory", name);
        return NULL;
    }
    *info = (struct dwarf_info){.bytes = bytes, .index = index};
    if (size < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0 || bytes[EI_CLASS] != ELFCLASS32 ||
        elf_version(EV_CURRENT) == EV_NONE) {
        dwarf_info_close(info);
        err_set(err, "%s: not a 32-bit ELF file", name);
        return NULL;
    }
    info->elf = elf_memory((char *)bytes, size);
    info->dwarf = info->elf ? dwarf_begin_elf(info->elf, DWARF_C_READ, NULL) : NULL;
    if (!info->dwarf) {
        dwarf_info_close(info);
        err_set(err, "%s: has no debug information; compile it with -g", name);
        return NULL;
    }
    return info;
}

struct dwarf_info *dwarf_info_open(const char *path, struct err *err)
{
    uint8_t *bytes;
    size_t size;

    if (!file_read(path, FILE_LIMIT, &bytes, &size, err)) {
        return NULL;
    }
    return open_bytes(bytes, size, path, err);
}

struct dwarf_info *dwarf_info_read(const uint8_t *bytes, size_t size, const char *name,
                                   struct err *err)
{
    uint8_t *copy = malloc(size + 1);

    if (!copy) {
        err_set(err, "%s: no memory", name);
        return NULL;
    }
    memcpy(copy, bytes, size);
    return open_bytes(copy, size, name, err);
}

void dwarf_info_close(struct dwarf_info *info)
{
    if (!info) {
        return;
    }
    free(info->index->names);
    free(info->index->functions);
    free(info->index);
    dwarf_end(info->dwarf);
    elf_end(info->elf);
    free(info->bytes);
    free(info);
}

/* ---- the index ---- */

void dwarf_copy_name(char *to, size_t bytes, const char *from)
{
    snprintf(to, bytes, "%s", from ? from : "");
}

bool dwarf_die_at(const struct dwarf_info *info, uint64_t offset, Dwarf_Die *die)
{
    return offset != 0 && dwarf_offdie(info->dwarf, offset, die) != NULL;
}

static bool name_add(struct dwarf_index *index, const struct dwarf_name *name)
{
    if (index->count == index->capacity) {
        uint32_t capacity = index->capacity ? index->capacity * 2 : 1024;
        struct dwarf_name *names =
            capacity <= NAMES_LIMIT ? realloc(index->names, capacity * sizeof(*names)) : NULL;

        if (!names) {
            return false;
        }
        index->names = names;
        index->capacity = capacity;
    }
    index->names[index->count++] = *name;
    return true;
}

static bool is_declaration(Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    bool flag = false;

    return dwarf_attr(die, DW_AT_declaration, &attribute) &&
           dwarf_formflag(&attribute, &flag) == 0 && flag;
}

/* The contiguous range of a function; false if it has no code of its own. */
static bool function_range(Dwarf_Die *die, struct dwarf_name *name)
{
    Dwarf_Addr base;
    Dwarf_Addr first;
    Dwarf_Addr end;

    if (dwarf_lowpc(die, &first) != 0 || dwarf_highpc(die, &end) != 0) {
        if (dwarf_ranges(die, 0, &base, &first, &end) <= 0) {
            return false;
        }
    }
    if (first == 0 || end <= first || end > UINT32_MAX) {
        return false; /* dropped by the linker */
    }
    name->first = (uint32_t)first;
    name->end = (uint32_t)end;
    return true;
}

static bool enumerators_add(struct dwarf_index *index, Dwarf_Die *enumeration)
{
    Dwarf_Die child;

    if (dwarf_child(enumeration, &child) != 0) {
        return true;
    }
    do {
        struct dwarf_name name = {.name = dwarf_diename(&child),
                                  .class = NAME_ENUMERATOR,
                                  .die = dwarf_dieoffset(&child)};

        if (dwarf_tag(&child) == DW_TAG_enumerator && name.name && !name_add(index, &name)) {
            return false;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return true;
}

static bool die_add(struct dwarf_index *index, Dwarf_Die *die)
{
    struct dwarf_name name = {.name = dwarf_diename(die), .die = dwarf_dieoffset(die)};
    int tag = dwarf_tag(die);

    if (is_declaration(die)) {
        return true;
    }
    switch (tag) {
    case DW_TAG_subprogram:
        name.class = NAME_FUNCTION;
        return !name.name || !function_range(die, &name) || name_add(index, &name);
    case DW_TAG_variable:
        name.class = NAME_VARIABLE;
        break;
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        name.class = NAME_STRUCT;
        break;
    case DW_TAG_enumeration_type:
        name.class = NAME_STRUCT;
        if (!enumerators_add(index, die)) {
            return false;
        }
        break;
    case DW_TAG_typedef:
    case DW_TAG_base_type:
        name.class = NAME_TYPE;
        break;
    default:
        return true;
    }
    return !name.name || name_add(index, &name);
}

static bool unit_add(struct dwarf_index *index, Dwarf_Die *unit)
{
    Dwarf_Die child;

    if (dwarf_child(unit, &child) != 0) {
        return true;
    }
    do {
        if (!die_add(index, &child)) {
            return false;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const struct dwarf_name *first = a;
    const struct dwarf_name *second = b;
    int order = strcmp(first->name, second->name);

    if (order != 0) {
        return order;
    }
    return first->die < second->die ? -1 : first->die > second->die;
}

struct by_address {
    uint32_t first;
    uint32_t name;
};

static int compare_addresses(const void *a, const void *b)
{
    const struct by_address *first = a;
    const struct by_address *second = b;

    return first->first < second->first ? -1 : first->first > second->first;
}

static void functions_sort(struct dwarf_index *index)
{
    struct by_address *list = malloc((index->count + 1) * sizeof(*list));
    uint32_t count = 0;

    index->functions = malloc((index->count + 1) * sizeof(*index->functions));
    for (uint32_t i = 0; list && index->functions && i < index->count; i++) {
        if (index->names[i].class == NAME_FUNCTION) {
            list[count++] = (struct by_address){index->names[i].first, i};
        }
    }
    if (count) {
        qsort(list, count, sizeof(*list), compare_addresses);
    }
    for (uint32_t i = 0; i < count; i++) {
        index->functions[i] = list[i].name;
    }
    index->function_count = count;
    free(list);
}

static const struct dwarf_index *index_of(const struct dwarf_info *info)
{
    struct dwarf_index *index = info->index;
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    uint8_t type;

    if (index->made) {
        return index;
    }
    index->made = true;
    while (dwarf_get_units(info->dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
        if (type == DW_UT_compile && !unit_add(index, &die)) {
            break;
        }
    }
    if (index->count) {
        qsort(index->names, index->count, sizeof(*index->names), compare_names);
    }
    functions_sort(index);
    return index;
}

const struct dwarf_name *dwarf_names(const struct dwarf_info *info, const char *name,
                                     uint32_t *count)
{
    const struct dwarf_index *index = index_of(info);
    uint32_t low = 0;
    uint32_t high = index->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (strcmp(index->names[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *count = 0;
    while (low + *count < index->count && strcmp(index->names[low + *count].name, name) == 0) {
        ++*count;
    }
    return *count ? &index->names[low] : NULL;
}

/* ---- functions ---- */

const struct dwarf_name *dwarf_function_over(const struct dwarf_info *info, uint32_t address)
{
    const struct dwarf_index *index = index_of(info);
    const struct dwarf_name *name;
    uint32_t low = 0;
    uint32_t high = index->function_count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (index->names[index->functions[middle]].first <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    name = low ? &index->names[index->functions[low - 1]] : NULL;
    return name && address < name->end ? name : NULL;
}

static bool function_fill(const struct dwarf_name *name, struct dwarf_function *function)
{
    if (!name) {
        return false;
    }
    dwarf_copy_name(function->name, sizeof(function->name), name->name);
    function->first = name->first;
    function->end = name->end;
    function->die = name->die;
    return true;
}

bool dwarf_function_at(const struct dwarf_info *info, uint32_t address,
                       struct dwarf_function *function)
{
    return function_fill(dwarf_function_over(info, address), function);
}

bool dwarf_function_named(const struct dwarf_info *info, const char *name,
                          struct dwarf_function *function)
{
    uint32_t count;
    const struct dwarf_name *found = dwarf_names(info, name, &count);

    for (uint32_t i = 0; i < count; i++) {
        if (found[i].class == NAME_FUNCTION) {
            return function_fill(&found[i], function);
        }
    }
    return false;
}
