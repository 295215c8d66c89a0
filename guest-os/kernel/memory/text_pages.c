/* Pages of files that several processes may have at once, found by file and offset: code, which no
 * process can write to, and shared mappings. The cache is one of their users, so who gets the right
 * to write to a private one (mprotect) makes a copy. What is written to the file is written here,
 * and readers of the file get what is here: a shared mapping and the file are always the same. A
 * file that nobody uses any more has no pages here; when memory is short those that only the cache
 * has are given back. Only processes come here, and nothing here sleeps.
 * SPDX-License-Identifier: MIT */
#include "memory/text_pages.h"

#include "common/text.h"
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

static uint32_t find(const struct node *node, uint32_t offset)
{
    for (struct text_page *page = *list_of(node, offset); page != NULL; page = page->next) {
        if (page->node == node && page->offset == offset) {
            return page->frame;
        }
    }
    return 0;
}

uint32_t text_page_find(const struct node *node, uint32_t offset)
{
    uint32_t frame = find(node, offset);

    if (frame != 0) {
        frame_share(frame);
    }
    return frame;
}

void text_pages_copy(const struct node *node, uint64_t offset, void *data, uint32_t bytes,
                     bool to_pages)
{
    for (uint32_t done = 0, part; done < bytes && page_count > 0; done += part) {
        uint64_t at = offset + done;
        uint32_t into = (uint32_t)at % PAGE_SIZE;
        uint32_t frame = at > UINT32_MAX ? 0 : find(node, (uint32_t)at - into);
        uint8_t *inside = (uint8_t *)physical_to_pointer(frame) + into;
        uint8_t *outside = (uint8_t *)data + done;

        part = bytes - done < PAGE_SIZE - into ? bytes - done : PAGE_SIZE - into;
        if (frame != 0 && inside != outside) {
            memcpy(to_pages ? inside : outside, to_pages ? outside : inside, part);
        }
    }
}

bool text_page_keep(const struct node *node, uint32_t offset, uint32_t frame)
{
    struct text_page **list = list_of(node, offset);
    struct text_page *page = pool_take(&pages);

    if (page == NULL) {
        return false;
    }
    *page = (struct text_page){*list, node, offset, frame};
    *list = page;
    frame_share(frame);
    page_count++;
    return true;
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
