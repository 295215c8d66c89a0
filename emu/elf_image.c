/* Understanding of ELF32 executables. What has no right place in the machine is refused here,
 * in words, before a byte is copied.
 * See: System V ABI, Intel386 supplement; Multiboot Specification 0.6.96, 3.1.
 * SPDX-License-Identifier: MIT */
#include "emu/elf_image.h"

#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "devices/platform_map.h"

#define MULTIBOOT_HEADER_MAGIC 0x1BADB002u
#define MULTIBOOT_SEARCH_BYTES 8192u
#define MULTIBOOT_MUST_KNOW    0xFFF8u /* of bits 0-15 those that nobody here understands */

static bool ident_check(const uint8_t *bytes, size_t size, const char *name, struct err *err)
{
    if (size < 4 || memcmp(bytes, ELFMAG, SELFMAG) != 0) {
        return err_set(err,
                       "%s: not an ELF file; a multiboot or plain 32-bit ELF kernel is needed, or "
                       "a Linux bzImage",
                       name);
    }
    if (size < EI_NIDENT) {
        return err_set(err, "%s: the ELF file is cut short", name);
    }
    if (bytes[EI_CLASS] == ELFCLASS64) {
        return err_set(err, "%s: a 64-bit ELF file; build a 32-bit one (gcc -m32, ld -m elf_i386)",
                       name);
    }
    if (bytes[EI_CLASS] != ELFCLASS32 || bytes[EI_DATA] != ELFDATA2LSB) {
        return err_set(err, "%s: not a little-endian 32-bit ELF file", name);
    }
    if (size < sizeof(Elf32_Ehdr)) {
        return err_set(err, "%s: the ELF file is cut short", name);
    }
    return true;
}

static bool header_check(const Elf32_Ehdr *header, size_t size, const char *name, struct err *err)
{
    if (header->e_machine != EM_386 && header->e_machine != 6) { /* 6: EM_486, once in use */
        return err_set(err, "%s: made for another machine (e_machine %u); i386 code is needed",
                       name, header->e_machine);
    }
    if (header->e_type != ET_EXEC) {
        return err_set(
            err, "%s: not an executable; link it at fixed addresses (ld -static, no -pie)", name);
    }
    if (header->e_phentsize != sizeof(Elf32_Phdr) && header->e_phnum != 0) {
        return err_set(err, "%s: the size of its program headers is impossible", name);
    }
    if (header->e_phoff > size || (size - header->e_phoff) / sizeof(Elf32_Phdr) < header->e_phnum) {
        return err_set(err, "%s: the ELF file is cut short", name);
    }
    return true;
}

static bool segment_fits(const struct elf_segment *segment, const char *name, uint64_t ram_bytes,
                         struct err *err)
{
    uint64_t end = (uint64_t)segment->physical + segment->memory_bytes;

    if (end > ram_bytes) {
        return err_set(err,
                       "%s: segment %08Xh-%08Xh lies outside the %u MiB of RAM; use a larger "
                       "--mem or another link address",
                       name, segment->physical, (uint32_t)(end - 1), (uint32_t)(ram_bytes >> 20));
    }
    if (end > VIDEO_HOLE_FIRST && segment->physical < VIDEO_HOLE_END) {
        return err_set(err,
                       "%s: segment %08Xh-%08Xh lies over video memory (A0000h-BFFFFh); link it "
                       "at 100000h or above",
                       name, segment->physical, (uint32_t)(end - 1));
    }
    return true;
}

static bool segment_add(const Elf32_Phdr *header, size_t size, const char *name, uint64_t ram_bytes,
                        struct elf_image *image, struct err *err)
{
    struct elf_segment segment = {
        .physical = header->p_paddr,
        .memory_bytes = header->p_memsz,
        .file_bytes = header->p_filesz,
        .file_offset = header->p_offset,
    };

