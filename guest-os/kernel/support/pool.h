/* Many small objects of one size, in page frames: the kernel's heap. A frame that holds none any
 * more is given back. Not for interrupt handlers. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pool_page;

struct pool {
    const char *name;       /* in /proc/slabinfo */
    uint32_t bytes;         /* of an object: 8..PAGE_SIZE / 2, a multiple of 4 */
    struct pool_page *open; /* frames with room, a ring; NULL: none */
    uint32_t used, pages;   /* objects given out, frames */
    struct pool *next;      /* of all pools, once it was used */
    bool is_listed;         /* in that list */
};

/* An object of zeros; NULL: no memory. */
void *pool_take(struct pool *pool);
void pool_give(struct pool *pool, void *object);
/* The last one that was used for the first time; its `next` are the others. */
struct pool *pool_first(void);
/* How many objects fit into a frame. */
uint32_t pool_per_page(const struct pool *pool);
