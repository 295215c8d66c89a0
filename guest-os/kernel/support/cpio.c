/* Headers of cpio archives. SPDX-License-Identifier: MIT */
#include "support/cpio.h"

#include "common/text.h"

#define FIELDS_AT      6 /* after the magic number; eight digits each */
#define FIELD_MODE     1
#define FIELD_MODIFIED 5
#define FIELD_SIZE     6
#define FIELD_NAME     11

static uint32_t read_field(const uint8_t *header, uint32_t field)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < 8; i++) {
        uint32_t digit = header[FIELDS_AT + field * 8 + i];

        digit = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
        value = value << 4 | (digit & 0xF);
    }
    return value;
}

bool cpio_read_header(const uint8_t from[CPIO_HEADER_BYTES], struct cpio_header *header)
{
    *header = (struct cpio_header){
        .mode = read_field(from, FIELD_MODE),
        .modified = read_field(from, FIELD_MODIFIED),
        .bytes = read_field(from, FIELD_SIZE),
        .name_bytes = read_field(from, FIELD_NAME),
    };
    return memcmp(from, "070701", FIELDS_AT) == 0 && header->name_bytes > 0;
}

const char *cpio_skip_root(const char *path)
{
    while (*path == '/' || (path[0] == '.' && path[1] == '/')) {
        path++;
    }
    return path;
}
