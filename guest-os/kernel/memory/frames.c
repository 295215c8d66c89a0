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
static uint32_t free_list;                          /* first freed frame, 0 = none */
static uint32_t total_count;                        /* at the start */
static uint32_t free_count;                         /* frames left, marked and listed */
static uint32_t highest; /* base and bound: no frame above this one is free, by number */

/* They are in use from the beginning. */
static void keep(uint32_t first, uint32_t end)
{
    for (uint32_t at = page_down(first); at < end && at < mark_end; at += PAGE_SIZE) {
        free_count -= users_of[at / PAGE_SIZE] == 0;
        users_of[at / PAGE_SIZE] = 1;
    }
}

void frames_initialise(uint32_t first, uint32_t end, uint32_t hole_first, uint32_t hole_end)
{
    mark = page_up(first);
    mark_end = page_down(end);
    highest = mark_end / PAGE_SIZE - 1;
    free_count = mark_end / PAGE_SIZE;
    keep(0, mark);
    keep(hole_first, hole_end);
    total_count = free_count;
}

/* ---- base and bound: runs of frames. Areas are taken from the bottom, what can not be moved (the
 * kernel's single frames and stacks) from the top. ---- */

static uint32_t find_run(uint32_t count, bool from_top)
{
    uint32_t run = 0;

    for (uint32_t i = 0; i <= highest; i++) {
        uint32_t frame = from_top ? highest - i : i;

        run = users_of[frame] == 0 ? run + 1 : 0;
        if (run == count) {
            return (from_top ? frame : frame + 1 - count) * PAGE_SIZE;
        }
    }
    return 0;
}

static void mark_run(uint32_t physical, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        users_of[physical / PAGE_SIZE + i] = 1;
    }
    free_count -= count;
    while (highest > 0 && users_of[highest] > 0) {
        highest--;
    }
}

void frames_release_run(uint32_t physical, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        frame_release(physical + i * PAGE_SIZE);
    }
}

uint32_t frames_allocate_run(uint32_t count, bool from_top)
{
    uint32_t physical = find_run(count, from_top);

    if (physical == 0 && frames_make_free(count)) {
        areas_compact();
        physical = find_run(count, from_top);
    }
    if (physical != 0) {
        mark_run(physical, count);
    }
    return physical;
}

uint32_t frames_move_run(uint32_t physical, uint32_t count)
{
    uint32_t to;

    frames_release_run(physical, count);
    to = find_run(count, false); /* its own place, if there is no lower one */
    mark_run(to, count);
    memmove(physical_to_pointer(to), physical_to_pointer(physical), count * PAGE_SIZE);
    return to;
}

/* ---- single frames ---- */

/* With pages any frame will do: one that was freed, or the next that was never used. */
static uint32_t take_any(void)
{
    uint32_t physical = free_list;

    if (physical != 0) {
        free_list = *(uint32_t *)physical_to_pointer(physical);
    } else {
        while (mark < mark_end && users_of[mark / PAGE_SIZE] > 0) {
            mark += PAGE_SIZE;
        }
        physical = mark < mark_end ? mark : 0;
    }
    if (physical != 0) {
        free_count--;
        users_of[physical / PAGE_SIZE] = 1;
    }
    return physical;
}

uint32_t frame_allocate(void)
{
    uint32_t physical;

    if (free_count == 0 && buffers_shrink(FRAMES_WANTED) < FRAMES_WANTED) {
        text_pages_shrink(FRAMES_WANTED);
    }
    physical = base_bound ? frames_allocate_run(1, true) : take_any();
    if (physical != 0) {
        memset(physical_to_pointer(physical), 0, PAGE_SIZE);
    }
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
        free_count++;
        if (base_bound) {
            highest = physical / PAGE_SIZE > highest ? physical / PAGE_SIZE : highest;
        } else {
            *(uint32_t *)physical_to_pointer(physical) = free_list;
            free_list = physical;
        }
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
