/* fork: a second process like the first. The lecture's five steps: a PCB, a copy of the memory, of
 * the attributes, of the saved CPU state with another result in EAX, and a place in the ready
 * queue. Interrupts are on. See: fork(2). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "files/file.h"
#include "heart/scheduler.h"
#include "heart/system_call.h"
#include "support/log.h"

/* Frames that fork leaves: those who run still have to copy pages they share, and a page fault can
 * not return an error, so when memory is used up it would end them. */
#define FRAMES_LEFT 128

/* What a child has from its parent besides memory and registers; the rest begins as zero: times,
 * pending signals, alarm. */
static void inherit(struct process *child)
{
    child->parent = current;
    child->group = current->group;
    child->session = current->session;
    child->terminal = current->terminal;
    memcpy(child->users, current->users, sizeof(child->users));
    memcpy(child->user_groups, current->user_groups, sizeof(child->user_groups));
    memcpy(child->groups, current->groups, sizeof(child->groups));
    child->groups_count = current->groups_count;
    child->argv = current->argv;
    copy_text(child->name, current->name, NAME_BYTES);
    child->blocked = current->blocked;
    memcpy(child->actions, current->actions, sizeof(child->actions));
    child->thread_base = current->thread_base;
    child->thread_limit = current->thread_limit;
    child->thread_in_pages = current->thread_in_pages;
    child->thread_set = current->thread_set;
    files_inherit(child);
}

int32_t sys_fork(struct trap_frame *frame)
{
    struct process *child;
    int32_t result = !frames_make_free(FRAMES_LEFT) ? -ENOMEM : process_allocate(&child);

    if (result != 0) {
        return result;
    }
    child->space = space_copy(current->space);
    if (child->space == NULL) {
        process_free(child);
        return -ENOMEM;
    }
    inherit(child);
    *child->frame = *frame;
    child->frame->eax = 0; /* what fork returns in the child */
    scheduler_prepare(child);
    log_event(EVENT_FORK, current->pid, (uint32_t)child->pid);
    make_ready(child);
    return child->pid;
}

/* With copy on write a plain fork costs little more, and the parent need not wait. */
int32_t sys_vfork(struct trap_frame *frame)
{
    return sys_fork(frame);
}
