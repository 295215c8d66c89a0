/* mmu=base-bound: no pages. A program's memory is one run of frames, its area; the base of its
 * segments is the area's physical address, so that offset 0 is the area's first byte, and their
 * limit the area's size. The program's link address leaves room below it: there is the stack, and
 * who pushes below offset 0 is caught by the limit. Above the program lie heap and mappings, as
 * much as there was room for at the start: an area never grows. When no hole is large enough, the
 * areas move together at the bottom of memory. Only processes come here; interrupts may be on.
 * SPDX-License-Identifier: MIT */
#include "calls/thread_area.h"
#include "common/text.h"
#include "heart/cpu.h"
#include "heart/descriptors.h"
#include "heart/process.h"
#include "support/options.h"

bool base_bound;

static struct address_space *areas; /* all spaces, linked by `next` */
static uint32_t room;               /* bytes for heap and mappings */

void areas_initialise(void)
{
    base_bound = true;
    room = option_number("room", 512, 16, 65536) * 1024;
}

void area_register(struct address_space *space)
{
    space->next = areas;
    areas = space;
}

void area_release(struct address_space *space)
{
    struct address_space **at = &areas;

    while (*at != space) {
        at = &(*at)->next;
    }
    *at = space->next;
    frames_release_run(space->base, space->bound / PAGE_SIZE);
}

/* An area of `bytes` in place of the one it has, and in it a copy of the area of `from`. */
static int32_t make(struct address_space *space, uint32_t bytes, const struct address_space *from)
{
    uint32_t copied = from->bound;
    uint32_t base = frames_allocate_run(bytes / PAGE_SIZE, false);

    if (base == 0) {
        return -ENOMEM;
    }
    memcpy(physical_to_pointer(base), physical_to_pointer(from->base), copied);
    memset(physical_to_pointer(base + copied), 0, bytes - copied);
    frames_release_run(space->base, space->bound / PAGE_SIZE);
    space->base = base;
    space->bound = bytes;
    return 0;
}

int32_t area_copy(struct address_space *to, const struct address_space *from)
{
    return make(to, from->bound, from);
}

int32_t area_make(struct address_space *space, uint32_t end)
{
    if (end > UINT32_MAX / 2 || page_up(end) + room <= space->bound) {
        return end > UINT32_MAX / 2 ? -ENOMEM : 0;
    }
    return make(space, page_up(end) + room, space);
}

void *area_pointer(const struct address_space *space, uint32_t address, uint32_t bytes)
{
    if (space == NULL || address < FIRST_USER_PAGE || address >= space->bound ||
        bytes > space->bound - address) {
        return NULL;
    }
    return physical_to_pointer(space->base + address);
}

void area_use(const struct process *process)
{
    if (process->space != NULL) {
        descriptors_set_area(process->space->base, process->space->bound);
        thread_area_use(process);
    }
}

/* The lowest area that begins at `from` or above, NULL: none. */
static struct address_space *next_area(uint32_t from)
{
    struct address_space *lowest = NULL;

    for (struct address_space *space = areas; space != NULL; space = space->next) {
        if (space->bound > 0 && space->base >= from &&
            (lowest == NULL || space->base < lowest->base)) {
            lowest = space;
        }
    }
    return lowest;
}

void areas_compact(void)
{
    uint32_t done = 0;

    for (struct address_space *space = next_area(0); space != NULL; space = next_area(done)) {
        done = space->base + space->bound;
        if (space->pinned == 0) {
            space->base = frames_move_run(space->base, space->bound / PAGE_SIZE);
        }
    }
    area_use(current); /* the others' segments are set when they get the CPU */
}
