/* mkcpio OUTPUT NAME=FILE...: packs files into a cpio archive ("newc"), the ramdisk's format; for
 * hosts without cpio. The same input gives the same bytes: times and owners are zero. See: cpio(5).
 * SPDX-License-Identifier: MIT */
#include "guest-os/tools/host_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODE_PROGRAM 0100755u
#define STATUS_BAD   2

/* Write `bytes` zeros to the next multiple of 4. */
static void pad(FILE *archive, size_t written)
{
    static const char zeros[4];

    fwrite(zeros, 1, (4 - written % 4) % 4, archive);
}

static void put_entry(FILE *archive, uint32_t number, const char *name, const void *data,
                      size_t bytes)
{
    uint32_t mode = bytes > 0 ? MODE_PROGRAM : 0;
    size_t name_bytes = strlen(name) + 1;

    /* magic, inode, mode, uid, gid, links, mtime, size, device x2, rdevice x2, name size, check */
    int header =
        fprintf(archive, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", number, mode,
                0u, 0u, 1u, 0u, (uint32_t)bytes, 0u, 0u, 0u, 0u, (uint32_t)name_bytes, 0u);

    fwrite(name, 1, name_bytes, archive);
    pad(archive, (size_t)header + name_bytes);
    fwrite(data, 1, bytes, archive);
    pad(archive, bytes);
}

static int pack(FILE *archive, int count, char **entries)
{
    for (int i = 0; i < count; i++) {
        char *path = strchr(entries[i], '=');
        struct host_file file;

        if (path == NULL) {
            fprintf(stderr, "mkcpio: %s is not NAME=FILE\n", entries[i]);
            return STATUS_BAD;
        }
        *path++ = '\0';
        file = host_file_read(path);
        if (file.data == NULL) {
            fprintf(stderr, "mkcpio: can not read %s\n", path);
            return STATUS_BAD;
        }
        put_entry(archive, (uint32_t)i + 1, entries[i], file.data, file.bytes);
        free(file.data);
    }
    put_entry(archive, 0, "TRAILER!!!", "", 0);
    return 0;
}

int main(int argc, char **argv)
{
    FILE *archive;
    int status;

    if (argc < 2) {
        fprintf(stderr, "usage: mkcpio OUTPUT NAME=FILE...\n");
        return STATUS_BAD;
    }
    archive = fopen(argv[1], "wb");
    if (archive == NULL) {
        fprintf(stderr, "mkcpio: can not write %s\n", argv[1]);
        return STATUS_BAD;
    }
    status = pack(archive, argc - 2, argv + 2);
    if (ferror(archive) || fclose(archive) != 0) {
        fprintf(stderr, "mkcpio: can not write %s\n", argv[1]);
        return STATUS_BAD;
    }
    return status;
}
