/* Many small objects of one size, in page frames: the kernel's heap. A frame that holds none any
 * more is given back. Not for interrupt handlers. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct pool_page;

struct pool {
    uint32_t bytes;         /* of an object: 8..PAGE_SIZE / 2, a multiple of 4 */
    struct pool_page *open; /* frames with room, a ring; NULL: none */
};

/* An object of zeros; NULL: no memory. */
void *pool_take(struct pool *pool);
void pool_give(struct pool *pool, void *object);
