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

#define FILES_MAX    256u /* more are taken without their code: their symbols show if unique */
#define SAMPLES      4u
#define SAMPLE_BYTES 32u

struct symbol {
    uint32_t address; /* linear */
    uint32_t bytes;   /* 0: not known */
    uint32_t file;    /* number, from 1 */
    char *name;
};

/* Where a file lies, and a few pieces of its code by which it is known again in memory. */
struct image {
    char *path;      /* of the file */
    uint32_t low;    /* linear, of the first symbol */
    uint32_t high;   /* linear, of the last one */
    uint32_t shared; /* 1: another file lies there too, so that an address alone says nothing */
    uint32_t sample_count;
    uint32_t sample_addresses[SAMPLES]; /* linear */
    uint8_t samples[SAMPLES][SAMPLE_BYTES];
};

struct elf_symbols {
    struct symbol *list; /* by address */
    size_t count;        /* symbols */
    size_t capacity;     /* symbols */
    uint32_t file_count; /* files, 0..FILES_MAX */
    struct image images[FILES_MAX];
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
    for (uint32_t i = 0; i < symbols->file_count; i++) {
        free(symbols->images[i].path);
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
    symbols->list[symbols->count] = (struct symbol){.address = from->st_value,
                                                    .bytes = from->st_size,
                                                    .file = symbols->file_count,
                                                    .name = strdup(name)};
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

/* Those from `first` on are new: they are sorted and find their places among the others. */
static bool merge_from(struct elf_symbols *symbols, size_t first)
{
    size_t news = symbols->count - first;
    struct symbol *copy = malloc((news + 1) * sizeof(*copy));
    size_t to = symbols->count;

    if (!copy) {
        return false;
    }
    if (news) {
        qsort(symbols->list + first, news, sizeof(*copy), compare_symbols);
        memcpy(copy, symbols->list + first, news * sizeof(*copy));
    }
    while (news) {
        bool old = first && compare_symbols(&symbols->list[first - 1], &copy[news - 1]) > 0;

        symbols->list[--to] = old ? symbols->list[--first] : copy[--news];
    }
    free(copy);
    return true;
}

/* Pieces of the code, spread over it. */
static void image_sample(struct image *image, Elf *elf, const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    const Elf32_Phdr *segments = elf_getphdrnum(elf, &count) == 0 ? elf32_getphdr(elf) : NULL;

    for (size_t i = 0; segments && i < count; i++) {
        const Elf32_Phdr *segment = &segments[i];

        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) ||
            segment->p_filesz < SAMPLES * SAMPLE_BYTES || segment->p_offset > size ||
            segment->p_filesz > size - segment->p_offset) {
            continue;
        }
        for (uint32_t sample = 0; sample < SAMPLES; sample++) {
            uint32_t offset =
                (uint32_t)((uint64_t)segment->p_filesz * (2 * sample + 1) / (2 * SAMPLES));

            offset = offset > segment->p_filesz - SAMPLE_BYTES ? segment->p_filesz - SAMPLE_BYTES
                                                               : offset;
            image->sample_addresses[sample] = segment->p_vaddr + offset;
            memcpy(image->samples[sample], bytes + segment->p_offset + offset, SAMPLE_BYTES);
        }
        image->sample_count = SAMPLES;
        return;
    }
}

/* The range of the last file's symbols, and whom it shares addresses with. */
static void image_place(struct elf_symbols *symbols, size_t first)
{
    struct image *last = &symbols->images[symbols->file_count - 1];

    last->low = UINT32_MAX;
    for (size_t i = first; i < symbols->count; i++) {
        uint32_t address = symbols->list[i].address;

        last->low = address < last->low ? address : last->low;
        last->high = address > last->high ? address : last->high;
    }
    for (uint32_t file = 0; file + 1 < symbols->file_count; file++) {
        struct image *other = &symbols->images[file];

        if (other->low <= last->high && last->low <= other->high) {
            other->shared = 1;
            last->shared = 1;
        }
    }
}

bool elf_symbols_add_file(struct elf_symbols *symbols, const char *path, struct err *err)
{
    uint8_t *bytes;
    size_t size;
    size_t first;
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
    if (symbols->file_count < FILES_MAX) {
        symbols->images[symbols->file_count++].path = strdup(path);
    }
    first = symbols->count;
    elf = elf_memory((char *)bytes, size);
    good = elf && sections_add(symbols, elf);
    if (elf) {
        image_sample(&symbols->images[symbols->file_count - 1], elf, bytes, size);
    }
    image_place(symbols, first);
    elf_end(elf);
    free(bytes);
    good = merge_from(symbols, first) && good;
    return good ? true : err_set(err, "%s: its symbol table cannot be read", path);
}

static bool image_is_there(const struct image *image,
                           bool (*read)(void *context, uint32_t linear, void *bytes, uint32_t size),
                           void *context)
{
    uint32_t seen = 0;

    for (uint32_t sample = 0; sample < image->sample_count; sample++) {
        uint8_t bytes[SAMPLE_BYTES];

        if (read(context, image->sample_addresses[sample], bytes, sizeof(bytes))) {
            if (memcmp(bytes, image->samples[sample], sizeof(bytes)) != 0) {
                return false;
            }
            seen++;
        }
    }
    return seen > 0;
}

uint32_t elf_symbols_present(const struct elf_symbols *symbols,
                             bool (*read)(void *context, uint32_t linear, void *bytes,
                                          uint32_t size),
                             void *context)
{
    for (uint32_t file = 0; symbols && file < symbols->file_count; file++) {
        const struct image *image = &symbols->images[file];

        if (image->shared && image_is_there(image, read, context)) {
            return file + 1;
        }
    }
    return 0;
}

const char *elf_symbols_find_in(const struct elf_symbols *symbols, uint32_t file, uint32_t address,
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
    while (low > 0 && symbols->list[low - 1].file != file &&
           symbols->images[symbols->list[low - 1].file - 1].shared) {
        low--; /* of a program that is not there */
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

const char *elf_symbols_find(const struct elf_symbols *symbols, uint32_t address,
                             uint32_t *offset_bytes)
{
    return elf_symbols_find_in(symbols, 0, address, offset_bytes);
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

const char *elf_symbols_path(const struct elf_symbols *symbols, uint32_t file)
{
    return symbols && file > 0 && file <= symbols->file_count ? symbols->images[file - 1].path
                                                              : NULL;
}

uint32_t elf_symbols_file_at(const struct elf_symbols *symbols, uint32_t present, uint32_t address)
{
    for (uint32_t file = 0; symbols && file < symbols->file_count; file++) {
        const struct image *image = &symbols->images[file];
        bool counts = !image->shared || file + 1 == present;

        if (counts && address >= image->low && address - REACH_BYTES < image->high) {
            return file + 1;
        }
    }
    return 0;
}

bool elf_symbols_is_shared(const struct elf_symbols *symbols, uint32_t file)
{
    return file > 0 && file <= symbols->file_count && symbols->images[file - 1].shared;
}
