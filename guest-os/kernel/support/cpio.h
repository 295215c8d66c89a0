/* The headers of cpio archives of the "newc" kind, as `cpio -o -H newc` writes them: hexadecimal
 * text, then the name and the data, each padded to 4 bytes. See: cpio(5).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CPIO_HEADER_BYTES 110
#define CPIO_TRAILER      "TRAILER!!!" /* the name of the entry after the last one */

struct cpio_header {
    uint32_t mode;       /* S_IF... and permissions */
    uint32_t modified;   /* seconds since 1970 */
    uint32_t bytes;      /* of data */
    uint32_t name_bytes; /* the null byte included */
};

/* Decode one; false: it is not a header. */
bool cpio_read_header(const uint8_t from[CPIO_HEADER_BYTES], struct cpio_header *header);

/* The path without what stands for the root at its beginning. */
const char *cpio_skip_root(const char *path);

static inline uint32_t cpio_align(uint32_t offset)
{
    return (offset + 3) & ~3u;
}
