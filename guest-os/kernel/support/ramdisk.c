/* The initial ramdisk: a cpio archive in memory. A damaged one ends where the damage begins.
 * SPDX-License-Identifier: MIT */
#include "support/ramdisk.h"

#include "common/text.h"
#include "include/abi.h"
#include "support/cpio.h"

struct entry {
    const char *name;         /* ends with a null byte */
    uint32_t mode;            /* kind and permissions */
    struct ramdisk_file file; /* its data */
    uint32_t next;            /* offset of the next entry */
};

static const uint8_t *archive_start;
static uint32_t archive_bytes;

/* Decode the entry at `offset`; false at the end of the archive. */
static bool read_entry(uint32_t offset, struct entry *entry)
{
    const uint8_t *start = archive_start + offset;
    uint32_t left = archive_bytes - offset;
    struct cpio_header header;
    uint32_t data_at;

    if (offset > archive_bytes || left < CPIO_HEADER_BYTES || !cpio_read_header(start, &header) ||
        header.name_bytes > left - CPIO_HEADER_BYTES ||
        start[CPIO_HEADER_BYTES + header.name_bytes - 1] != '\0') {
        return false;
    }
    data_at = cpio_align(CPIO_HEADER_BYTES + header.name_bytes);
    entry->name = (const char *)start + CPIO_HEADER_BYTES;
    entry->mode = header.mode;
    entry->file.bytes = header.bytes;
    entry->file.data = start + data_at;
    if (data_at > left || header.bytes > left - data_at) {
        return false;
    }
    entry->next = offset + cpio_align(data_at + header.bytes);
    return strcmp(entry->name, CPIO_TRAILER) != 0;
}

uint32_t ramdisk_initialise(const uint8_t *archive, uint32_t bytes)
{
    struct entry entry;
    uint32_t count = 0;

    archive_start = archive;
    archive_bytes = bytes;
    for (uint32_t offset = 0; read_entry(offset, &entry); offset = entry.next) {
        count += S_ISREG(entry.mode);
    }
    return count;
}

void ramdisk_for_each(void (*visit)(const char *path, const struct ramdisk_file *file,
                                    uint32_t mode))
{
    struct entry entry;

    for (uint32_t offset = 0; read_entry(offset, &entry); offset = entry.next) {
        const char *path = cpio_skip_root(entry.name);

        if (S_ISREG(entry.mode) || S_ISDIR(entry.mode)) {
            visit(path, &entry.file, entry.mode);
        }
    }
}
