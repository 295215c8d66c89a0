/* The end of a process, and how its parent learns of it. A process that ended stays in the table as
 * a zombie, without memory, until its parent has asked for its status; orphans become children of
 * init. See: exit(2), wait(2). SPDX-License-Identifier: MIT */
#include "boot/root.h"
#include "common/text.h"
#include "drivers/power.h"
#include "drivers/tty_jobs.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/group.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/log.h"

/* Init is the machine's purpose: when it ends, the run ends, with status 0 if it ended well. */
static _Noreturn void end_of_init(int32_t status)
{
    root_stop();
    if (status == 0) {
        power_off();
    }
    if (WIFSIGNALED(status)) {
        print("kernel: init was ended by signal %d\n", WTERMSIG(status));
    } else {
        print("kernel: init ended with status %d\n", WEXITSTATUS(status));
    }
    power_end_run();
}

static void leave_children_to_init(void)
{
    struct process *init = process_find(PID_INIT);

    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        struct process *child = &process_table[i];

        if (child->state != PROCESS_UNUSED && child->parent == current) {
            child->parent = init;
            if (child->session == current->session && child->group != current->group) {
                group_release_stopped(child->group);
            }
            if (child->state == PROCESS_ZOMBIE) {
                wake_all(init);
            }
        }
    }
}

/* May the zombie go without being asked for? Then init takes it. */
static bool parent_does_not_care(void)
{
    const struct kernel_sigaction *action = &current->parent->actions[SIGCHLD];

    return action->sa_handler == SIG_IGN || (action->sa_flags & SA_NOCLDWAIT);
}

_Noreturn void process_exit(int32_t status)
{
    struct address_space *space = current->space;
    bool was_orphaned = group_is_orphaned(current->group);

    if (current->pid == PID_INIT) {
        end_of_init(status);
    }
    log_event(EVENT_EXIT, current->pid, (uint32_t)status);
    page_directory_leave();
    current->space = NULL;
    space_release(space);
    files_exit(current);
    tty_session_ends(current);

    interrupts_off();
    leave_children_to_init();
    if (parent_does_not_care()) {
        current->parent = process_find(PID_INIT);
    }
    current->alarm_set = current->wake_set = false;
    current->wait_status = status;
    current->state = PROCESS_ZOMBIE;
    if (!was_orphaned) {
        group_release_stopped(current->group);
    }
    if (WIFEXITED(status)) {
        signal_tell_parent(current, CLD_EXITED, WEXITSTATUS(status));
    } else {
        signal_tell_parent(current, CLD_KILLED, WTERMSIG(status));
    }
    schedule(); /* nobody queues a zombie: this does not come back */
    panic("a zombie was given the CPU");
}

int32_t sys_exit(struct trap_frame *frame)
{
    process_exit((int32_t)(frame->ebx & 0xFF) << 8);
}

int32_t sys_exit_group(struct trap_frame *frame)
{
    process_exit((int32_t)(frame->ebx & 0xFF) << 8);
}

/* ---- waiting ---- */

struct wait_request {
    int32_t pid;        /* > 0 this child, 0 own group, -1 any, < -1 this group */
    uint32_t status_to; /* user address or 0 */
    uint32_t options;   /* WNOHANG, WUNTRACED, WCONTINUED */
    uint32_t usage_to;  /* user address or 0 */
};

static bool is_meant(const struct process *child, int32_t pid)
{
    if (child->state == PROCESS_UNUSED || child->parent != current) {
        return false;
    }
    return pid == -1 || child->pid == pid || (pid == 0 && child->group == current->group) ||
           (pid < -1 && child->group == -pid);
}

/* Has this child something to tell? Then *status is that, and it is told only once. */
static bool has_news(struct process *child, uint32_t options, int32_t *status)
{
    if (child->state == PROCESS_ZOMBIE) {
        *status = child->wait_status;
        return true;
    }
    if (child->stop_unseen && (options & WUNTRACED)) {
        child->stop_unseen = false;
        *status = child->wait_status;
        return true;
    }
    if (child->continue_unseen && (options & WCONTINUED)) {
        child->continue_unseen = false;
        *status = 0xFFFF;
        return true;
    }
    return false;
}

/* A child with news, NULL if none has any; *exists: is there a child that is meant at all? */
static struct process *find_news(const struct wait_request *request, int32_t *status, bool *exists)
{
    *exists = false;
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        struct process *child = &process_table[i];

        if (is_meant(child, request->pid)) {
            *exists = true;
            if (has_news(child, request->options, status)) {
                return child;
            }
        }
    }
    return NULL;
}

static struct timeval to_timeval(uint32_t tick_count)
{
    return (struct timeval){
        (int32_t)(tick_count / tick_hz),
        (int32_t)(tick_count % tick_hz * (1000000 / tick_hz)),
    };
}

/* Copy the results out; a zombie is gone after that, even if a pointer was bad, as on Linux. */
static int32_t report(struct process *child, const struct wait_request *request, int32_t status)
{
    struct rusage usage = {.ru_utime = to_timeval(child->user_ticks),
                           .ru_stime = to_timeval(child->system_ticks)};
    int32_t pid = child->pid;

    if (child->state == PROCESS_ZOMBIE) {
        current->children_user_ticks += child->user_ticks + child->children_user_ticks;
        current->children_system_ticks += child->system_ticks + child->children_system_ticks;
        process_free(child);
    }
    if (request->status_to != 0 && copy_to_user(request->status_to, &status, sizeof(status)) != 0) {
        return -EFAULT;
    }
    if (request->usage_to != 0 && copy_to_user(request->usage_to, &usage, sizeof(usage)) != 0) {
        return -EFAULT;
    }
    return pid;
}

static int32_t wait_for_child(const struct wait_request *request)
{
    struct process *child;
    int32_t status;
    bool exists;

    if (request->options & ~(uint32_t)(WNOHANG | WUNTRACED | WCONTINUED)) {
        return -EINVAL;
    }
    interrupts_off();
    for (;;) {
        child = find_news(request, &status, &exists);
        if (child != NULL || !exists || (request->options & WNOHANG) ||
            signal_is_pending(current)) {
            break;
        }
        sleep_on(current);
    }
    interrupts_on();
    if (child != NULL) {
        return report(child, request, status);
    }
    if (!exists) {
        return -ECHILD;
    }
    return request->options & WNOHANG ? 0 : -ERESTARTSYS;
}

int32_t sys_wait4(struct trap_frame *frame)
{
    struct wait_request request = {(int32_t)frame->ebx, frame->ecx, frame->edx, frame->esi};

    return wait_for_child(&request);
}

int32_t sys_waitpid(struct trap_frame *frame)
{
    struct wait_request request = {(int32_t)frame->ebx, frame->ecx, frame->edx, 0};

    return wait_for_child(&request);
}
