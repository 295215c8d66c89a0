/* Pools. Free objects are threaded on a list, as free page frames are.
 * SPDX-License-Identifier: MIT */
#include "support/pool.h"

#include "common/text.h"
#include "heart/memory.h"

static void put_on_list(struct pool *pool, void *object)
{
    *(void **)object = pool->free;
    pool->free = object;
}

void *pool_take(struct pool *pool)
{
    void *object;

    if (pool->free == NULL) {
        uint32_t frame = frame_allocate();
        uint8_t *memory = physical_to_pointer(frame);

        if (frame == 0) {
            return NULL;
        }
        for (uint32_t at = 0; at + pool->object_bytes <= PAGE_SIZE; at += pool->object_bytes) {
            put_on_list(pool, memory + at);
        }
    }
    object = pool->free;
    pool->free = *(void **)object;
    pool->used++;
    memset(object, 0, pool->object_bytes);
    return object;
}

void pool_give(struct pool *pool, void *object)
{
    put_on_list(pool, object);
    pool->used--;
}
