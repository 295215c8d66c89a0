/* fork and clone: a second process like the first. The lecture's five steps: a PCB, the memory, the
 * attributes, the saved CPU state with another result in EAX, and a place in the ready queue. fork
 * copies memory and attributes; clone can let both processes have the same, up to a thread, which
 * shares everything but its registers and its stack. Interrupts are on. See: fork(2), clone(2).
 * SPDX-License-Identifier: MIT */
#include "calls/ptrace.h"
#include "calls/thread_area.h"
#include "common/text.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/x87.h"

/* Frames that fork leaves: those who run still have to copy pages they share, and a page fault can
 * not return an error, so when memory is used up it would end them. Root may use half of them. */
#define FRAMES_LEFT 128

#define FLAGS_KNOWN                                                                                \
    (CLONE_SIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK |              \
     CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |            \
     CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_CHILD_SETTID)

struct clone_request {
    uint32_t flags;       /* CLONE_... */
    uint32_t stack;       /* the child's ESP; 0: the parent's */
    uint32_t parent_tid;  /* user address for CLONE_PARENT_SETTID */
    uint32_t thread_area; /* user address of a struct user_desc for CLONE_SETTLS */
    uint32_t child_tid;   /* user address for CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID */
};

/* What a child has from its parent besides memory and registers; the rest begins as zero: times,
 * pending signals, timers. */
void fork_inherit(struct process *child, uint32_t flags)
{
    child->parent =
        flags & (CLONE_THREAD | CLONE_PARENT) ? current->leader->parent : current->leader;
    child->end_signal = flags & CLONE_SIGNAL;
    child->group = current->group;
    child->session = current->session;
    child->terminal = current->terminal;
    child->nice = current->nice;
    child->personality = current->personality;
    memcpy(child->users, current->users, sizeof(child->users));
    memcpy(child->user_groups, current->user_groups, sizeof(child->user_groups));
    memcpy(child->groups, current->groups, sizeof(child->groups));
    child->groups_count = current->groups_count;
    copy_text(child->name, current->name, NAME_BYTES);
    child->blocked = current->blocked;
    memcpy(child->together.limits, current->leader->together.limits,
           sizeof(child->together.limits));
    child->thread_base = current->thread_base;
    child->thread_limit = current->thread_limit;
    child->thread_in_pages = current->thread_in_pages;
    child->thread_set = current->thread_set;
    if ((flags & CLONE_VM) == 0 || (flags & CLONE_VFORK)) {
        child->signal_stack = current->signal_stack;
    }
    x87_inherit(child);
}

/* The same memory, or a copy; NULL: no memory. */
static struct address_space *space_for(uint32_t flags)
{
    if (flags & CLONE_VM) {
        current->space->users++;
        return current->space;
    }
    return space_copy(current->space);
}

static bool is_sound(uint32_t flags)
{
    return (flags & ~FLAGS_KNOWN) == 0 && (flags & CLONE_SIGNAL) <= NSIG &&
           !((flags & CLONE_SIGHAND) && !(flags & CLONE_VM)) &&
           !((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND));
}

int32_t fork_allocate(struct process **made)
{
    uint32_t reserve = current->uid == 0 ? FRAMES_LEFT / 2 : FRAMES_LEFT;

    return frames_make_free(reserve) ? process_allocate(made) : -ENOMEM;
}

/* Everything of the child but its place in the queue. */
static int32_t make_child(const struct clone_request *request, struct process **made)
{
    uint32_t flags = request->flags;
    struct process *child;
    int32_t result = fork_allocate(&child);

    if (result != 0) {
        return result;
    }
    fork_inherit(child, flags);
    *child->frame = *current->frame;
    child->frame->eax = 0; /* what fork returns in the child */
    if (request->stack != 0) {
        child->frame->esp = request->stack;
    }
    result = flags & CLONE_SETTLS ? thread_area_set(child, request->thread_area) : 0;
    if (result == 0) {
        child->space = space_for(flags);
        result = child->space == NULL ? -ENOMEM : process_share(child, current, flags);
    }
    if (result != 0) {
        if (child->space != NULL) {
            space_release(child->space);
        }
        process_free(child);
        return result;
    }
    *made = child;
    return 0;
}

/* Numbers where C libraries want them; the child's memory may be another than the current one. */
static int32_t store_numbers(const struct clone_request *request, struct process *child)
{
    int32_t result = 0;

    if (request->flags & CLONE_PARENT_SETTID) {
        result = copy_to_user(request->parent_tid, &child->pid, sizeof(child->pid));
    }
    if (request->flags & CLONE_CHILD_SETTID) { /* a bad address is the child's own affair */
        space_write(child->space, request->child_tid, &child->pid, sizeof(child->pid));
    }
    if (request->flags & CLONE_CHILD_CLEARTID) {
        child->clear_tid = request->child_tid;
    }
    return result;
}

/* The child uses this process's memory until it has its own. Only a deadly signal ends the wait;
 * the child must not find a parent then that is gone. Interrupts are off. */
static void wait_for_child_to_go_on(void)
{
    while (current->vfork_waits && !signal_is_deadly(current)) {
        sleep_on(&current->vfork_waits);
    }
    for (struct process *child = process_first; child != NULL; child = child->next) {
        child->vfork_parent = child->vfork_parent == current ? NULL : child->vfork_parent;
    }
    current->vfork_waits = false;
}

static int32_t clone(const struct clone_request *request)
{
    struct process *child;
    int32_t result = is_sound(request->flags) ? make_child(request, &child) : -EINVAL;
    int32_t pid;

    if (result != 0) {
        return result;
    }
    store_numbers(request, child);
    pid = child->pid;
    if (request->flags & CLONE_THREAD) {
        child->leader = current->leader;
        child->end_signal = 0;
        current->leader->together.threads++;
    }
    ptrace_inherit(child, request->flags);
    scheduler_prepare(child);
    interrupts_off();
    if (request->flags & CLONE_VFORK) {
        child->vfork_parent = current;
        current->vfork_waits = true;
    }
    make_ready(child);
    ptrace_made_child(pid, request->flags);
    if (request->flags & CLONE_VFORK) {
        wait_for_child_to_go_on();
    }
    interrupts_on();
    return pid;
}

int32_t sys_fork(void)
{
    return clone(&(struct clone_request){.flags = SIGCHLD});
}

/* The child has the parent's memory, and the parent waits: whoever only wants to start another
 * program saves the copying. */
int32_t sys_vfork(void)
{
    return clone(&(struct clone_request){.flags = CLONE_VFORK | CLONE_VM | SIGCHLD});
}

int32_t sys_clone(uint32_t flags, uint32_t stack, uint32_t parent_tid, uint32_t thread_area,
                  uint32_t child_tid)
{
    return clone(&(struct clone_request){flags, stack, parent_tid, thread_area, child_tid});
}

void fork_let_parent_go(struct process *child)
{
    if (child->vfork_parent != NULL) {
        child->vfork_parent->vfork_waits = false;
        wake_all(&child->vfork_parent->vfork_waits);
        child->vfork_parent = NULL;
    }
}
