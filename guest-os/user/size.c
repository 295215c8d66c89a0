/* size FILE...: the bytes of code, data and zeros of programs, from their ELF section tables.
 * See: System V ABI, "Object Files". SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TYPE_NO_BITS   8u
#define FLAG_WRITE     1u
#define FLAG_ALLOCATED 2u
#define LOADED         1u /* type of a segment */

struct elf_header {
    uint8_t identification[16];  /* 7Fh "ELF", 1: 32 bits, 1: little endian */
    uint16_t type, machine;      /* 2: program; 3: 80386 */
    uint32_t version, entry;     /* 1; address */
    uint32_t segments, sections; /* places of the tables in the file */
    uint32_t flags;              /* 0 */
    uint16_t header_bytes;       /* of this */
    uint16_t segment_bytes, segment_count;
    uint16_t section_bytes, section_count;
    uint16_t names; /* number of the section of names */
};

struct elf_section {
    uint32_t name, type, flags, address, place, bytes; /* 9 words with: */
    uint32_t link, info, alignment, entry_bytes;
};

struct elf_segment {
    uint32_t type, place, address, physical, file_bytes, memory_bytes, flags, alignment;
};

struct sizes {
    uint32_t text, data, bss; /* bytes */
};

static bool read_at(FILE *stream, uint32_t place, void *to, size_t bytes)
{
    return fseek(stream, (int)place, SEEK_SET) == 0 && fread(to, 1, bytes, stream) == bytes;
}

static bool add_sections(FILE *stream, const struct elf_header *header, struct sizes *sizes)
{
    struct elf_section section;

    for (uint32_t i = 0; i < header->section_count; i++) {
        if (!read_at(stream, header->sections + i * header->section_bytes, &section,
                     sizeof(section))) {
            return false;
        }
        if ((section.flags & FLAG_ALLOCATED) == 0) {
            continue;
        }
        if (section.type == TYPE_NO_BITS) {
            sizes->bss += section.bytes;
        } else if (section.flags & FLAG_WRITE) {
            sizes->data += section.bytes;
        } else {
            sizes->text += section.bytes;
        }
    }
    return true;
}

/* For a program without a section table. */
static bool add_segments(FILE *stream, const struct elf_header *header, struct sizes *sizes)
{
    struct elf_segment segment;

    for (uint32_t i = 0; i < header->segment_count; i++) {
        if (!read_at(stream, header->segments + i * header->segment_bytes, &segment,
                     sizeof(segment))) {
            return false;
        }
        if (segment.type != LOADED) {
            continue;
        }
        if (segment.flags & 2) {
            sizes->data += segment.file_bytes;
            sizes->bss += segment.memory_bytes - segment.file_bytes;
        } else {
            sizes->text += segment.file_bytes;
        }
    }
    return true;
}

static int show(const char *path)
{
    FILE *stream = fopen(path, "r");
    struct elf_header header;
    struct sizes sizes = {0};

    if (stream == NULL) {
        warn("%s", path);
        return 1;
    }
    if (!read_at(stream, 0, &header, sizeof(header)) ||
        memcmp(header.identification, "\177ELF\1\1", 6) != 0 ||
        !(header.section_count > 0 ? add_sections(stream, &header, &sizes)
                                   : add_segments(stream, &header, &sizes))) {
        warnx("%s: not a 32-bit program", path);
        fclose(stream);
        return 1;
    }
    fclose(stream);
    printf("%7u\t%7u\t%7u\t%7u\t%7x\t%s\n", sizes.text, sizes.data, sizes.bss,
           sizes.text + sizes.data + sizes.bss, sizes.text + sizes.data + sizes.bss, path);
    return 0;
}

int main(int argc, char **argv)
{
    int result = 0;

    if (argc < 2) {
        usage(1, "size FILE...");
    }
    puts("   text\t   data\t    bss\t    dec\t    hex\tfilename");
    for (int i = 1; i < argc; i++) {
        result |= show(argv[i]);
    }
    return finish_output(result);
}
