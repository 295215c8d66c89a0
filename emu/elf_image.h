/* Guest executables: segments into memory, symbols for people (libelf).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"

#define ELF_SEGMENTS_MAX 64

/* A part of the file that is to be in memory. */
struct elf_segment {
    uint32_t physical;     /* first byte, p_paddr */
    uint32_t memory_bytes; /* the rest behind file_bytes is zeroed */
    uint32_t file_bytes;   /* 0..memory_bytes */
    uint32_t file_offset;  /* bytes into the file */
};

struct elf_image {
    uint32_t entry;          /* physical address of the first instruction */
    uint32_t end;            /* first address behind all segments */
    uint32_t is_multiboot;   /* 1: has a multiboot-1 header */
    uint32_t has_linux_note; /* 1: a note by "Linux", as a vmlinux has */
    uint32_t segment_count;  /* 1..ELF_SEGMENTS_MAX */
    struct elf_segment segments[ELF_SEGMENTS_MAX];
};

/* Understand an ELF32 i386 executable that is to run in `ram_bytes` of RAM without translation.
 * `name` is for messages. false with *err filled if it cannot be loaded just as it says. */
bool elf_image_parse(const uint8_t *bytes, size_t size, const char *name, uint64_t ram_bytes,
                     struct elf_image *image, struct err *err);

/* Whether the file is a program that the guest can run by itself: i386, static. */
bool elf_program_check(const uint8_t *bytes, size_t size, const char *path, struct err *err);

struct elf_symbols; /* sorted table of functions and objects of any number of files */

struct elf_symbols *elf_symbols_create(void);
void elf_symbols_destroy(struct elf_symbols *symbols);
/* Add the symbol table of an ELF32 file; `where` names it in messages. */
bool elf_symbols_add_file(struct elf_symbols *symbols, const char *path, struct err *err);
/* The symbol that covers `address` and the distance into it; NULL if none within 64 KiB, or if
 * several files lie there, so that the address alone does not tell. */
const char *elf_symbols_find(const struct elf_symbols *symbols, uint32_t address,
                             uint32_t *offset_bytes);
/* Which of the files that lie at the same addresses (programs of different processes) has its code
 * in memory now, by reading some of it; 0: none. */
uint32_t elf_symbols_present(const struct elf_symbols *symbols,
                             bool (*read)(void *context, uint32_t linear, void *bytes,
                                          uint32_t size),
                             void *context);
/* As elf_symbols_find(), with that file's symbols among those that count. */
const char *elf_symbols_find_in(const struct elf_symbols *symbols, uint32_t file, uint32_t address,
                                uint32_t *offset_bytes);
/* Address of a name; false if unknown. */
bool elf_symbols_lookup(const struct elf_symbols *symbols, const char *name, uint32_t *address);
/* The path of a file by its number, from 1; NULL behind the last. */
const char *elf_symbols_path(const struct elf_symbols *symbols, uint32_t file);
/* The file whose symbols lie around an address, of those that share addresses only `present`;
 * 0: none. */
uint32_t elf_symbols_file_at(const struct elf_symbols *symbols, uint32_t present, uint32_t address);
/* Whether other files lie at the same addresses. */
bool elf_symbols_is_shared(const struct elf_symbols *symbols, uint32_t file);
