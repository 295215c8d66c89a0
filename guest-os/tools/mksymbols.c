/* mksymbols KERNEL OUTPUT: writes the addresses and names of the kernel's functions as an assembly
 * file, to be linked into the kernel itself, so that a panic can name its callers.
 * See: ELF specification, "Symbol table". SPDX-License-Identifier: MIT */
#include "guest-os/tools/host_file.h"

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_BAD 2

struct function {
    uint32_t address;
    const char *name;
};

/* The section header number `index`, NULL if it is not inside the file. */
static const Elf32_Shdr *section_at(const struct host_file *file, uint32_t index)
{
    const Elf32_Ehdr *header = (const void *)file->data;
    uint64_t at = header->e_shoff + (uint64_t)index * sizeof(Elf32_Shdr);
    const Elf32_Shdr *section = (const void *)(file->data + at);

    if (index >= header->e_shnum || at + sizeof(Elf32_Shdr) > file->bytes) {
        return NULL;
    }
    if (section->sh_type != SHT_NOBITS &&
        (uint64_t)section->sh_offset + section->sh_size > file->bytes) {
        return NULL;
    }
    return section;
}

static int compare(const void *left, const void *right)
{
    uint32_t a = ((const struct function *)left)->address;
    uint32_t b = ((const struct function *)right)->address;

    return (a > b) - (a < b);
}

/* All functions of the symbol table, in the order of their addresses; *count of them. */
static struct function *find_functions(const struct host_file *file, size_t *count)
{
    const Elf32_Shdr *table = NULL;
    const Elf32_Shdr *names;
    struct function *functions;

    for (uint32_t i = 0; table == NULL || table->sh_type != SHT_SYMTAB; i++) {
        table = section_at(file, i);
        if (table == NULL) {
            return NULL;
        }
    }
    names = section_at(file, table->sh_link);
    functions = calloc(table->sh_size / sizeof(Elf32_Sym) + 1, sizeof(*functions));
    if (names == NULL || functions == NULL) {
        free(functions);
        return NULL;
    }
    *count = 0;
    for (uint32_t i = 0; i < table->sh_size / sizeof(Elf32_Sym); i++) {
        const Elf32_Sym *symbol = (const void *)(file->data + table->sh_offset);

        symbol += i;
        if (ELF32_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_name < names->sh_size) {
            functions[(*count)++] = (struct function){
                symbol->st_value, file->data + names->sh_offset + symbol->st_name};
        }
    }
    qsort(functions, *count, sizeof(*functions), compare);
    return functions;
}

int main(int argc, char **argv)
{
    struct host_file file;
    struct function *functions = NULL;
    size_t count = 0;
    FILE *output;

    if (argc != 3) {
        fprintf(stderr, "usage: mksymbols KERNEL OUTPUT\n");
        return STATUS_BAD;
    }
    file = host_file_read(argv[1]);
    if (file.data != NULL && file.bytes >= sizeof(Elf32_Ehdr) &&
        memcmp(file.data, ELFMAG "\1\1", 6) == 0) {
        functions = find_functions(&file, &count);
    }
    if (functions == NULL) {
        fprintf(stderr, "mksymbols: %s is not a 32-bit ELF file with symbols\n", argv[1]);
        return STATUS_BAD;
    }
    output = fopen(argv[2], "w");
    if (output == NULL) {
        fprintf(stderr, "mksymbols: can not write %s\n", argv[2]);
        return STATUS_BAD;
    }
    fprintf(output, "        .section .rodata\n        .balign 4\n        .globl  symbol_table\n"
                    "symbol_table:\n");
    for (size_t i = 0, name_at = 0; i < count; i++) {
        fprintf(output, "        .long   0x%08x, 1f + %zu\n", functions[i].address, name_at);
        name_at += strlen(functions[i].name) + 1;
    }
    fprintf(output, "        .long   0, 0\n");
    for (size_t i = 0; i < count; i++) {
        fprintf(output, "%s        .asciz  \"%s\"\n", i == 0 ? "1:\n" : "", functions[i].name);
    }
    fprintf(output, "        .section .note.GNU-stack, \"\", @progbits\n");
    free(functions);
    free(file.data);
    return fclose(output) == 0 ? 0 : STATUS_BAD;
}
