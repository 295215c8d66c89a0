/* Pools: memory for kernel objects of one size, at most a page, such as nodes and buffers. A pool
 * grows by page frames and keeps them. Only processes come here. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct pool {
    uint32_t object_bytes; /* 4..PAGE_SIZE */
    void *free;            /* first free object, which begins with the address of the next one */
    uint32_t used;         /* objects given out */
};

/* An object filled with zeros; NULL: no memory. */
void *pool_take(struct pool *pool);

/* Nobody uses `object` any more. */
void pool_give(struct pool *pool, void *object);
