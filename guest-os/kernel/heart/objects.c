/* Memory for the kernel's own objects, smaller than a page. Each page holds objects of one size;
 * its first words say which are free. A page whose objects are all free goes back to the frames, so
 * nothing is kept from programs. Interrupts may be on: only processes come here.
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/memory.h"
#include "support/log.h"

struct free_object {
    struct free_object *next; /* in the same page */
};

struct object_page {
    struct object_page *next;     /* of this size, with a free object */
    struct object_page *previous; /* likewise */
    struct free_object *first;    /* the free ones */
    uint16_t bytes;               /* of one object */
    uint16_t used;                /* how many are not free */
};

#define SIZES     6
#define PAGE_ROOM (PAGE_SIZE - sizeof(struct object_page))

/* So many objects of this size fill a page. */
static const uint16_t sizes[SIZES] = {
    PAGE_ROOM / 60 & ~7u, PAGE_ROOM / 16 & ~7u, PAGE_ROOM / 8 & ~7u,
    PAGE_ROOM / 3 & ~7u,  PAGE_ROOM / 2 & ~7u,  PAGE_ROOM & ~7u,
};
static struct object_page *pages_of[SIZES]; /* those with a free object */

static struct object_page *page_of(void *object)
{
    return (struct object_page *)page_down((uint32_t)object);
}

static void link_page(struct object_page *page, struct object_page **list)
{
    page->next = *list;
    page->previous = NULL;
    if (*list != NULL) {
        (*list)->previous = page;
    }
    *list = page;
}

static void unlink_page(struct object_page *page, struct object_page **list)
{
    if (page->previous != NULL) {
        page->previous->next = page->next;
    } else {
        *list = page->next;
    }
    if (page->next != NULL) {
        page->next->previous = page->previous;
    }
}

static struct object_page *make_page(uint32_t bytes)
{
    uint32_t frame = frame_allocate();
    struct object_page *page = physical_to_pointer(frame);

    if (frame == 0) {
        return NULL;
    }
    page->bytes = (uint16_t)bytes;
    for (uint32_t at = sizeof(*page); at + bytes <= PAGE_SIZE; at += bytes) {
        struct free_object *object = (struct free_object *)((uint8_t *)page + at);

        object->next = page->first;
        page->first = object;
    }
    return page;
}

void *object_allocate(uint32_t bytes)
{
    uint32_t size = 0;
    struct object_page *page;
    struct free_object *object;

    while (size < SIZES && sizes[size] < bytes) {
        size++;
    }
    if (size == SIZES) {
        panic("an object of %u bytes does not fit in a page", bytes);
    }
    page = pages_of[size];
    if (page == NULL) {
        page = make_page(sizes[size]);
        if (page == NULL) {
            return NULL;
        }
        link_page(page, &pages_of[size]);
    }
    object = page->first;
    page->first = object->next;
    page->used++;
    if (page->first == NULL) {
        unlink_page(page, &pages_of[size]);
    }
    memset(object, 0, page->bytes);
    return object;
}

void object_free(void *object)
{
    struct object_page *page = page_of(object);
    struct free_object *freed = object;
    uint32_t size = 0;

    while (sizes[size] != page->bytes) {
        size++;
    }
    if (page->first == NULL) {
        link_page(page, &pages_of[size]);
    }
    freed->next = page->first;
    page->first = freed;
    page->used--;
    if (page->used == 0) {
        unlink_page(page, &pages_of[size]);
        frame_release((uint32_t)page - KERNEL_BASE);
    }
}
