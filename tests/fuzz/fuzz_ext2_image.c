/* Any disk: a file is read out of its ext2, or refused with one line; nothing outside is read.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emu/ext2_image.h"

#define FILE_LIMIT (256u << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct disk {
    const uint8_t *bytes;
    size_t size;
};

static bool read_disk(void *context, uint64_t offset, void *bytes, uint32_t size)
{
    const struct disk *disk = context;

    if (offset > disk->size || size > disk->size - offset) {
        return false;
    }
    memcpy(bytes, disk->bytes + offset, size);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"/folder/file", "/link", "/folder/up/folder/file", "/"};
    struct disk disk = {.bytes = data, .size = size};
    struct ext2_image image = {.context = &disk, .read = read_disk};

    for (uint32_t i = 0; i < 4; i++) {
        struct err err = {0};
        uint8_t *bytes = NULL;
        size_t got = 0;

        if (ext2_image_file(&image, paths[i], FILE_LIMIT, &bytes, &got, &err)) {
            if (got > FILE_LIMIT || bytes[got] != 0) {
                abort();
            }
            free(bytes);
        } else if (strncmp(err.message, paths[i], strlen(paths[i])) != 0) {
            abort(); /* refused without its name */
        }
    }
    return 0;
}
