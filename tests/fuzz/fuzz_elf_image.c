/* Any bytes at all are either a kernel that fits or refused: the loader never trusts a length.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "emu/elf_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint64_t ram_bytes = 16u << 20;
    struct elf_image image;
    struct err err = {0};

    if (!elf_image_parse(data, size, "fuzz", ram_bytes, &image, &err)) {
        if (err.message[0] == '\0') {
            abort(); /* refused without a word */
        }
        return 0;
    }
    for (uint32_t i = 0; i < image.segment_count; i++) {
        const struct elf_segment *segment = &image.segments[i];

        if ((uint64_t)segment->file_offset + segment->file_bytes > size ||
            (uint64_t)segment->physical + segment->memory_bytes > ram_bytes ||
            segment->file_bytes > segment->memory_bytes) {
            abort(); /* accepted what cannot be loaded */
        }
    }
    return 0;
}