    if (header->p_filesz > header->p_memsz) {
        return err_set(err, "%s: a segment is larger in the file than in memory", name);
    }
    if ((uint64_t)header->p_offset + header->p_filesz > size) {
        return err_set(err, "%s: the ELF file is cut short", name);
    }
    if (image->segment_count == ELF_SEGMENTS_MAX) {
        return err_set(err, "%s: more than %d loadable segments", name, ELF_SEGMENTS_MAX);
    }
    if (!segment_fits(&segment, name, ram_bytes, err)) {
        return false;
    }
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct elf_segment *other = &image->segments[i];

        if (segment.physical < (uint64_t)other->physical + other->memory_bytes &&
            other->physical < (uint64_t)segment.physical + segment.memory_bytes) {
            return err_set(err, "%s: segments at %08Xh and %08Xh overlap; check the linker script",
                           name, other->physical, segment.physical);
        }
    }
    image->segments[image->segment_count++] = segment;
    return true;
}

/* A copy: the file may have it at any offset. */
static Elf32_Phdr program_header(const Elf32_Ehdr *header, const uint8_t *bytes, size_t index)
{
    Elf32_Phdr segment;

    memcpy(&segment, bytes + header->e_phoff + index * sizeof(segment), sizeof(segment));
    return segment;
}

/* The entry as a physical address: e_entry may be a linear one of a higher-half kernel. */
static bool entry_find(const Elf32_Ehdr *header, const uint8_t *bytes, const char *name,
                       struct elf_image *image, struct err *err)
{
    uint32_t entry = header->e_entry;

    for (uint32_t i = 0; i < image->segment_count; i++) {
        if (entry - image->segments[i].physical < image->segments[i].memory_bytes) {
            image->entry = entry;
            return true;
        }
    }
    for (size_t i = 0; i < header->e_phnum; i++) {
        Elf32_Phdr segment = program_header(header, bytes, i);

        if (segment.p_type == PT_LOAD && entry - segment.p_vaddr < segment.p_memsz) {
            image->entry = entry - segment.p_vaddr + segment.p_paddr;
            return true;
        }
    }
    return err_set(err,
                   "%s: the entry point %08Xh lies outside all segments; check ENTRY() in the "
                   "linker script",
                   name, entry);
}

static bool multiboot_find(const uint8_t *bytes, size_t size, const char *name,
                           struct elf_image *image, struct err *err)
{
    size_t end = size < MULTIBOOT_SEARCH_BYTES ? size : MULTIBOOT_SEARCH_BYTES;

    for (size_t at = 0; at + 12 <= end; at += 4) {
        uint32_t field[3];

        memcpy(field, bytes + at, sizeof(field));
        if (field[0] != MULTIBOOT_HEADER_MAGIC || field[0] + field[1] + field[2] != 0) {
            continue;
        }
        if (field[1] & MULTIBOOT_MUST_KNOW) {
            return err_set(err,
                           "%s: its multiboot header asks for features (flags %08Xh) that "
                           "multiboot 1 does not have",
                           name, field[1]);
        }
        image->is_multiboot = 1;
        return true;
    }
    return true;
}

/* Notes: sizes of name and description, type, then both, each padded to 4 bytes. */
static bool has_linux_note(const uint8_t *bytes, size_t size, const Elf32_Phdr *segment)
{
    uint64_t at = segment->p_offset;
    uint64_t end = at + segment->p_filesz;

    if (end > size) {
        return false;
    }
    while (at + sizeof(Elf32_Nhdr) <= end) {
        Elf32_Nhdr note;

        memcpy(&note, bytes + at, sizeof(note));
        at += sizeof(note);
        if (note.n_namesz == sizeof("Linux") && at + note.n_namesz <= end &&
            memcmp(bytes + at, "Linux", sizeof("Linux")) == 0) {
            return true;
        }
        at += (((uint64_t)note.n_namesz + 3) & ~3ull) + (((uint64_t)note.n_descsz + 3) & ~3ull);
    }
    return false;
}

