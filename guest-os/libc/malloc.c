/* malloc over brk: one list of blocks in the order of their addresses, first fit, neighbours that
 * are free become one. Simple and slow for many blocks. SPDX-License-Identifier: MIT */
#include "libc/include/errno.h"
#include "libc/include/stdlib.h"
#include "libc/include/unistd.h"

#include <stdbool.h>

#define ALIGNMENT 16u
#define MOST      0x40000000u

struct block {
    struct block *next; /* the following block in memory, NULL for the last */
    size_t bytes;       /* after this header, a multiple of ALIGNMENT */
    bool is_free;
    uint32_t padding; /* makes the header ALIGNMENT bytes long */
};

static struct block *first, *last;

void *sbrk(int32_t bytes)
{
    uint32_t old = brk_raw(0);
    uint32_t wanted = old + (uint32_t)bytes;

    if (brk_raw(wanted) != wanted) {
        errno = ENOMEM;
        return (void *)-1;
    }
    return (void *)old;
}

/* A new block at the end of the heap; NULL without memory. */
static struct block *extend(size_t bytes)
{
    uint32_t end = brk_raw(0);
    uint32_t skip = -end % ALIGNMENT;
    char *place = sbrk((int32_t)(skip + sizeof(struct block) + bytes));
    struct block *block = (struct block *)(place + skip);

    if (place == (void *)-1) {
        return NULL;
    }
    *block = (struct block){.bytes = bytes};
    if (first == NULL) {
        first = block;
    } else {
        last->next = block;
    }
    last = block;
    return block;
}

/* Cut what `bytes` does not need off a block, if a block fits there. */
static void split(struct block *block, size_t bytes)
{
    struct block *rest = (struct block *)((char *)(block + 1) + bytes);

    if (block->bytes < bytes + sizeof(struct block) + ALIGNMENT) {
        return;
    }
    *rest = (struct block){block->next, block->bytes - bytes - sizeof(struct block), true, 0};
    block->next = rest;
    block->bytes = bytes;
    last = last == block ? rest : last;
}

void *malloc(size_t bytes)
{
    struct block *block;

    if (bytes > MOST) {
        errno = ENOMEM;
        return NULL;
    }
    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    for (block = first; block != NULL; block = block->next) {
        if (block->is_free && block->bytes >= bytes) {
            split(block, bytes);
            block->is_free = false;
            return block + 1;
        }
    }
    block = extend(bytes);
    return block == NULL ? NULL : block + 1;
}

void *calloc(size_t count, size_t bytes)
{
    void *memory = bytes != 0 && count > MOST / bytes ? NULL : malloc(count * bytes);

    return memory == NULL ? NULL : memset(memory, 0, count * bytes);
}

static bool is_neighbour(const struct block *block)
{
    return (const char *)(block + 1) + block->bytes == (const char *)block->next;
}

void free(void *memory)
{
    if (memory == NULL) {
        return;
    }
    ((struct block *)memory - 1)->is_free = true;
    for (struct block *block = first; block != NULL; block = block->next) {
        while (block->is_free && block->next != NULL && block->next->is_free &&
               is_neighbour(block)) {
            last = last == block->next ? block : last;
            block->bytes += sizeof(struct block) + block->next->bytes;
            block->next = block->next->next;
        }
    }
}

void *realloc(void *memory, size_t bytes)
{
    size_t had = memory == NULL ? 0 : ((struct block *)memory - 1)->bytes;
    void *other;

    if (memory != NULL && bytes <= had) {
        return memory;
    }
    other = malloc(bytes);
    if (other != NULL && memory != NULL) {
        memcpy(other, memory, had);
        free(memory);
    }
    return other;
}
