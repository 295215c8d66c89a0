/* set_thread_area: one segment per thread, in a fixed place of the GDT, filled in anew whenever
 * another process gets the CPU. C libraries reach the data of the running thread through it (GS).
 * Interrupts are on. See: set_thread_area(2). SPDX-License-Identifier: MIT */
#include "calls/thread_area.h"

#include "heart/descriptors.h"
#include "heart/system_call.h"

/* The segment within the bound; a base behind it makes one of a single byte. */
static void use_in_area(const struct process *process)
{
    const struct address_space *space = process->space;
    uint32_t base = process->thread_set ? process->thread_base : 0;
    uint32_t last = process->thread_limit;
    uint32_t most;

    base = base < space->bound ? base : space->bound - 1;
    most = space->bound - base - 1;
    last = process->thread_in_pages ? last << 12 | 0xFFF : last;
    last = process->thread_set && last < most ? last : most;
    if (last <= 0xFFFFF) {
        descriptors_set_thread(space->base + base, last, false);
    } else {
        descriptors_set_thread(space->base + base, (last - 0xFFF) >> 12, true);
    }
}

void thread_area_use(const struct process *process)
{
    if (base_bound) {
        if (process->space != NULL) {
            use_in_area(process);
        }
    } else if (process->thread_set) {
        descriptors_set_thread(process->thread_base, process->thread_limit,
                               process->thread_in_pages);
    } else {
        descriptors_set_thread(0, 0xFFFFF, true);
    }
}

int32_t thread_area_set(struct process *process, uint32_t segment_at)
{
    struct user_desc segment;

    if (copy_from_user(&segment, segment_at, sizeof(segment)) != 0) {
        return -EFAULT;
    }
    if (segment.entry_number != UINT32_MAX && segment.entry_number != THREAD_ENTRY) {
        return -EINVAL;
    }
    if (segment.limit > 0xFFFFF || (segment.flags & USER_DESC_32BIT) == 0) {
        return -EINVAL;
    }
    segment.entry_number = THREAD_ENTRY;
    if (copy_to_user(segment_at, &segment, sizeof(segment)) != 0) {
        return -EFAULT;
    }
    process->thread_base = segment.base_addr;
    process->thread_limit = segment.limit;
    process->thread_in_pages = (segment.flags & USER_DESC_PAGES) != 0;
    process->thread_set = true;
    return 0;
}

int32_t sys_set_thread_area(uint32_t segment_at)
{
    int32_t result = thread_area_set(current, segment_at);

    if (result == 0) {
        thread_area_use(current);
    }
    return result;
}
