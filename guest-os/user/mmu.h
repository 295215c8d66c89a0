/* Which way of memory management the kernel was started with. SPDX-License-Identifier: MIT */
#pragma once

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Pages, as on every Linux; false: mmu=base-bound, one area with base and bound. */
static inline bool mmu_has_pages(void)
{
    char text[512] = "";
    int fd = open("/proc/self/maps", O_RDONLY);
    int bytes = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

    close(fd);
    return bytes <= 0 || strstr(text, "[area]") == NULL;
}
