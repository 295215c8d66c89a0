/* mmap, munmap and mprotect for memory without a file. Regions are cut where a range begins and
 * ends, so that it consists of whole regions; these are then removed or get other rights.
 * Interrupts are on. See: mmap(2), mprotect(2). SPDX-License-Identifier: MIT */
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/system_call.h"

#define MAP_TOP (STACK_TOP - STACK_LIMIT) /* mappings lie below the stack's reach */

/* Cut the region that has `address` inside into two; false: there is no room for one more. */
static bool cut_at(struct address_space *space, uint32_t address)
{
    for (uint32_t i = 0; i < space->region_count; i++) {
        struct region *region = &space->regions[i];

        if (region->start < address && address < region->end) {
            if (space->region_count == REGION_LIMIT) {
                return false;
            }
            space->regions[space->region_count] = *region;
            if (region->flags & REGION_GROWS) { /* only what is left at the bottom grows */
                space->regions[space->region_count].flags &= ~REGION_GROWS;
            }
            space->regions[space->region_count++].start = address;
            region->end = address;
            region->flags &= ~REGION_HEAP; /* the heap's end goes with the upper part */
            return true;
        }
    }
    return true;
}

static bool cut_out(struct address_space *space, uint32_t start, uint32_t end)
{
    return cut_at(space, start) && cut_at(space, end);
}

static bool is_inside(const struct region *region, uint32_t start, uint32_t end)
{
    return region->start >= start && region->end <= end && region->start < region->end;
}

int32_t space_remove(struct address_space *space, uint32_t start, uint32_t end)
{
    if (!cut_out(space, start, end)) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < space->region_count;) {
        if (is_inside(&space->regions[i], start, end)) {
            space_unmap_pages(space, space->regions[i].start, space->regions[i].end);
            space->regions[i] = space->regions[--space->region_count];
        } else {
            i++;
        }
    }
    return 0;
}

static uint32_t flags_for(uint32_t access)
{
    if ((access & (PROT_READ | PROT_WRITE | PROT_EXEC)) == 0) {
        return REGION_NONE;
    }
    return access & PROT_WRITE ? REGION_WRITE : 0;
}

/* Whole pages in the program's half? *end is set. */
static bool is_range(uint32_t start, uint32_t bytes, uint32_t *end)
{
    *end = start + page_up(bytes);
    return start % PAGE_SIZE == 0 && bytes <= KERNEL_BASE && start <= KERNEL_BASE &&
           *end >= start && *end <= KERNEL_BASE;
}

/* The highest free place of this size below MAP_TOP, 0: none. */
static uint32_t find_place(const struct address_space *space, uint32_t bytes)
{
    uint32_t end = MAP_TOP;

    for (uint32_t i = 0; i < space->region_count;) {
        const struct region *region = &space->regions[i];

        if (bytes > end - FIRST_USER_PAGE) {
            return 0;
        }
        if (region->start < end && region->end > end - bytes) {
            end = region->start; /* below what is in the way, and look at all again */
            i = 0;
        } else {
            i++;
        }
    }
    return bytes > end - FIRST_USER_PAGE ? 0 : end - bytes;
}

/* mmap2(wish, bytes, access, flags, fd, pages): only private memory without a file. */
int32_t sys_mmap2(struct trap_frame *frame)
{
    uint32_t place = frame->ebx, bytes = page_up(frame->ecx), flags = frame->esi, end;
    int32_t result = 0;

    if (frame->ecx == 0 || frame->ecx > MAP_TOP || (flags & MAP_PRIVATE) == 0) {
        return frame->ecx > MAP_TOP ? -ENOMEM : -EINVAL;
    }
    if ((flags & MAP_ANONYMOUS) == 0) {
        return -ENODEV;
    }
    if ((flags & MAP_FIXED) == 0) {
        place = find_place(current->space, bytes);
        if (place == 0) {
            return -ENOMEM;
        }
    } else if (!is_range(place, bytes, &end) || place < FIRST_USER_PAGE) {
        return -EINVAL;
    } else {
        result = space_remove(current->space, place, end);
    }
    if (result == 0) {
        result = space_add_region(current->space, place, place + bytes, flags_for(frame->edx));
    }
    return result == 0 ? (int32_t)place : result;
}

int32_t sys_munmap(struct trap_frame *frame)
{
    uint32_t end;

    if (frame->ecx == 0 || !is_range(frame->ebx, frame->ecx, &end)) {
        return -EINVAL;
    }
    return space_remove(current->space, frame->ebx, end);
}

/* Make what is there obey the new rights: copy on write brings the right to write back. */
static void restrict_pages(struct address_space *space, const struct region *region)
{
    for (uint32_t page = region->start; page < region->end; page += PAGE_SIZE) {
        uint32_t *entry = page_entry(space->directory, page, false);

        if (entry != NULL && (*entry & PAGE_PRESENT)) {
            *entry &= ~(PAGE_WRITABLE | PAGE_USER);
            *entry |= region->flags & REGION_NONE ? 0 : PAGE_USER;
            flush_page(page);
        }
    }
}

int32_t sys_mprotect(struct trap_frame *frame)
{
    struct address_space *space = current->space;
    uint32_t end, covered = 0;

    if (!is_range(frame->ebx, frame->ecx, &end)) {
        return -EINVAL;
    }
    if (!cut_out(space, frame->ebx, end)) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < space->region_count; i++) {
        struct region *region = &space->regions[i];

        if (is_inside(region, frame->ebx, end)) {
            region->flags = (region->flags & (REGION_GROWS | REGION_HEAP)) | flags_for(frame->edx);
            restrict_pages(space, region);
            covered += region->end - region->start;
        }
    }
    return covered == end - frame->ebx ? 0 : -ENOMEM; /* a hole in the range */
}
