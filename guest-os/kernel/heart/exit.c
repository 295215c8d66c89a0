/* The end of a process, and of a thread. A process that ended stays in the list as a zombie,
 * without memory, until its parent has asked for its status (wait.c); orphans become children of
 * init. A process ends with its last thread. See: exit(2), exit_group(2).
 * SPDX-License-Identifier: MIT */
#include "boot/root.h"
#include "calls/futex.h"
#include "calls/ptrace.h"
#include "drivers/power.h"
#include "drivers/tty_jobs.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/group.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/log.h"
#include "support/x87.h"

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

/* Init takes it. Whatever the old parent wanted to hear at its end, init hears SIGCHLD: who can
 * choose the signal must not choose one for process 1. */
static void give_to_init(struct process *child, struct process *init)
{
    child->parent = init;
    child->end_signal = SIGCHLD;
}

static void leave_children_to_init(const struct process *leader)
{
    struct process *init = process_find(PID_INIT);

    for (struct process *child = process_first; child != NULL; child = child->next) {
        if (child->parent == leader) {
            give_to_init(child, init);
            if (child->session == leader->session && child->group != leader->group) {
                group_release_stopped(child->group);
            }
            if (child->state == PROCESS_ZOMBIE) {
                wake_all(init);
            }
        }
    }
}

/* May the zombie go without being asked for? Then init takes it. */
static bool parent_does_not_care(const struct process *leader)
{
    const struct kernel_sigaction *action = &leader->parent->handlers->actions[SIGCHLD];

    return action->sa_handler == SIG_IGN || (action->sa_flags & SA_NOCLDWAIT);
}

/* The last thread has ended: orphans and the parent learn of it. Interrupts are off. */
static void end_process(struct process *leader, bool was_orphaned)
{
    ptrace_tracer_ends(leader);
    leave_children_to_init(leader);
    if (parent_does_not_care(leader)) {
        wake_all(leader->parent); /* it may wait for its last child, and has none now */
        give_to_init(leader, process_find(PID_INIT));
    }
    leader->together.alarm_set = false;
    if (!was_orphaned) {
        group_release_stopped(leader->group);
    }
    signal_tell_of_end(leader);
}

/* Other threads wait for the word in memory that clone or set_tid_address named. */
static void leave_memory(void)
{
    struct address_space *space = current->space;
    uint32_t zero = 0;

    if (current->clear_tid != 0 && space->users > 1 &&
        copy_to_user(current->clear_tid, &zero, sizeof(zero)) == 0) {
        futex_wake(space, current->clear_tid, 1);
    }
    page_directory_leave();
    current->space = NULL;
    space_release(space);
    fork_let_parent_go(current);
}

_Noreturn void thread_exit(int32_t status)
{
    struct process *leader = current->leader;
    struct thread_group *together = &leader->together;
    bool was_orphaned = group_is_orphaned(leader->group);

    if (leader->pid == PID_INIT && together->threads == 1) {
        end_of_init(together->ending ? together->status : status);
    }
    leave_memory();
    files_exit(current);
    x87_forget(current);
    if (together->threads == 1) {
        tty_session_ends(leader);
    }
    interrupts_off();
    together->ended_user_ticks += current->user_ticks;
    together->ended_system_ticks += current->system_ticks;
    current->user_ticks = current->system_ticks = 0;
    current->wake_set = false;
    current->wait_status = status;
    current->state = PROCESS_ZOMBIE;
    together->threads--;
    if (together->threads == 0) {
        leader->wait_status = together->ending ? together->status : leader->wait_status;
        end_process(leader, was_orphaned);
    }
    wake_all(together);
    schedule(); /* nobody queues a zombie: this does not come back */
    panic("a zombie was given the CPU");
}

/* Whatever the others do, they leave it and come to signal_deliver. */
static void tell_threads_to_end(struct process *survivor)
{
    bool were_on = interrupts_save_off();

    current->leader->together.ending = true;
    current->leader->together.survivor = survivor;
    for (struct process *thread = process_first; thread != NULL; thread = thread->next) {
        if (thread->leader == current->leader && thread != current) {
            signal_interrupt(thread);
        }
    }
    interrupts_restore(were_on);
}

_Noreturn void process_exit(int32_t status)
{
    struct thread_group *together = &current->leader->together;

    if (!together->ending || together->survivor == current) {
        together->status = status;
        tell_threads_to_end(NULL);
    }
    thread_exit(together->status);
}

/* A thread that executes another program becomes the process: it takes the leader's number and
 * place, and the old leader, a zombie, its own. */
static void become_leader(void)
{
    struct process *old = current->leader;
    int32_t pid = current->pid;

    interrupts_off();
    current->pid = old->pid;
    old->pid = pid;
    current->parent = old->parent;
    current->end_signal = old->end_signal;
    current->start_tick = old->start_tick;
    current->has_executed = old->has_executed;
    current->stop_unseen = old->stop_unseen;
    current->continue_unseen = old->continue_unseen;
    current->together = old->together;
    old->together.pending.more = NULL;
    if (current->together.survivor != NULL) {
        current->together.survivor = current;
    }
    for (struct process *other = process_first; other != NULL; other = other->next) {
        other->parent = other->parent == old ? current : other->parent;
        other->tracing.tracer = other->tracing.tracer == old ? current : other->tracing.tracer;
        other->leader = other->leader == old ? current : other->leader;
    }
    interrupts_on();
}

int32_t process_end_other_threads(void)
{
    struct thread_group *together = &current->leader->together;

    if (together->ending) {
        return -EINTR; /* another thread was first */
    }
    tell_threads_to_end(current);
    interrupts_off();
    while (together->threads > 1) {
        sleep_on(together);
    }
    together->ending = false;
    interrupts_on();
    if (current->leader != current) {
        become_leader();
    }
    current->together.survivor = NULL;
    process_free_ended_threads();
    return 0;
}

int32_t sys_exit(uint32_t status)
{
    thread_exit((int32_t)(status & 0xFF) << 8);
}

int32_t sys_exit_group(uint32_t status)
{
    process_exit((int32_t)(status & 0xFF) << 8);
}
