/* The address space of a process: a list of regions (what memory is for) over page tables (what is
 * there). A page appears when it is first touched. After fork both processes refer to the same
 * frames, read-only; the first write to such a page makes the writer a copy of its own.
 * Interrupts may be on; only processes come here. SPDX-License-Identifier: MIT */
#include "heart/memory.h"

#include "common/text.h"
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
    space->directory = page_directory_create();
    if (space->directory == 0) {
        frame_release(frame);
        return NULL;
    }
    space->users = 1;
    return space;
}

void space_release(struct address_space *space)
{
    space->users--;
    if (space->users == 0) {
        page_directory_destroy(space->directory);
        frame_release((uint32_t)space - KERNEL_BASE);
    }
}

void space_use(const struct address_space *space)
{
    write_cr3(space->directory);
}

/* Let `to` refer to the frames of `region`; false without memory for a page table. */
static bool share_region(struct address_space *from, struct address_space *to,
                         const struct region *region)
{
    for (uint32_t page = region->start; page < region->end; page += PAGE_SIZE) {
        uint32_t *old = page_entry(from->directory, page, false);
        uint32_t *new;

        if (old == NULL || (*old & PAGE_PRESENT) == 0) {
            continue;
        }
        new = page_entry(to->directory, page, true);
        if (new == NULL) {
            return false;
        }
        *old &= ~PAGE_WRITABLE;
        *new = *old;
        frame_share(*old & PAGE_ADDRESS);
    }
    return true;
}

struct address_space *space_copy(struct address_space *from)
{
    struct address_space *to = space_create();
    bool complete = to != NULL;

    for (uint32_t i = 0; complete && i < from->region_count; i++) {
        complete = share_region(from, to, &from->regions[i]);
    }
    space_use(from); /* its pages just became read-only: the TLB must not know better */
    if (!complete) {
        if (to != NULL) {
            space_release(to);
        }
        return NULL;
    }
    to->break_first = from->break_first;
    to->break_now = from->break_now;
    to->region_count = from->region_count;
    memcpy(to->regions, from->regions, sizeof(to->regions));
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

int32_t space_add_region(struct address_space *space, uint32_t start, uint32_t end, uint32_t flags)
{
    if (start < FIRST_USER_PAGE || end > KERNEL_BASE || start > end || start % PAGE_SIZE != 0 ||
        end % PAGE_SIZE != 0 || !is_free(space, start, end, NULL)) {
        return -EINVAL;
    }
    if (space->region_count == REGION_LIMIT) {
        return -ENOMEM;
    }
    space->regions[space->region_count++] = (struct region){start, end, flags};
    return 0;
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
        if ((region->flags & REGION_GROWS) && address >= region->end - STACK_LIMIT &&
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

enum fault_result space_fault(struct address_space *space, uint32_t address, bool write)
{
    struct region *region = find_region(space, address);
    uint32_t *entry;

    if (region == NULL) {
        return FAULT_NO_PLACE;
    }
    if ((region->flags & REGION_NONE) || (write && (region->flags & REGION_WRITE) == 0)) {
        return FAULT_DENIED;
    }
    entry = page_entry(space->directory, address, true);
    if (entry == NULL) {
        return FAULT_NO_MEMORY;
    }
    if ((*entry & PAGE_PRESENT) == 0) {
        uint32_t frame = frame_allocate();

        if (frame == 0) {
            return FAULT_NO_MEMORY;
        }
        *entry = frame | PAGE_PRESENT | PAGE_USER;
        *entry |= region->flags & REGION_WRITE ? PAGE_WRITABLE : 0;
    } else if (write && (*entry & PAGE_WRITABLE) == 0 && !copy_on_write(entry)) {
        return FAULT_NO_MEMORY;
    }
    flush_page(address);
    return FAULT_MENDED;
}

int32_t space_write(struct address_space *space, uint32_t to, const void *from, uint32_t bytes)
{
    const uint8_t *source = from;

    while (bytes > 0) {
        uint32_t offset = to % PAGE_SIZE;
        uint32_t part = bytes < PAGE_SIZE - offset ? bytes : PAGE_SIZE - offset;
        struct region *region = find_region(space, to);
        uint32_t *entry;

        if (region == NULL) {
            return -EFAULT;
        }
        if (space_fault(space, to, (region->flags & REGION_WRITE) != 0) != FAULT_MENDED) {
            return -ENOMEM;
        }
        entry = page_entry(space->directory, to, false);
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
    for (uint32_t page = start; page < end; page += PAGE_SIZE) {
        uint32_t *entry = page_entry(space->directory, page, false);

        if (entry != NULL && (*entry & PAGE_PRESENT)) {
            frame_release(*entry & PAGE_ADDRESS);
            *entry = 0;
            flush_page(page);
        }
    }
}

uint32_t space_set_break(struct address_space *space, uint32_t end)
{
    struct region *heap = NULL;

    for (uint32_t i = 0; i < space->region_count; i++) {
        if (space->regions[i].flags & REGION_HEAP) {
            heap = &space->regions[i];
        }
    }
    if (heap == NULL || end < space->break_first || end > STACK_TOP - STACK_LIMIT ||
        !is_free(space, heap->start, page_up(end), heap)) {
        return space->break_now;
    }
    space_unmap_pages(space, page_up(end), heap->end);
    heap->end = page_up(end);
    space->break_now = end;
    return end;
}
