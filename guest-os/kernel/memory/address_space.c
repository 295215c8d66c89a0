/* The address space of a process: a list of regions (what memory is for) over page tables (what is
 * there). A page appears when it is first touched: zeros, or read from a file. After fork both
 * processes refer to the same frames, read-only; the first write to such a page makes the writer a
 * copy of its own.
 * Interrupts may be on; only processes come here. SPDX-License-Identifier: MIT */
#include "heart/memory.h"

#include "common/text.h"
#include "files/node.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "include/abi.h"
#include "memory/text_pages.h"

#define TABLE_SPAN 0x400000u /* addresses that one page table is for */

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
    for (uint32_t page = region->start; page < region->end; page += PAGE_SIZE) {
        uint32_t *old = page_entry(from->directory, page, false);
        uint32_t *new;

        if (old == NULL) { /* no table: on to the end of what it would be for */
            page |= TABLE_SPAN - PAGE_SIZE;
            continue;
        }
        if ((*old & PAGE_PRESENT) == 0) {
            continue;
        }
        new = page_entry(to->directory, page, true);
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

/* Is start..end free of regions other than `except`? */
static bool is_free(const struct address_space *space, uint32_t start, uint32_t end,
                    const struct region *except)
{
    for (uint32_t i = 0; i < space->region_count; i++) {
        const struct region *region = &space->regions[i];

        if (region != except && start < region->end && region->start < end) {
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
        region->end % PAGE_SIZE != 0 || !is_free(space, region->start, region->end, NULL)) {
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

static uint32_t stack_limit(void)
{
    uint32_t limit = current->leader->together.limits[RLIMIT_STACK].rlim_cur;

    return limit < STACK_LIMIT ? page_up(limit) : STACK_LIMIT;
}

/* The region of `address`; a stack close above it grows down to it. */
static struct region *find_region(struct address_space *space, uint32_t address)
{
    for (uint32_t i = 0; i < space->region_count; i++) {
        struct region *region = &space->regions[i];

        if (address >= region->end) {
            continue;
        }
        if (address >= region->start) {
            return region;
        }
        if ((region->flags & REGION_GROWS) && address >= region->end - stack_limit() &&
            is_free(space, page_down(address), region->start, NULL)) {
            region->start = page_down(address);
            return region;
        }
    }
    return NULL;
}

/* A write to a present but read-only page of a writable region: copy it, unless nobody else has it.
 */
static bool copy_on_write(uint32_t *entry)
{
    uint32_t old = *entry & PAGE_ADDRESS;

    if (frame_users(old) > 1) {
        uint32_t new = frame_allocate();

        if (new == 0) {
            return false;
        }
        memcpy(physical_to_pointer(new), physical_to_pointer(old), PAGE_SIZE);
        frame_release(old);
        *entry = new | (*entry & ~PAGE_ADDRESS);
    }
    *entry |= PAGE_WRITABLE;
    return true;
}

/* Fill a frame from the region's file. Nothing of the region may be used afterwards: while the disk
 * is read another thread may have changed the regions. */
static enum fault_result read_page(const struct region *region, uint32_t page, uint32_t frame)
{
    uint32_t bytes = region->file_end - page < PAGE_SIZE ? region->file_end - page : PAGE_SIZE;
    struct node *node = node_get(region->node);
    int32_t result =
        node_read(node, region->offset + (page - region->start), physical_to_pointer(frame), bytes);

    node_put(node);
    return result > 0 ? FAULT_MENDED : FAULT_NO_DATA;
}

/* Is this page the same for all who map it? If it is shared; or lies in the file as a whole, and
 * nobody may write to it. */
static bool is_common_page(const struct region *region, uint32_t page)
{
    return (region->flags & REGION_SHARED) ||
           ((region->flags & REGION_WRITE) == 0 && region->file_end - page >= PAGE_SIZE &&
            region->offset % PAGE_SIZE == 0 &&
            region->offset + (page - region->start) + PAGE_SIZE <= region->node->size);
}

/* The frame in which the page of a file has been read is the one for all, unless somebody was
 * faster; then it is that. 0: no memory. */
static uint32_t make_common(const struct region *region, uint32_t offset, uint32_t frame)
{
    uint32_t first = text_page_find(region->node, offset);

    if (first == 0 &&
        (text_page_keep(region->node, offset, frame) || (region->flags & REGION_SHARED) == 0)) {
        return frame;
    }
    frame_release(frame);
    return first;
}

/* A page that is not there yet. */
static enum fault_result bring_in(struct address_space *space, const struct region *region,
                                  uint32_t page)
{
    uint32_t flags = PAGE_PRESENT | PAGE_USER | (region->flags & REGION_WRITE ? PAGE_WRITABLE : 0);
    bool is_read = region->node != NULL && page < region->file_end;
    uint32_t offset = region->offset + (page - region->start);
    bool is_common = is_read && is_common_page(region, page);
    uint32_t frame = is_common ? text_page_find(region->node, offset) : 0;
    uint32_t *entry;

    if (frame != 0) {
        is_read = is_common = false;
    } else {
        frame = frame_allocate();
    }

    if (frame == 0) {
        return FAULT_NO_MEMORY;
    }
    if (is_read) {
        struct node *node = region->node;
        enum fault_result result = read_page(region, page, frame);

        region = find_region(space, page);
        if (result != FAULT_MENDED || region == NULL || region->node != node) {
            frame_release(frame);
            return result; /* with other regions the access is tried again */
        }
        if (is_common && is_common_page(region, page)) {
            frame = make_common(region, offset, frame);
        }
        if (frame == 0) {
            return FAULT_NO_MEMORY;
        }
    }
    entry = page_entry(space->directory, page, true);
    if (entry == NULL || (*entry & PAGE_PRESENT)) { /* another thread was faster */
        frame_release(frame);
        return entry == NULL ? FAULT_NO_MEMORY : FAULT_MENDED;
    }
    *entry = frame | flags;
    return FAULT_MENDED;
}

enum fault_result space_fault(struct address_space *space, uint32_t address, bool write)
{
    struct region *region = find_region(space, address);
    enum fault_result result = FAULT_MENDED;
    uint32_t *entry;

    if (region == NULL || base_bound) {
        return FAULT_NO_PLACE;
    }
    if ((region->flags & REGION_NONE) || (write && (region->flags & REGION_WRITE) == 0)) {
        return FAULT_DENIED;
    }
    entry = page_entry(space->directory, address, false);
    if (entry == NULL || (*entry & PAGE_PRESENT) == 0) {
        result = bring_in(space, region, page_down(address));
    } else if (write && (region->flags & REGION_SHARED)) {
        *entry |= PAGE_WRITABLE;
    } else if (write && (*entry & PAGE_WRITABLE) == 0 && !copy_on_write(entry)) {
        result = FAULT_NO_MEMORY;
    }
    flush_page(address);
    return result;
}

int32_t space_write(struct address_space *space, uint32_t to, const void *from, uint32_t bytes)
{
    const uint8_t *source = from;

    if (base_bound) {
        void *target = area_pointer(space, to, bytes);

        return target == NULL ? -EFAULT : (memcpy(target, from, bytes), 0);
    }
    while (bytes > 0) {
        uint32_t offset = to % PAGE_SIZE;
        uint32_t part = bytes < PAGE_SIZE - offset ? bytes : PAGE_SIZE - offset;
        struct region *region = find_region(space, to);
        uint32_t *entry;

        if (region == NULL || (region->flags & REGION_WRITE) == 0) {
            return -EFAULT; /* a page that is only read may be other processes', too */
        }
        if (space_fault(space, to, true) != FAULT_MENDED) {
            return -ENOMEM;
        }
        entry = page_entry(space->directory, to, false);
        if (entry == NULL ||
            (*entry & (PAGE_PRESENT | PAGE_WRITABLE)) != (PAGE_PRESENT | PAGE_WRITABLE)) {
            return -EFAULT; /* another thread gave it up meanwhile */
        }
        *entry |= PAGE_DIRTY;
        memcpy((uint8_t *)physical_to_pointer(*entry & PAGE_ADDRESS) + offset, source, part);
        to += part;
        source += part;
        bytes -= part;
    }
    return 0;
}

int32_t space_read(struct address_space *space, uint32_t from, void *to, uint32_t bytes)
{
    uint8_t *target = to;

    if (base_bound) {
        const void *source = area_pointer(space, from, bytes);

        return source == NULL ? -EFAULT : (memcpy(to, source, bytes), 0);
    }
    while (bytes > 0) {
        uint32_t offset = from % PAGE_SIZE;
        uint32_t part = bytes < PAGE_SIZE - offset ? bytes : PAGE_SIZE - offset;
        uint32_t *entry = from < KERNEL_BASE ? page_entry(space->directory, from, false) : NULL;

        if (entry == NULL || (*entry & PAGE_PRESENT) == 0) {
            return -EFAULT;
        }
        memcpy(target, (uint8_t *)physical_to_pointer(*entry & PAGE_ADDRESS) + offset, part);
        target += part;
        from += part;
        bytes -= part;
    }
    return 0;
}

void space_unmap_pages(struct address_space *space, uint32_t start, uint32_t end)
{
    if (base_bound) { /* who is given this part next finds zeros */
        memset(physical_to_pointer(space->base + start), 0, end > start ? end - start : 0);
        return;
    }
    for (uint32_t page = start; page < end; page += PAGE_SIZE) {
        uint32_t *entry = page_entry(space->directory, page, false);

        if (entry == NULL) {
            page |= TABLE_SPAN - PAGE_SIZE;
        } else if (*entry & PAGE_PRESENT) {
            frame_release(*entry & PAGE_ADDRESS);
            *entry = 0;
            flush_page(page);
        }
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
        !is_free(space, heap->start, page_up(end), heap)) {
        return space->break_now;
    }
    space_unmap_pages(space, page_up(end), heap->end);
    heap->end = page_up(end);
    space->break_now = end;
    return end;
}