static bool image_fill(Elf *elf, const uint8_t *bytes, size_t size, const char *name,
                       uint64_t ram_bytes, struct elf_image *image, struct err *err)
{
    const Elf32_Ehdr *header = elf ? elf32_getehdr(elf) : NULL;

    if (!header) {
        return err_set(err, "%s: the ELF header is damaged", name);
    }
    if (!header_check(header, size, name, err)) {
        return false;
    }
    for (size_t i = 0; i < header->e_phnum; i++) {
        Elf32_Phdr segment = program_header(header, bytes, i);

        if (segment.p_type == PT_NOTE && has_linux_note(bytes, size, &segment)) {
            image->has_linux_note = 1;
        }
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0) {
            continue;
        }
        if (!segment_add(&segment, size, name, ram_bytes, image, err)) {
            return false;
        }
    }
    if (image->segment_count == 0) {
        return err_set(err, "%s: no loadable segment; link it as an executable", name);
    }
    for (uint32_t i = 0; i < image->segment_count; i++) {
        uint32_t end = image->segments[i].physical + image->segments[i].memory_bytes;

        image->end = end > image->end ? end : image->end;
    }
    return entry_find(header, bytes, name, image, err) &&
           multiboot_find(bytes, size, name, image, err);
}

bool elf_image_parse(const uint8_t *bytes, size_t size, const char *name, uint64_t ram_bytes,
                     struct elf_image *image, struct err *err)
{
    char *copy;
    Elf *elf;
    bool good;

    memset(image, 0, sizeof(*image));
    if (!ident_check(bytes, size, name, err)) {
        return false;
    }
    /* libelf wants memory that it may change. */
    copy = malloc(size);
    if (!copy || elf_version(EV_CURRENT) == EV_NONE) {
        free(copy);
        return err_set(err, "%s: no memory", name);
    }
    memcpy(copy, bytes, size);
    elf = elf_memory(copy, size);
    good = image_fill(elf, bytes, size, name, ram_bytes, image, err);
    elf_end(elf);
    free(copy);
    return good;
}

/* ---- programs ---- */

static bool is_dynamic(const uint8_t *bytes, size_t size, const Elf32_Ehdr *header)
{
    for (uint32_t i = 0; i < header->e_phnum; i++) {
        Elf32_Phdr segment;
        size_t at = (size_t)header->e_phoff + (size_t)i * header->e_phentsize;

        if (at > size || size - at < sizeof(segment)) {
            return false;
        }
        memcpy(&segment, bytes + at, sizeof(segment));
        if (segment.p_type == PT_INTERP) {
            return true;
        }
    }
    return false;
}

bool elf_program_check(const uint8_t *bytes, size_t size, const char *path, struct err *err)
{
    Elf32_Ehdr header;

    if (size < 4 || memcmp(bytes, ELFMAG, SELFMAG) != 0) {
        return err_set(err,
                       "%s: not an ELF program; exec runs static 32-bit ones (gcc -m32 "
                       "-static)",
                       path);
    }
    if (size > EI_CLASS && bytes[EI_CLASS] == ELFCLASS64) {
        return err_set(err, "%s: a 64-bit program; build a 32-bit one (gcc -m32 -static)", path);
    }
    if (size < sizeof(header)) {
        return err_set(err, "%s: the ELF file is cut short", path);
    }
    memcpy(&header, bytes, sizeof(header));
    if (header.e_machine != EM_386) {
        return err_set(
            err, "%s: made for another processor; i386 code is needed (gcc -m32 -static)", path);
    }
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
        return err_set(err, "%s: an ELF file, but not a program; link it (gcc -m32 -static)", path);
    }
    if (is_dynamic(bytes, size, &header)) {
        return err_set(err,
                       "%s: needs shared libraries, which the guest has not; link it with "
                       "-static",
                       path);
    }
    return true;
}
