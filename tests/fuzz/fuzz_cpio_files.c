/* The guest kernel's file system on archives: any bytes may be on the disk.
 * SPDX-License-Identifier: MIT */
#include "kernel/file_system_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    file_system_fuzz(&cpio_files, data, size);
    return 0;
}
