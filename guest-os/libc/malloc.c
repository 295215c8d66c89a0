/* malloc over brk. Memory is a row of blocks, each with a header that knows its own size and that
 * of the block before it, so a freed block joins its free neighbours at once. Free blocks are in
 * lists by the size of their powers of two, so a fitting one is found without looking at all. See:
 * Knuth, The Art of Computer Programming, 2.5. SPDX-License-Identifier: MIT */
#include "libc/include/errno.h"
#include "libc/include/stdlib.h"
#include "libc/include/unistd.h"

#include <stdbool.h>

#define ALIGNMENT 16u
#define MOST      0x40000000u
#define LISTS     32

struct block {
    uint32_t before; /* bytes of the block before this one; 0: none, or not adjacent */
    uint32_t bytes;  /* after this header, a multiple of ALIGNMENT */
    bool is_free;
    bool is_last;     /* no block follows directly */
    uint32_t padding; /* makes the header ALIGNMENT bytes long */
};

/* What a free block has behind its header. */
struct links {
    struct block *next, *previous; /* in its list */
};

static struct block *lists[LISTS]; /* [i]: free blocks of 2^i .. 2^(i+1)-1 bytes */
static struct block *top;          /* the one with the highest address */

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

/* ---- lists ---- */

static int list_of(uint32_t bytes)
{
    return 31 - __builtin_clz(bytes);
}

static struct links *links_of(struct block *block)
{
    return (struct links *)(block + 1);
}

static void list_add(struct block *block)
{
    struct block **list = &lists[list_of(block->bytes)];

    block->is_free = true;
    *links_of(block) = (struct links){*list, NULL};
    if (*list != NULL) {
        links_of(*list)->previous = block;
    }
    *list = block;
}

static void list_remove(struct block *block)
{
    const struct links *links = links_of(block);

    block->is_free = false;
    if (links->previous != NULL) {
        links_of(links->previous)->next = links->next;
    } else {
        lists[list_of(block->bytes)] = links->next;
    }
    if (links->next != NULL) {
        links_of(links->next)->previous = links->previous;
    }
}

/* ---- neighbours ---- */

static struct block *following(struct block *block)
{
    return block->is_last ? NULL : (struct block *)((char *)(block + 1) + block->bytes);
}

static struct block *preceding(struct block *block)
{
    return block->before == 0 ? NULL : (struct block *)((char *)block - block->before) - 1;
}

/* Make a block larger by the one that follows it, which is in no list. */
static void join(struct block *block, struct block *next)
{
    block->bytes += (uint32_t)sizeof(*next) + next->bytes;
    block->is_last = next->is_last;
    if (following(block) != NULL) {
        following(block)->before = block->bytes;
    }
    top = top == next ? block : top;
}

/* Cut what `bytes` does not need off a block, if a block fits there. */
static void split(struct block *block, uint32_t bytes)
{
    struct block *rest = (struct block *)((char *)(block + 1) + bytes), *next;

    if (block->bytes < bytes + sizeof(*block) + ALIGNMENT) {
        return;
    }
    *rest = (struct block){.before = bytes,
                           .bytes = block->bytes - bytes - (uint32_t)sizeof(*block),
                           .is_last = block->is_last};
    block->bytes = bytes;
    block->is_last = false;
    top = top == block ? rest : top;
    next = following(rest);
    if (next != NULL) {
        next->before = rest->bytes;
        if (next->is_free) {
            list_remove(next);
            join(rest, next);
        }
    }
    list_add(rest);
}

/* ---- the end of the heap ---- */

/* Make the last block larger, if nobody else has moved the end of the heap. */
static bool extend_top(uint32_t bytes)
{
    if (top == NULL || (char *)(top + 1) + top->bytes != (char *)brk_raw(0)) {
        return false;
    }
    if (sbrk((int32_t)(bytes - top->bytes)) == (void *)-1) {
        return false;
    }
    top->bytes = bytes;
    return true;
}

/* A new block at the end of the heap; NULL without memory. */
static struct block *extend(uint32_t bytes)
{
    uint32_t end = brk_raw(0), skip = -end % ALIGNMENT;
    bool adjacent = top != NULL && (uint32_t)(top + 1) + top->bytes == end;
    struct block *block;

    if (top != NULL && top->is_free) {
        block = top;
        list_remove(block);
        if (extend_top(bytes)) {
            return block;
        }
        list_add(block);
    }
    if (sbrk((int32_t)(skip + sizeof(*block) + bytes)) == (void *)-1) {
        return NULL;
    }
    block = (struct block *)(end + skip);
    *block = (struct block){.before = adjacent ? top->bytes : 0, .bytes = bytes, .is_last = true};
    if (adjacent) {
        top->is_last = false;
    }
    top = block;
    return block;
}

static struct block *find_free(uint32_t bytes)
{
    for (int list = list_of(bytes); list < LISTS; list++) {
        for (struct block *block = lists[list]; block != NULL; block = links_of(block)->next) {
            if (block->bytes >= bytes) {
                list_remove(block);
                return block;
            }
        }
    }
    return NULL;
}

/* ---- what programs call ---- */

static uint32_t rounded(size_t bytes)
{
    return bytes == 0 ? ALIGNMENT : ((uint32_t)bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

void *malloc(size_t bytes)
{
    struct block *block;

    if (bytes > MOST) {
        errno = ENOMEM;
        return NULL;
    }
    block = find_free(rounded(bytes));
    if (block == NULL) {
        block = extend(rounded(bytes));
    }
    if (block == NULL) {
        return NULL;
    }
    split(block, rounded(bytes));
    return block + 1;
}

void *calloc(size_t count, size_t bytes)
{
    void *memory = bytes != 0 && count > MOST / bytes ? NULL : malloc(count * bytes);

    return memory == NULL ? NULL : memset(memory, 0, count * bytes);
}

void free(void *memory)
{
    struct block *block = (struct block *)memory - 1, *neighbour;

    if (memory == NULL) {
        return;
    }
    neighbour = following(block);
    if (neighbour != NULL && neighbour->is_free) {
        list_remove(neighbour);
        join(block, neighbour);
    }
    neighbour = preceding(block);
    if (neighbour != NULL && neighbour->is_free) {
        list_remove(neighbour);
        join(neighbour, block);
        block = neighbour;
    }
    list_add(block);
}

/* Can the block grow where it is? */
static bool grow_in_place(struct block *block, uint32_t bytes)
{
    struct block *next = following(block);

    if (next != NULL && next->is_free && block->bytes + sizeof(*next) + next->bytes >= bytes) {
        list_remove(next);
        join(block, next);
    }
    return block->bytes >= bytes || (block == top && extend_top(bytes));
}

void *realloc(void *memory, size_t bytes)
{
    struct block *block = (struct block *)memory - 1;
    void *other;

    if (memory == NULL) {
        return malloc(bytes);
    }
    if (bytes <= MOST && grow_in_place(block, rounded(bytes))) {
        split(block, rounded(bytes));
        return memory;
    }
    other = malloc(bytes);
    if (other != NULL) {
        memcpy(other, memory, block->bytes < bytes ? block->bytes : bytes);
        free(memory);
    }
    return other;
}
