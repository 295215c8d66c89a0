/* Physical page frames. A frame that was never used is taken at a rising mark; a freed one is put
 * on a list that is threaded through the free frames themselves. So start-up touches no memory, and
 * both directions take constant time. Called from processes and, through page faults, from the
 * middle of copies; never from interrupt handlers, so no masking. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/buffer.h"
#include "heart/memory.h"
#include "memory/text_pages.h"
#include "support/log.h"

#define FRAMES_WANTED 16 /* from the buffer cache at a time */

static uint16_t users_of[DIRECT_BYTES / PAGE_SIZE]; /* page table entries that refer to the frame */
static uint32_t mark;                               /* the next frame never used, physical */
static uint32_t mark_end;                           /* end of RAM, physical */
static uint32_t hole_start, hole_stop;              /* frames in use from the beginning */
static uint32_t free_list;                          /* first freed frame, 0 = none */
static uint32_t total_count;                        /* at the start */
static uint32_t free_count;                         /* frames left, marked and listed */

void frames_initialise(uint32_t first, uint32_t end, uint32_t hole_first, uint32_t hole_end)
{
    mark = page_up(first);
    mark_end = page_down(end);
    hole_start = page_down(hole_first);
    hole_stop = page_up(hole_end);
    free_count = (mark_end - mark) / PAGE_SIZE;
    if (hole_start < mark_end && hole_stop > mark) {
        uint32_t from = hole_start > mark ? hole_start : mark;
        uint32_t to = hole_stop < mark_end ? hole_stop : mark_end;

        free_count -= (to - from) / PAGE_SIZE;
    }
    total_count = free_count;
}

uint32_t frame_allocate(void)
{
    uint32_t physical;

    if (free_count == 0 && buffers_shrink(FRAMES_WANTED) < FRAMES_WANTED) {
        text_pages_shrink(FRAMES_WANTED);
    }
    physical = free_list;
    if (physical != 0) {
        free_list = *(uint32_t *)physical_to_pointer(physical);
    } else {
        if (mark >= hole_start && mark < hole_stop) {
            mark = hole_stop;
        }
        if (mark >= mark_end) {
            return 0;
        }
        physical = mark;
        mark += PAGE_SIZE;
    }
    free_count--;
    users_of[physical / PAGE_SIZE] = 1;
    memset(physical_to_pointer(physical), 0, PAGE_SIZE);
    return physical;
}

void frame_share(uint32_t physical)
{
    users_of[physical / PAGE_SIZE]++;
}

void frame_release(uint32_t physical)
{
    uint16_t *users = &users_of[physical / PAGE_SIZE];

    if (*users == 0) {
        panic("frame %p released twice", physical);
    }
    (*users)--;
    if (*users == 0) {
        *(uint32_t *)physical_to_pointer(physical) = free_list;
        free_list = physical;
        free_count++;
    }
}

uint32_t frame_users(uint32_t physical)
{
    return users_of[physical / PAGE_SIZE];
}

uint32_t frames_total(void)
{
    return total_count;
}

uint32_t frames_free(void)
{
    return free_count;
}

bool frames_make_free(uint32_t wanted)
{
    if (free_count < wanted) {
        buffers_shrink(wanted - free_count);
    }
    if (free_count < wanted) {
        text_pages_shrink(wanted - free_count);
    }
    return free_count >= wanted;
}
