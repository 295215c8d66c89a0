/* The guest kernel's ext2 on damaged disks. The input is a list of pieces of a disk that is zeros
 * elsewhere, so that what is changed is mostly what ext2 looks at: each piece has two bytes, its
 * offset in words of 4 bytes, one byte, its length, and as many bytes. Later ones lie over earlier
 * ones. SPDX-License-Identifier: MIT */
#include "kernel/file_system_fuzz.h"

#include <string.h>

#define DISK_BYTES  (256u * 1024)
#define PIECE_BYTES 3 /* before the data of a piece */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t disk[DISK_BYTES];

    memset(disk, 0, sizeof(disk));
    while (size > PIECE_BYTES) {
        uint32_t offset = (data[0] | (uint32_t)data[1] << 8) * 4 % DISK_BYTES;
        size_t bytes = data[2] < size - PIECE_BYTES ? data[2] : size - PIECE_BYTES;

        if (bytes > DISK_BYTES - offset) {
            bytes = DISK_BYTES - offset;
        }
        memcpy(disk + offset, data + PIECE_BYTES, bytes);
        data += PIECE_BYTES + bytes;
        size -= PIECE_BYTES + bytes;
    }
    file_system_fuzz(&ext2_files, disk, sizeof(disk));
    return 0;
}
