/* mmap, munmap, mprotect, mremap, msync. Regions are cut where a range begins and ends, so that it
 * consists of whole regions; these are then removed, moved or get other rights. Interrupts are on.
 * See: mmap(2), mprotect(2), mremap(2), madvise(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "common/text.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/system_call.h"

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
            space->regions[space->region_count].offset += address - region->start;
            space->regions[space->region_count++].start = address;
            region->end = address;
            if (region->node != NULL) {
                node_get(region->node);
            }
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

/* The entry of the first page that was changed, of a shared mapping of a file in start..end; where
 * that page is goes to *page, and the region to *changed. */
static uint32_t *find_changed(struct address_space *space, uint32_t start, uint32_t end,
                              uint32_t *page, const struct region **changed)
{
    uint32_t *entry;

    for (uint32_t i = 0; i < space->region_count; i++) {
        const struct region *region = &space->regions[i];
        uint32_t last = region->end < end ? region->end : end;

        if (region->node == NULL || (region->flags & REGION_SHARED) == 0) {
            continue;
        }
        for (*page = region->start > start ? region->start : start;
             (entry = page_next(space->directory, page, last)) != NULL; *page += PAGE_SIZE) {
            if (*entry & PAGE_DIRTY) {
                *changed = region;
                return entry;
            }
        }
    }
    return NULL;
}

/* Page by page, and looked for from the start each time: while one is written, another thread may
 * change everything. */
int32_t space_sync(struct address_space *space, uint32_t start, uint32_t end)
{
    const struct region *region;
    uint32_t page, *entry;
    int32_t result = 0;

    while (!base_bound && (entry = find_changed(space, start, end, &page, &region)) != NULL) {
        uint32_t frame = *entry & PAGE_ADDRESS, offset = region->offset + (page - region->start);
        struct node *node = node_get(region->node);
        uint64_t left = node->size > offset ? node->size - offset : 0;
        int32_t one;

        *entry &= ~PAGE_DIRTY;
        flush_page(page);
        frame_share(frame);
        one = left == 0 ? 0
                        : node_write(node, offset, physical_to_pointer(frame),
                                     left < PAGE_SIZE ? (uint32_t)left : PAGE_SIZE);
        frame_release(frame);
        node_put(node);
        result = one < 0 ? one : result;
    }
    return result;
}

