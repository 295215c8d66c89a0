/* Page faults: a page appears when it is first touched, as zeros or read from a file; the first
 * write to a page that others refer to, too, makes the writer a copy of its own. And access to a
 * space that need not be the current one. Interrupts may be on; only processes come here.
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/node.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "memory/text_pages.h"

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
            space_is_free(space, page_down(address), region->start)) {
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

/* The page of a file: the one that all have, or read into a frame of its own. *frame 0 although it
 * is FAULT_MENDED: the regions have changed, and the access is to be tried again. */
static enum fault_result page_of_file(struct address_space *space, const struct region *region,
                                      uint32_t page, uint32_t *frame)
{
    bool is_common = is_common_page(region, page);
    uint32_t offset = region->offset + (page - region->start);
    struct node *node = region->node;
    enum fault_result result;

    *frame = is_common ? text_page_find(node, offset) : 0;
    if (*frame != 0) {
        return FAULT_MENDED;
    }
    *frame = frame_allocate();
    if (*frame == 0) {
        return FAULT_NO_MEMORY;
    }
    result = read_page(region, page, *frame);
    region = find_region(space, page);
    if (result != FAULT_MENDED || region == NULL || region->node != node) {
        frame_release(*frame);
        *frame = 0;
        return result;
    }
    if (is_common && is_common_page(region, page)) {
        *frame = make_common(region, offset, *frame);
    }
    return *frame == 0 ? FAULT_NO_MEMORY : FAULT_MENDED;
}

/* A page that is not there yet. */
static enum fault_result bring_in(struct address_space *space, const struct region *region,
                                  uint32_t page)
{
    uint32_t flags = PAGE_PRESENT | PAGE_USER | (region->flags & REGION_WRITE ? PAGE_WRITABLE : 0);
    enum fault_result result;
    uint32_t frame, *entry;

    if (region->node != NULL && page < region->file_end) {
        result = page_of_file(space, region, page, &frame);
    } else {
        frame = frame_allocate();
        result = frame == 0 ? FAULT_NO_MEMORY : FAULT_MENDED;
    }
    if (frame == 0) {
        return result;
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

/* ---- access from the kernel ---- */

/* The kernel's address of a byte; *left: as many follow it there. To be written to, the page is
 * brought in first; to be read, it must be there. NULL: *error says why. */
static uint8_t *reach(struct address_space *space, uint32_t address, bool write, uint32_t *left,
                      int32_t *error)
{
    const uint32_t wanted = PAGE_PRESENT | (write ? PAGE_WRITABLE : 0);
    enum fault_result result = write ? space_fault(space, address, true) : FAULT_MENDED;
    uint32_t *entry = NULL;

    if (result == FAULT_MENDED && address < KERNEL_BASE) {
        entry = page_entry(space->directory, address, false);
    }
    if (entry == NULL || (*entry & wanted) != wanted) { /* another thread may have given it up */
        *error = result == FAULT_NO_MEMORY ? -ENOMEM : -EFAULT;
        return NULL;
    }
    *entry |= write ? PAGE_DIRTY : 0;
    *left = PAGE_SIZE - address % PAGE_SIZE;
    return (uint8_t *)physical_to_pointer(*entry & PAGE_ADDRESS) + address % PAGE_SIZE;
}

static int32_t transfer(struct address_space *space, uint32_t address, uint8_t *kernel,
                        uint32_t bytes, bool write)
{
    uint8_t *inside = base_bound ? area_pointer(space, address, bytes) : NULL;
    uint32_t part = bytes;
    int32_t error = -EFAULT;

    for (uint32_t done = 0; done < bytes; done += part) {
        if (!base_bound) {
            inside = reach(space, address + done, write, &part, &error);
        }
        if (inside == NULL) {
            return error;
        }
        part = part < bytes - done ? part : bytes - done;
        memcpy(write ? inside : kernel + done, write ? kernel + done : inside, part);
    }
    return 0;
}

int32_t space_write(struct address_space *space, uint32_t to, const void *from, uint32_t bytes)
{
    return transfer(space, to, (uint8_t *)(uint32_t)from, bytes, true);
}

int32_t space_read(struct address_space *space, uint32_t from, void *to, uint32_t bytes)
{
    return transfer(space, from, to, bytes, false);
}
