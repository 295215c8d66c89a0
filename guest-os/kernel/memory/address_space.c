/* The address space of a process: a list of regions (what memory is for) over page tables (what is
 * there; see fault.c). After fork both processes refer to the same frames, read-only.
 * Interrupts may be on; only processes come here. SPDX-License-Identifier: MIT */
#include "heart/memory.h"

#include "common/text.h"
#include "files/node.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "include/abi.h"

struct address_space *space_create(void)
{
    uint32_t frame = frame_allocate();
    struct address_space *space = physical_to_pointer(frame);

    if (frame == 0) {
        return NULL;
    }
    space->users = 1;
    if (base_bound) {
        area_register(space);
        return space;
    }
    space->directory = page_directory_create();
    if (space->directory == 0) {
        frame_release(frame);
        return NULL;
    }
    return space;
}

void space_release(struct address_space *space)
{
    space->users--;
    if (space->users == 0) {
        space_sync(space, 0, KERNEL_BASE);
        for (uint32_t i = 0; i < space->region_count; i++) {
            node_put(space->regions[i].node);
        }
        if (base_bound) {
            area_release(space);
        } else {
            page_directory_destroy(space->directory);
        }
        frame_release((uint32_t)space - KERNEL_BASE);
    }
}

void space_use(const struct process *process)
{
    if (base_bound) {
        area_use(process);
    } else {
        write_cr3(process->space->directory);
    }
}

uint32_t space_map_top(const struct address_space *space)
{
    return base_bound ? space->bound : STACK_TOP - STACK_LIMIT;
}

uint32_t space_stack_top(const struct address_space *space)
{
    uint32_t lowest = STACK_TOP;

    for (uint32_t i = 0; base_bound && i < space->region_count; i++) {
        lowest = space->regions[i].start < lowest ? space->regions[i].start : lowest;
    }
    return lowest;
}

/* Let `to` refer to the frames of `region`; false without memory for a page table. */
static bool share_region(struct address_space *from, struct address_space *to,
                         const struct region *region)
{
    uint32_t *old;

    for (uint32_t page = region->start;
         (old = page_next(from->directory, &page, region->end)) != NULL; page += PAGE_SIZE) {
        uint32_t *new = page_entry(to->directory, page, true);

        if (new == NULL) {
            return false;
        }
        if ((region->flags & REGION_SHARED) == 0) {
            *old &= ~PAGE_WRITABLE;
        }
        *new = *old & ~PAGE_DIRTY; /* a shared page of a file is written by who changed it */
        frame_share(*old & PAGE_ADDRESS);
    }
    return true;
}

struct address_space *space_copy(struct address_space *from)
{
    struct address_space *to = space_create();
    bool complete = to != NULL && (!base_bound || area_copy(to, from) == 0);

    for (uint32_t i = 0; complete && !base_bound && i < from->region_count; i++) {
        complete = share_region(from, to, &from->regions[i]);
    }
    space_use(current); /* its pages just became read-only: the TLB must not know better */
    if (!complete) {
        if (to != NULL) {
            space_release(to);
        }
        return NULL;
    }
    to->break_first = from->break_first;
    to->break_now = from->break_now;
    to->arguments = from->arguments;
    to->environment = from->environment;
    to->texts_end = from->texts_end;
    to->auxiliary = from->auxiliary;
    to->region_count = from->region_count;
    memcpy(to->regions, from->regions, sizeof(to->regions));
    for (uint32_t i = 0; i < to->region_count; i++) {
        if (to->regions[i].node != NULL) {
            node_get(to->regions[i].node);
        }
    }
    return to;
}

bool space_is_free(const struct address_space *space, uint32_t start, uint32_t end)
{
    for (uint32_t i = 0; i < space->region_count; i++) {
        if (start < space->regions[i].end && space->regions[i].start < end) {
            return false;
        }
    }
    return true;
}

