/* mmap and the scheduler's calls, as far as they need more than their stub.
 * SPDX-License-Identifier: MIT */
#include "libc/include/errno.h"
#include "libc/include/sys/mman.h"
#include "libc/include/unistd.h"

#define PAGE_BYTES 4096

void *mmap(void *wish, size_t bytes, uint32_t access, uint32_t flags, int fd, uint32_t place)
{
    return (void *)mmap_raw(wish, bytes, access, flags, fd, place / PAGE_BYTES);
}

/* getpriority(2) of the kernel counts from 1 to 40, so that a result is never negative. */
int getpriority(uint32_t kind, uint32_t id)
{
    int result = getpriority_raw(kind, id);

    return result < 0 ? result : 20 - result;
}

int nice(int by)
{
    return nice_raw(by) < 0 ? -1 : getpriority(0, 0);
}
