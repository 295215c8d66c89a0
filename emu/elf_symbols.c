/* Symbols of guest executables, by address and by name.
 * SPDX-License-Identifier: MIT */
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "emu/elf_image.h"
#include "emu/file.h"

#define FILE_LIMIT  (256u << 20)
#define REACH_BYTES 0x10000u /* how far from a symbol without size an address is still "in" it */

struct symbol {
    uint32_t address; /* linear */
    uint32_t bytes;   /* 0: not known */
    char *name;
};

struct elf_symbols {
    struct symbol *list; /* by address */
    size_t count;        /* symbols */
    size_t capacity;     /* symbols */
};

struct elf_symbols *elf_symbols_create(void)
{
    return calloc(1, sizeof(struct elf_symbols));
}

void elf_symbols_destroy(struct elf_symbols *symbols)
{
    if (!symbols) {
        return;
    }
    for (size_t i = 0; i < symbols->count; i++) {
        free(symbols->list[i].name);
    }
    free(symbols->list);
    free(symbols);
}

static bool symbol_add(struct elf_symbols *symbols, const Elf32_Sym *from, const char *name)
{
    if (symbols->count == symbols->capacity) {
        size_t capacity = symbols->capacity ? symbols->capacity * 2 : 256;
        struct symbol *list = realloc(symbols->list, capacity * sizeof(*list));

        if (!list) {
            return false;
        }
        symbols->list = list;
        symbols->capacity = capacity;
    }
    symbols->list[symbols->count] =
        (struct symbol){.address = from->st_value, .bytes = from->st_size, .name = strdup(name)};
    return symbols->list[symbols->count++].name != NULL;
}

static bool is_wanted(const Elf32_Sym *symbol, const char *name)
{
    uint32_t type = ELF32_ST_TYPE(symbol->st_info);

    return name && name[0] && name[0] != '$' && symbol->st_shndx != SHN_UNDEF &&
           symbol->st_shndx != SHN_ABS &&
           (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE);
}

static int compare_symbols(const void *a, const void *b)
{
    const struct symbol *first = a;
    const struct symbol *second = b;

    if (first->address != second->address) {
        return first->address < second->address ? -1 : 1;
    }
    if (first->bytes != second->bytes) {
        return first->bytes < second->bytes ? -1 : 1; /* the one with a size is found last */
    }
    return strcmp(second->name, first->name);
}

static bool section_add(struct elf_symbols *symbols, Elf *elf, Elf_Scn *section)
{
    const Elf32_Shdr *header = elf32_getshdr(section);
    Elf_Data *data = elf_getdata(section, NULL);

    if (!data || !data->d_buf || data->d_type != ELF_T_SYM) {
        return true;
    }
    for (size_t i = 1; i < data->d_size / sizeof(Elf32_Sym); i++) {
        Elf32_Sym symbol;
        const char *name;

        memcpy(&symbol, (const uint8_t *)data->d_buf + i * sizeof(symbol), sizeof(symbol));
        name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (is_wanted(&symbol, name) && !symbol_add(symbols, &symbol, name)) {
            return false;
        }
    }
    return true;
}

static bool sections_add(struct elf_symbols *symbols, Elf *elf)
{
    Elf_Scn *section = NULL;

    while ((section = elf_nextscn(elf, section)) != NULL) {
        const Elf32_Shdr *header = elf32_getshdr(section);

        if (header && header->sh_type == SHT_SYMTAB && !section_add(symbols, elf, section)) {
            return false;
        }
    }
    return true;
}

bool elf_symbols_add_file(struct elf_symbols *symbols, const char *path, struct err *err)
{
    uint8_t *bytes;
    size_t size;
    Elf *elf;
    bool good;

    if (!file_read(path, FILE_LIMIT, &bytes, &size, err)) {
        return false;
    }
    if (size < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0 || bytes[EI_CLASS] != ELFCLASS32 ||
        elf_version(EV_CURRENT) == EV_NONE) {
        free(bytes);
        return err_set(err, "%s: not a 32-bit ELF file, so it has no symbols to show", path);
    }
    elf = elf_memory((char *)bytes, size);
    good = elf && sections_add(symbols, elf);
    elf_end(elf);
    free(bytes);
    if (symbols->count) {
        qsort(symbols->list, symbols->count, sizeof(*symbols->list), compare_symbols);
    }
    return good ? true : err_set(err, "%s: its symbol table cannot be read", path);
}

const char *elf_symbols_find(const struct elf_symbols *symbols, uint32_t address,
                             uint32_t *offset_bytes)
{
    size_t low = 0;
    size_t high = symbols ? symbols->count : 0;
    const struct symbol *symbol;
    uint32_t offset;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (symbols->list[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return NULL;
    }
    symbol = &symbols->list[low - 1];
    offset = address - symbol->address;
    if (offset >= REACH_BYTES || (symbol->bytes && offset >= symbol->bytes)) {
        return NULL;
    }
    if (offset_bytes) {
        *offset_bytes = offset;
    }
    return symbol->name;
}

bool elf_symbols_lookup(const struct elf_symbols *symbols, const char *name, uint32_t *address)
{
    for (size_t i = 0; symbols && i < symbols->count; i++) {
        if (strcmp(symbols->list[i].name, name) == 0) {
            *address = symbols->list[i].address;
            return true;
        }
    }
    return false;
}
