/* The ELF loader. A file is what anybody may have written: every number in it is checked before it
 * is used. Nothing is read but headers: pages come when they are touched. See: ELF specification,
 * chapters 1 and 2. SPDX-License-Identifier: MIT */
#include "support/elf.h"

#include "common/text.h"
#include "include/abi.h"

#define SEGMENTS_MAX 16

/* Read exactly `bytes` of the file at `offset`. */
static int32_t read_exactly(struct node *file, uint32_t offset, void *to, uint32_t bytes)
{
    int32_t result = node_read(file, offset, to, bytes);

    return result < 0 ? result : result == (int32_t)bytes ? 0 : -ENOEXEC;
}

/* The segment's pages: those with bytes of the file, and behind them zeros. */
static int32_t load_segment(struct program_image *image, struct node *file,
                            const struct elf_segment *segment)
{
    uint32_t end = segment->address + segment->memory_bytes;
    uint32_t file_end = segment->address + segment->file_bytes;
    uint32_t into_page = segment->address % PAGE_SIZE;
    struct region region = {
        .start = page_down(segment->address),
        .end = page_up(file_end),
        .flags = segment->flags & SEGMENT_WRITE ? REGION_WRITE : 0,
        .node = file,
        .offset = segment->offset - into_page,
        .file_end = file_end,
    };
    int32_t result = 0;

    if (segment->file_bytes > segment->memory_bytes || segment->offset > file->size ||
        segment->file_bytes > file->size - segment->offset || end < segment->address ||
        end > STACK_TOP - STACK_LIMIT || segment->offset % PAGE_SIZE != into_page) {
        return -ENOEXEC;
    }
    image->end = end > image->end ? end : image->end;
    if (segment->file_bytes > 0) {
        result = space_add_file(image->space, &region);
    } else {
        region.end = region.start;
    }
    if (result == 0 && page_up(end) > region.end) {
        result = space_add_region(image->space, region.end, page_up(end), region.flags);
    }
    return result;
}

int32_t elf_load(struct program_image *image, struct node *file)
{
    struct elf_header header;
    struct elf_segment segment;

    int32_t result = read_exactly(file, 0, &header, sizeof(header));

    if (result != 0) {
        return result;
    }
    if (header.magic != ELF_MAGIC || (header.kind & 0xFFFFFF) != ELF_32_LITTLE ||
        header.type != ELF_EXECUTABLE || header.machine != ELF_386 ||
        header.segment_bytes != sizeof(segment) || header.segment_count > SEGMENTS_MAX ||
        header.segments_at > file->size ||
        header.segment_count * sizeof(segment) > file->size - header.segments_at) {
        return -ENOEXEC;
    }
    image->entry = header.entry;
    image->segment_count = header.segment_count;
    for (uint32_t i = 0; i < header.segment_count; i++) {
        result =
            read_exactly(file, header.segments_at + i * sizeof(segment), &segment, sizeof(segment));
        if (result == 0 && segment.type == SEGMENT_LOAD && segment.memory_bytes > 0) {
            if (header.segments_at >= segment.offset &&
                header.segments_at - segment.offset < segment.file_bytes) {
                image->segment_table = segment.address + header.segments_at - segment.offset;
            }
            result = load_segment(image, file, &segment);
        }
        if (result != 0) {
            return result == -EINVAL ? -ENOEXEC : result;
        }
    }
    image->space->break_first = image->space->break_now = page_up(image->end);
    return space_add_region(image->space, page_up(image->end), page_up(image->end),
                            REGION_WRITE | REGION_HEAP);
}
