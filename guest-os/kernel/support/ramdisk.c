/* Reads cpio archives of the "newc" kind, as `cpio -o -H newc` writes them: for each file a header
 * of hexadecimal text, the name and the data, the latter two padded to 4 bytes. A damaged archive
 * ends where the damage begins. See: cpio(5). SPDX-License-Identifier: MIT */
#include "support/ramdisk.h"

#include "common/text.h"

#define HEADER_BYTES   110
#define FIELD_MODE     1 /* fields of 8 digits after the 6 of the magic number */
#define FIELD_SIZE     6
#define FIELD_NAME     11
#define MODE_KIND      0170000u
#define MODE_REGULAR   0100000u
#define MODE_DIRECTORY 0040000u

struct entry {
    const char *name;         /* ends with a null byte */
    uint32_t mode;            /* kind and permissions */
    struct ramdisk_file file; /* its data */
    uint32_t next;            /* offset of the next entry */
};

static const uint8_t *archive_start;
static uint32_t archive_bytes;

static uint32_t read_field(const uint8_t *header, uint32_t field)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < 8; i++) {
        uint32_t digit = header[6 + field * 8 + i];

        digit = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
        value = value << 4 | (digit & 0xF);
    }
    return value;
}

static uint32_t align4(uint32_t value)
{
    return (value + 3) & ~3u;
}

/* Decode the entry at `offset`; false at the end of the archive. */
static bool read_entry(uint32_t offset, struct entry *entry)
{
    const uint8_t *header = archive_start + offset;
    uint32_t left = archive_bytes - offset;
    uint32_t name_bytes, data_at;

    if (offset > archive_bytes || left < HEADER_BYTES || memcmp(header, "070701", 6) != 0) {
        return false;
    }
    name_bytes = read_field(header, FIELD_NAME);
    if (name_bytes == 0 || name_bytes > left - HEADER_BYTES ||
        header[HEADER_BYTES + name_bytes - 1] != '\0') {
        return false;
    }
    data_at = align4(HEADER_BYTES + name_bytes);
    entry->name = (const char *)header + HEADER_BYTES;
    entry->mode = read_field(header, FIELD_MODE);
    entry->file.bytes = read_field(header, FIELD_SIZE);
    entry->file.data = header + data_at;
    if (data_at > left || entry->file.bytes > left - data_at) {
        return false;
    }
    entry->next = offset + align4(data_at + entry->file.bytes);
    return strcmp(entry->name, "TRAILER!!!") != 0;
}

static const char *skip_root(const char *path)
{
    while (*path == '/' || (path[0] == '.' && path[1] == '/')) {
        path++;
    }
    return path;
}

uint32_t ramdisk_initialise(const uint8_t *archive, uint32_t bytes)
{
    struct entry entry;
    uint32_t count = 0;

    archive_start = archive;
    archive_bytes = bytes;
    for (uint32_t offset = 0; read_entry(offset, &entry); offset = entry.next) {
        count += (entry.mode & MODE_KIND) == MODE_REGULAR;
    }
    return count;
}

void ramdisk_for_each(void (*visit)(const char *path, const struct ramdisk_file *file,
                                    uint32_t mode))
{
    struct entry entry;

    for (uint32_t offset = 0; read_entry(offset, &entry); offset = entry.next) {
        const char *path = skip_root(entry.name);

        if ((entry.mode & MODE_KIND) == MODE_REGULAR ||
            (entry.mode & MODE_KIND) == MODE_DIRECTORY) {
            visit(path, &entry.file, entry.mode);
        }
    }
}