/* Zeros beside zeros of the same kind are one region. */
static bool extend_neighbour(struct address_space *space, const struct region *added)
{
    const uint32_t special = REGION_GROWS | REGION_HEAP | REGION_SHARED;

    for (uint32_t i = 0; i < space->region_count && added->node == NULL; i++) {
        struct region *region = &space->regions[i];

        if (region->node != NULL || region->flags != added->flags || (region->flags & special)) {
            continue;
        }
        if (region->end == added->start) {
            region->end = added->end;
            return true;
        }
        if (region->start == added->end) {
            region->start = added->start;
            return true;
        }
    }
    return false;
}

/* Base and bound: what the program has mapped must be there from the start. */
static int32_t fill_area(struct address_space *space, const struct region *region)
{
    uint32_t end = region->file_end < region->end ? region->file_end : region->end;
    int32_t result = 0;

    if (region->node != NULL && end > region->start) {
        space->pinned++; /* the disk may be waited for */
        result = node_read(region->node, region->offset,
                           physical_to_pointer(space->base + region->start), end - region->start);
        space->pinned--;
    }
    return result < 0 ? result : 0;
}

/* Is there memory for the region? Only while a program is loaded is its area still being made. */
static bool fits_area(struct address_space *space, const struct region *region)
{
    return !base_bound || region->end <= space->bound ||
           (space != current->space && area_make(space, region->end) == 0);
}

int32_t space_add_file(struct address_space *space, const struct region *region)
{
    if (!fits_area(space, region)) {
        return -ENOMEM;
    }
    if (region->start < FIRST_USER_PAGE || region->end > KERNEL_BASE ||
        region->start > region->end || region->start % PAGE_SIZE != 0 ||
        region->end % PAGE_SIZE != 0 || !space_is_free(space, region->start, region->end)) {
        return -EINVAL;
    }
    if (extend_neighbour(space, region)) {
        return 0;
    }
    if (space->region_count == REGION_LIMIT) {
        return -ENOMEM;
    }
    space->regions[space->region_count++] = *region;
    if (region->node != NULL) {
        node_get(region->node);
    }
    return base_bound ? fill_area(space, region) : 0;
}

int32_t space_add_region(struct address_space *space, uint32_t start, uint32_t end, uint32_t flags)
{
    return space_add_file(space, &(struct region){.start = start, .end = end, .flags = flags});
}

uint32_t space_bytes(const struct address_space *space)
{
    uint32_t bytes = 0;

    for (uint32_t i = 0; i < space->region_count; i++) {
        bytes += space->regions[i].end - space->regions[i].start;
    }
    return bytes;
}

void space_unmap_pages(struct address_space *space, uint32_t start, uint32_t end)
{
    uint32_t *entry;

    if (base_bound) { /* who is given this part next finds zeros */
        memset(physical_to_pointer(space->base + start), 0, end > start ? end - start : 0);
        return;
    }
    for (uint32_t page = start; (entry = page_next(space->directory, &page, end)) != NULL;
         page += PAGE_SIZE) {
        frame_release(*entry & PAGE_ADDRESS);
        *entry = 0;
        flush_page(page);
    }
}

/* Do RLIMIT_DATA (the heap alone here) and RLIMIT_AS let the heap end there? */
static bool allowed_to_grow(const struct address_space *space, uint32_t now, uint32_t end)
{
    const struct rlimit *limits = current->leader->together.limits;

    return end <= now || (end - space->break_first <= limits[RLIMIT_DATA].rlim_cur &&
                          space_bytes(space) + (end - now) <= limits[RLIMIT_AS].rlim_cur);
}

uint32_t space_set_break(struct address_space *space, uint32_t end)
{
    struct region *heap = NULL;

    for (uint32_t i = 0; i < space->region_count; i++) {
        if (space->regions[i].flags & REGION_HEAP) {
            heap = &space->regions[i];
        }
    }
    if (heap == NULL || !allowed_to_grow(space, space->break_now, end) ||
        end < space->break_first || end > space_map_top(space) ||
        !space_is_free(space, heap->end, page_up(end))) {
        return space->break_now;
    }
    space_unmap_pages(space, page_up(end), heap->end);
    heap->end = page_up(end);
    space->break_now = end;
    return end;
}
