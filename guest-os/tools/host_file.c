/* Reading a file of the host as a whole. SPDX-License-Identifier: MIT */
#include "guest-os/tools/host_file.h"

#include <stdio.h>
#include <stdlib.h>

#define STEP 65536 /* bytes */

struct host_file host_file_read(const char *path)
{
    struct host_file file = {NULL, 0};
    FILE *stream = fopen(path, "rb");
    size_t room = 0;

    if (stream == NULL) {
        return file;
    }
    do {
        char *larger = realloc(file.data, room + STEP + 1);

        if (larger == NULL) {
            free(file.data);
            file.data = NULL;
            break;
        }
        file.data = larger;
        room += STEP;
        file.bytes += fread(file.data + file.bytes, 1, room - file.bytes, stream);
        file.data[file.bytes] = '\0';
    } while (file.bytes == room);
    fclose(stream);
    return file;
}
