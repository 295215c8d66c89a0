/* The kernel's ELF file: headers are checked, then each PT_LOAD segment goes to its physical
 * address. See: Tool Interface Standard, ELF 1.2, chapter 2; Multiboot Specification 0.6.96, 3.1.
 * SPDX-License-Identifier: MIT */
#include "loader/loader.h"

#define ELF_MAGIC        0x464C457Fu
#define ELF_32_LITTLE    0x0101 /* class and data encoding */
#define ELF_EXECUTABLE   2
#define ELF_I386         3
#define SEGMENTS_MAX     16u
#define PT_LOAD          1u
#define MULTIBOOT_MAGIC  0x1BADB002u
#define MULTIBOOT_WITHIN 8192u /* bytes of the file in which the header must be */

struct elf_header {
    uint32_t magic;                       /* 7Fh "ELF" */
    uint16_t kind;                        /* class, encoding */
    uint8_t unused_6[10];                 /* version, system */
    uint16_t type, machine;               /* ELF_... */
    uint32_t version, entry;              /* 1, physical address */
    uint32_t segments_offset;             /* of the program headers */
    uint32_t sections_offset, flags;      /* not used here */
    uint16_t header_bytes, segment_bytes; /* sizes of this and of a program header */
    uint16_t segment_count;               /* program headers */
    uint16_t unused_46[3];                /* sections */
};
_Static_assert(sizeof(struct elf_header) == 52, "ELF32");

struct elf_segment {
    uint32_t type;         /* PT_LOAD or something else */
    uint32_t offset;       /* in the file */
    uint32_t virtual;      /* address, not used here */
    uint32_t physical;     /* address */
    uint32_t file_bytes;   /* to read */
    uint32_t memory_bytes; /* the rest is zero */
    uint32_t flags, align; /* not used here */
};
_Static_assert(sizeof(struct elf_segment) == 32, "ELF32");

static void check_header(const struct file *file, const struct elf_header *header)
{
    if (header->magic != ELF_MAGIC) {
        fail("%s: not an ELF file", file->path);
    }
    if (header->kind != ELF_32_LITTLE || header->type != ELF_EXECUTABLE ||
        header->machine != ELF_I386) {
        fail("%s: not a 32-bit executable for the i386", file->path);
    }
    if (header->segment_bytes != sizeof(struct elf_segment) || header->segment_count == 0 ||
        header->segment_count > SEGMENTS_MAX || header->segments_offset > file->bytes ||
        file->bytes - header->segments_offset <
            header->segment_count * sizeof(struct elf_segment)) {
        fail("%s: the program headers are damaged", file->path);
    }
}

/* The first 8 KiB must say that the kernel wants to be started this way. */
static void check_multiboot(const struct file *file)
{
    static uint32_t words[MULTIBOOT_WITHIN / 4];
    uint32_t bytes = file->bytes < MULTIBOOT_WITHIN ? file->bytes & ~3u : MULTIBOOT_WITHIN;

    ext2_read(file, 0, bytes, words);
    for (uint32_t i = 0; i + 3 <= bytes / 4; i++) {
        if (words[i] == MULTIBOOT_MAGIC && words[i] + words[i + 1] + words[i + 2] == 0) {
            return;
        }
    }
    fail("%s: no multiboot header in the first 8 KiB", file->path);
}

static void check_segment(const struct file *file, const struct elf_segment *segment,
                          const struct memory_map *map)
{
    if (segment->file_bytes > segment->memory_bytes || segment->offset > file->bytes ||
        segment->file_bytes > file->bytes - segment->offset) {
        fail("%s: cut off, or its program headers are damaged", file->path);
    }
    if (segment->physical < ONE_MIB) {
        fail("%s: a segment at %xh; the kernel must lie above 1 MiB", file->path,
             segment->physical);
    }
    if (!memory_is_ram(map, segment->physical, segment->memory_bytes)) {
        fail("%s: not enough memory for %u KiB at %xh", file->path,
             (segment->memory_bytes + KIB - 1) / KIB, segment->physical);
    }
}

static void load_segment(const struct file *file, const struct elf_segment *segment)
{
    uint8_t *target = (uint8_t *)segment->physical;

    post_code(POST_LOADER_SEGMENT);
    ext2_read(file, segment->offset, segment->file_bytes, target);
    memset(target + segment->file_bytes, 0, segment->memory_bytes - segment->file_bytes);
}

uint32_t kernel_load(const char *path, const struct memory_map *map)
{
    static struct elf_segment segments[SEGMENTS_MAX];
    struct elf_header header;
    struct file file;
    uint32_t loaded = 0;
    bool entry_loaded = false;

    post_code(POST_LOADER_KERNEL);
    if (!ext2_find(path, &file)) {
        fail("%s: no such file", path);
    }
    if (file.bytes < sizeof(header)) {
        fail("%s: not an ELF file", path);
    }
    ext2_read(&file, 0, sizeof(header), &header);
    check_header(&file, &header);
    check_multiboot(&file);
    ext2_read(&file, header.segments_offset, header.segment_count * sizeof(segments[0]), segments);
    for (uint32_t i = 0; i < header.segment_count; i++) {
        if (segments[i].type == PT_LOAD && segments[i].memory_bytes) {
            check_segment(&file, &segments[i], map);
            load_segment(&file, &segments[i]);
            loaded += segments[i].memory_bytes;
            entry_loaded |= header.entry - segments[i].physical < segments[i].memory_bytes;
        }
    }
    if (!entry_loaded) {
        fail("%s: its entry %xh is in none of its segments", path, header.entry);
    }
    say("%s: %u KiB of memory, entry at %xh", path, (loaded + KIB - 1) / KIB, header.entry);
    return header.entry;
}
