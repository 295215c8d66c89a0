/* Guest executables: segments into memory, symbols for people (libelf).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/err.h"

struct elf_symbols; /* sorted table of functions and objects of any number of files */

struct elf_symbols *elf_symbols_create(void);
void elf_symbols_destroy(struct elf_symbols *symbols);
/* Add the symbol table of an ELF32 file; `where` names it in messages. */
bool elf_symbols_add_file(struct elf_symbols *symbols, const char *path, struct err *err);
/* The symbol that covers `address` and the distance into it; NULL if none within 64 KiB. */
const char *elf_symbols_find(const struct elf_symbols *symbols, uint32_t address,
                             uint32_t *offset_bytes);
/* Address of a name; false if unknown. */
bool elf_symbols_lookup(const struct elf_symbols *symbols, const char *name, uint32_t *address);
