/* Objects of one size in page frames. Each frame begins with its own account; free objects are
 * threaded through themselves. SPDX-License-Identifier: MIT */
#include "support/pool.h"

#include "common/text.h"
#include "heart/memory.h"

struct pool_page {
    struct pool_page *next, *previous; /* of those with room */
    void **free;                       /* first object given back; NULL: none */
    uint32_t fresh;                    /* offset of what was never given out */
    uint32_t used;                     /* objects */
};

static struct pool *first_pool;

struct pool *pool_first(void)
{
    return first_pool;
}

uint32_t pool_per_page(const struct pool *pool)
{
    return (PAGE_SIZE - sizeof(struct pool_page)) / pool->bytes;
}

static bool is_full(const struct pool *pool, const struct pool_page *page)
{
    return page->free == NULL && page->fresh + pool->bytes > PAGE_SIZE;
}

static void link_in(struct pool *pool, struct pool_page *page)
{
    struct pool_page *first = pool->open != NULL ? pool->open : page;

    page->next = first;
    page->previous = pool->open != NULL ? first->previous : page;
    page->previous->next = page;
    first->previous = page;
    pool->open = first;
}

static void link_out(struct pool *pool, struct pool_page *page)
{
    page->previous->next = page->next;
    page->next->previous = page->previous;
    pool->open = page->next == page ? NULL : page->next;
}

void *pool_take(struct pool *pool)
{
    struct pool_page *page = pool->open;
    void *object;

    if (page == NULL) {
        uint32_t frame = frame_allocate();

        if (frame == 0) {
            return NULL;
        }
        page = physical_to_pointer(frame);
        page->fresh = sizeof(*page);
        link_in(pool, page);
        pool->pages++;
        if (!pool->is_listed) {
            pool->is_listed = true;
            pool->next = first_pool;
            first_pool = pool;
        }
    }
    if (page->free != NULL) {
        object = page->free;
        page->free = *(void **)object;
    } else {
        object = (uint8_t *)page + page->fresh;
        page->fresh += pool->bytes;
    }
    page->used++;
    pool->used++;
    if (is_full(pool, page)) {
        link_out(pool, page);
    }
    return memset(object, 0, pool->bytes);
}

void pool_give(struct pool *pool, void *object)
{
    struct pool_page *page = (struct pool_page *)page_down((uint32_t)object);

    if (is_full(pool, page)) {
        link_in(pool, page);
    }
    *(void **)object = page->free;
    page->free = object;
    page->used--;
    pool->used--;
    if (page->used == 0 && page->next != page) { /* the last one stays: it is soon wanted again */
        link_out(pool, page);
        pool->pages--;
        frame_release((uint32_t)page - KERNEL_BASE);
    }
}