int32_t space_remove(struct address_space *space, uint32_t start, uint32_t end)
{
    space_sync(space, start, end);
    if (!cut_out(space, start, end)) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < space->region_count;) {
        if (is_inside(&space->regions[i], start, end)) {
            struct node *node = space->regions[i].node;

            space_unmap_pages(space, space->regions[i].start, space->regions[i].end);
            space->regions[i] = space->regions[--space->region_count];
            node_put(node);
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

bool mapping_is_range(uint32_t start, uint32_t bytes)
{
    return start % PAGE_SIZE == 0 && bytes <= KERNEL_BASE && start <= KERNEL_BASE - page_up(bytes);
}

/* The highest free place of this size below the stack's reach, 0: none. */
static uint32_t find_place(const struct address_space *space, uint32_t bytes)
{
    uint32_t end = space_map_top(space);

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

/* Pages that several processes will share have to be there before they part. */
static int32_t fill(struct address_space *space, const struct region *region)
{
    for (uint32_t page = region->start; page < region->end; page += PAGE_SIZE) {
        if (space_fault(space, page, true) != FAULT_MENDED) {
            space_remove(space, region->start, region->end);
            return -ENOMEM;
        }
    }
    return 0;
}

/* The file of a mapping goes into *region. */
static int32_t take_file(struct region *region, uint32_t fd, uint32_t access, uint32_t flags,
                         uint32_t pages)
{
    const struct file *file = file_of(fd);

    if (file == NULL) {
        return -EBADF;
    }
    if (!S_ISREG(file->node->mode)) {
        return -ENODEV;
    }
    if ((file->flags & O_ACCMODE) == O_WRONLY ||
        ((flags & MAP_SHARED) && (access & PROT_WRITE) && (file->flags & O_ACCMODE) != O_RDWR)) {
        return -EACCES;
    }
    if (pages > UINT32_MAX / PAGE_SIZE) {
        return -EOVERFLOW;
    }
    region->node = file->node;
    region->offset = pages * PAGE_SIZE;
    region->file_end = region->end;
    region->flags |=
        (file->flags & O_ACCMODE) != O_RDWR && (flags & MAP_SHARED) ? REGION_SEALED : 0;
    return 0;
}

/* Where the mapping goes: *region's start and end. */
static int32_t choose_place(struct region *region, uint32_t wish, uint32_t bytes, uint32_t flags)
{
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if (!mapping_is_range(wish, bytes) || wish < FIRST_USER_PAGE) {
            return -EINVAL;
        }
        region->start = wish;
    } else if (wish != 0 && mapping_is_range(page_down(wish), bytes) &&
               space_is_free(current->space, page_down(wish), page_down(wish) + bytes)) {
        region->start = page_down(wish);
    } else {
        region->start = find_place(current->space, bytes);
    }
    region->end = region->start + bytes;
    return region->start == 0 ? -ENOMEM : 0;
}

int32_t sys_mmap2(uint32_t wish, uint32_t wanted, uint32_t access, uint32_t flags, uint32_t fd,
                  uint32_t pages)
{
    uint32_t bytes = page_up(wanted);
    struct region region = {.flags = flags_for(access)};
    int32_t result;

    if (wanted == 0 || (flags & (MAP_PRIVATE | MAP_SHARED)) == 0) {
        return -EINVAL;
    }
    if (base_bound && (region.flags == REGION_NONE || (flags & MAP_SHARED))) {
        return region.flags == REGION_NONE ? -EOPNOTSUPP : -ENODEV;
    }
    if (wanted > space_map_top(current->space) ||
        space_bytes(current->space) + bytes >
            current->leader->together.limits[RLIMIT_AS].rlim_cur) {
        return -ENOMEM;
    }
    region.flags |= (flags & MAP_SHARED) ? REGION_SHARED : 0;
    result = choose_place(&region, wish, bytes, flags);
    if (result == 0 && (flags & MAP_ANONYMOUS) == 0) {
        result = take_file(&region, fd, access, flags, pages);
    }
    if (result == 0 && (flags & MAP_FIXED_NOREPLACE) &&
        !space_is_free(current->space, region.start, region.end)) {
        result = -EEXIST;
    }
    if (result == 0 && (flags & MAP_FIXED)) {
        result = space_remove(current->space, region.start, region.end);
    }
    if (result == 0) {
        result = space_add_file(current->space, &region);
    }
    if (result == 0 && (region.flags & REGION_SHARED) && region.node == NULL) {
        result = fill(current->space, &region);
    }
    return result == 0 ? (int32_t)region.start : result;
}

int32_t sys_munmap(uint32_t start, uint32_t bytes)
{
    if (bytes == 0 || !mapping_is_range(start, bytes)) {
        return -EINVAL;
    }
    return space_remove(current->space, start, start + page_up(bytes));
}

/* Make what is there obey the new rights: copy on write brings the right to write back. */
static void restrict_pages(struct address_space *space, const struct region *region)
{
    uint32_t *entry;

    for (uint32_t page = region->start;
         (entry = page_next(space->directory, &page, region->end)) != NULL; page += PAGE_SIZE) {
        *entry &= ~(PAGE_WRITABLE | PAGE_USER);
        *entry |= region->flags & REGION_NONE ? 0 : PAGE_USER;
        flush_page(page);
    }
}

int32_t sys_mprotect(uint32_t start, uint32_t bytes, uint32_t access)
{
    struct address_space *space = current->space;
    uint32_t end = start + page_up(bytes), covered = 0;

    if (!mapping_is_range(start, bytes)) {
        return -EINVAL;
    }
    if (base_bound && (access & PROT_WRITE) == 0) {
        return -EOPNOTSUPP; /* a program may do everything with all of its area */
    }
    if (!cut_out(space, start, end)) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < space->region_count; i++) {
        struct region *region = &space->regions[i];

        if (is_inside(region, start, end)) {
            if ((region->flags & REGION_SEALED) && (access & PROT_WRITE)) {
                return -EACCES;
            }
            region->flags =
                (region->flags & (REGION_GROWS | REGION_HEAP | REGION_SHARED | REGION_SEALED)) |
                flags_for(access);
            if (!base_bound) {
                restrict_pages(space, region);
            }
            covered += region->end - region->start;
        }
    }
    return covered == end - start ? 0 : -ENOMEM; /* a hole in the range */
}

/* ---- mremap ---- */

/* The one region that has all of start..end, NULL: it is not one. */
static struct region *region_around(struct address_space *space, uint32_t start, uint32_t end)
{
    for (uint32_t i = 0; i < space->region_count; i++) {
        if (space->regions[i].start <= start && space->regions[i].end >= end) {
            return &space->regions[i];
        }
    }
    return NULL;
}

/* What is mapped at `from` appears at `to`; the page tables there exist or are made. */
static int32_t move_pages(struct address_space *space, uint32_t from, uint32_t to, uint32_t bytes)
{
    uint32_t *old;

    if (base_bound) {
        memcpy(area_pointer(space, to, bytes), area_pointer(space, from, bytes), bytes);
        return 0;
    }
    for (uint32_t at = 0; at < bytes; at += PAGE_SIZE) { /* nothing is half done without memory */
        if (page_entry(space->directory, to + at, true) == NULL) {
            return -ENOMEM;
        }
    }
    for (uint32_t page = from; (old = page_next(space->directory, &page, from + bytes)) != NULL;
         page += PAGE_SIZE) {
        *page_entry(space->directory, to + (page - from), false) = *old;
        *old = 0;
        flush_page(page);
    }
    return 0;
}

/* Make start..old_end end at `end`, at another place: a region there, then the pages move. */
static int32_t move_mapping(struct address_space *space, uint32_t start, uint32_t old_end,
                            uint32_t bytes)
{
    uint32_t place = find_place(space, bytes);
    struct region moved;
    int32_t result;

    if (place == 0 || !cut_out(space, start, old_end)) {
        return -ENOMEM;
    }
    moved = *region_around(space, start, old_end);
    moved.start = place;
    moved.end = place + bytes;
    moved.file_end += place - start;
    result = space_add_file(space, &moved);
    if (result == 0) {
        result = move_pages(space, start, place, old_end - start);
        space_remove(space, result == 0 ? start : place, result == 0 ? old_end : place + bytes);
    }
    return result == 0 ? (int32_t)place : result;
}

/* Shrink, grow in place, or (MREMAP_MAYMOVE) elsewhere. */
int32_t sys_mremap(uint32_t start, uint32_t old_bytes, uint32_t wanted, uint32_t flags,
                   uint32_t place)
{
    struct address_space *space = current->space;
    uint32_t bytes = page_up(wanted), old_end = start + page_up(old_bytes);
    struct region *region;

    (void)place;
    if (!mapping_is_range(start, old_bytes) || old_bytes == 0 || wanted == 0 ||
        (flags & ~MREMAP_MAYMOVE) != 0) {
        return -EINVAL;
    }
    region = region_around(space, start, old_end);
    if (region == NULL || (region->flags & (REGION_GROWS | REGION_HEAP | REGION_SHARED))) {
        return -EFAULT;
    }
    if (bytes > space_map_top(space)) {
        return -ENOMEM;
    }
    if (start + bytes <= old_end) {
        int32_t result = space_remove(space, start + bytes, old_end);

        return result == 0 ? (int32_t)start : result;
    }
    if (region->end == old_end && region->node == NULL && start + bytes <= space_map_top(space) &&
        space_is_free(space, old_end, start + bytes)) {
        region->end = start + bytes;
        return (int32_t)start;
    }
    return flags & MREMAP_MAYMOVE ? move_mapping(space, start, old_end, bytes) : -ENOMEM;
}

/* ---- advice ---- */

/* Only one piece of advice changes what a program sees: what it does not need is given up. */
int32_t sys_madvise(uint32_t start, uint32_t bytes, uint32_t advice)
{
    uint32_t end = start + page_up(bytes);

    if (!mapping_is_range(start, bytes)) {
        return -EINVAL;
    }
    for (uint32_t i = 0; i < current->space->region_count && advice == MADV_DONTNEED; i++) {
        const struct region *region = &current->space->regions[i];
        uint32_t from = region->start > start ? region->start : start;

        if ((region->flags & REGION_SHARED) == 0 && from < end) {
            space_unmap_pages(current->space, from, region->end < end ? region->end : end);
        }
    }
    return 0;
}

/* MS_SYNC also waits for the disk. */
int32_t sys_msync(uint32_t start, uint32_t bytes, uint32_t flags)
{
    struct address_space *space = current->space;
    uint32_t end = start + page_up(bytes);
    int32_t result;

    if (!mapping_is_range(start, bytes) || (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
        (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC)) {
        return -EINVAL;
    }
    result = space_sync(space, start, end);
    for (uint32_t i = 0; i < space->region_count && (flags & MS_SYNC) && result == 0; i++) {
        const struct region *region = &space->regions[i];

        if ((region->flags & REGION_SHARED) && region->node != NULL && region->start < end &&
            region->end > start) {
            struct node *node = node_get(region->node);

            result = node_sync(node);
            node_put(node);
        }
    }
    return result;
}
