/* Pages of programs that several processes may have at once: whole pages of files that no process
 * can write to, found by file and offset. The cache is one of their users, so a writer (after
 * mprotect) makes a copy. A file that is written, or that nobody uses any more, has no pages here;
 * when memory is short those that only the cache has are given back. Only processes come here, and
 * nothing here sleeps. SPDX-License-Identifier: MIT */
#include "memory/text_pages.h"

#include "support/pool.h"

#define LISTS 128u

struct text_page {
    struct text_page *next;  /* in the same list */
    const struct node *node; /* whose */
    uint32_t offset;         /* in the file, a multiple of PAGE_SIZE */
    uint32_t frame;          /* physical address; the cache counts as a user */
};

static struct pool pages = {.name = "text_page", .bytes = sizeof(struct text_page)};
static struct text_page *lists[LISTS];
static uint32_t page_count;

static struct text_page **list_of(const struct node *node, uint32_t offset)
{
    return &lists[((uint32_t)node / 16 + offset / PAGE_SIZE) % LISTS];
}

uint32_t text_page_find(const struct node *node, uint32_t offset)
{
    for (struct text_page *page = *list_of(node, offset); page != NULL; page = page->next) {
        if (page->node == node && page->offset == offset) {
            frame_share(page->frame);
            return page->frame;
        }
    }
    return 0;
}

void text_page_keep(const struct node *node, uint32_t offset, uint32_t frame)
{
    struct text_page **list = list_of(node, offset);
    struct text_page *page = pool_take(&pages);

    if (page == NULL) {
        return;
    }
    *page = (struct text_page){*list, node, offset, frame};
    *list = page;
    frame_share(frame);
    page_count++;
}

/* Give back those of `node`, or (NULL) those that nobody else uses, up to `most`; how many. */
static uint32_t drop(const struct node *node, uint32_t most)
{
    uint32_t dropped = 0;

    for (uint32_t i = 0; i < LISTS && dropped < most && page_count > 0; i++) {
        for (struct text_page **at = &lists[i]; *at != NULL && dropped < most;) {
            struct text_page *page = *at;

            if (node != NULL ? page->node != node : frame_users(page->frame) > 1) {
                at = &page->next;
                continue;
            }
            *at = page->next;
            frame_release(page->frame);
            pool_give(&pages, page);
            page_count--;
            dropped++;
        }
    }
    return dropped;
}

void text_pages_forget(const struct node *node)
{
    if (page_count > 0) {
        drop(node, UINT32_MAX);
    }
}

uint32_t text_pages_shrink(uint32_t frames)
{
    return drop(NULL, frames);
}
