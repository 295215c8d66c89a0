/* Sending and taking signals. Interrupts are off wherever a pending set or a state changes, since
 * the timer and the terminal send signals from interrupt handlers. See: signal(7).
 * SPDX-License-Identifier: MIT */
#include "heart/signal.h"

#include "calls/ptrace.h"
#include "heart/cpu.h"
#include "heart/group.h"
#include "heart/scheduler.h"
#include "support/core_dump.h"
#include "support/pool.h"

#define SYSTEM_CALL_BYTES 2    /* length of INT 80h */
#define QUEUED_MOST       1024 /* real-time signals that wait for one process */

static struct pool queued_signals = {.name = "queued_signal",
                                     .bytes = sizeof(struct queued_signal)};

enum default_action { ACTION_TERMINATE, ACTION_CORE, ACTION_IGNORE, ACTION_STOP };

static enum default_action default_action(uint32_t signal)
{
    switch (signal) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
        return ACTION_IGNORE;
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return ACTION_STOP;
    case SIGQUIT:
    case SIGILL:
    case SIGTRAP:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGXCPU:
    case SIGXFSZ:
    case SIGSYS:
        return ACTION_CORE;
    default:
        return ACTION_TERMINATE;
    }
}

static bool is_stop_signal(uint32_t signal)
{
    return default_action(signal) == ACTION_STOP;
}

bool signal_is_ignored(const struct process *process, uint32_t signal)
{
    uint32_t handler = process->handlers->actions[signal].sa_handler;

    if (process->leader->pid == PID_INIT && handler == SIG_DFL) {
        return true; /* nobody can end or stop init, as long as it does not ask for it */
    }
    return handler == SIG_IGN || (handler == SIG_DFL && default_action(signal) == ACTION_IGNORE);
}

sigset_t signal_pending_set(const struct process *process)
{
    return process->pending.set | process->leader->together.pending.set;
}

static sigset_t deliverable(const struct process *process)
{
    return signal_pending_set(process) & ~process->blocked;
}

static bool has_to_end(const struct process *process)
{
    const struct thread_group *together = &process->leader->together;

    return together->ending && together->survivor != process;
}

bool signal_is_pending(const struct process *process)
{
    return deliverable(process) != 0 || has_to_end(process) ||
           process->leader->together.stopped_by != 0;
}

bool signal_is_deadly(const struct process *process)
{
    return (deliverable(process) & signal_bit(SIGKILL)) != 0 || has_to_end(process);
}

void signal_interrupt(struct process *thread)
{
    if (thread->state == PROCESS_WAITING || thread->state == PROCESS_STOPPED) {
        make_ready(thread);
    }
}

/* All threads that obey a stop signal. */
static void wake_stopped(const struct process *leader)
{
    for (struct process *thread = process_first; thread != NULL; thread = thread->next) {
        if (thread->leader == leader && thread->state == PROCESS_STOPPED) {
            make_ready(thread);
        }
    }
}

/* SIGCONT and the stop signals cancel each other, and SIGCONT continues even if it is blocked. */
static void stop_or_continue(struct process *leader, uint32_t signal)
{
    sigset_t stops =
        signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU);
    sigset_t cancelled = signal == SIGCONT        ? stops
                         : is_stop_signal(signal) ? signal_bit(SIGCONT)
                                                  : 0;

    leader->together.pending.set &= ~cancelled;
    for (struct process *thread = process_first; thread != NULL && cancelled != 0;
         thread = thread->next) {
        thread->pending.set &= thread->leader == leader ? ~cancelled : ~(sigset_t)0;
    }
    if (leader->together.stopped_by != 0 && (signal == SIGCONT || signal == SIGKILL)) {
        leader->together.stopped_by = 0;
        leader->stop_unseen = false;
        if (signal == SIGCONT) {
            leader->continue_unseen = true;
            signal_tell_parent(leader, CLD_CONTINUED, SIGCONT);
        }
        wake_stopped(leader);
    }
}

/* Behind all that wait. Only processes send real-time signals, no interrupt handler. */
static bool add_queued(struct pending_signals *pending, uint32_t signal,
                       const struct signal_cause *cause)
{
    struct queued_signal **end = &pending->more;
    struct queued_signal *one =
        pending->more_count < QUEUED_MOST ? pool_take(&queued_signals) : NULL;

    if (one == NULL) {
        return false;
    }
    *one = (struct queued_signal){.signal = signal, .cause = *cause};
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = one;
    pending->more_count++;
    return true;
}

/* A second one of the same number is lost, but for real-time signals. False: no room for one of
 * these. */
static bool add_pending(struct pending_signals *pending, uint32_t signal,
                        const struct signal_cause *cause)
{
    if ((pending->set & signal_bit(signal)) == 0) {
        pending->causes[signal] = *cause;
    } else if (signal >= SIGRTMIN) {
        return add_queued(pending, signal, cause);
    }
    pending->set |= signal_bit(signal);
    return true;
}

/* Take the first of this number out of the queue; false: there is none. */
static bool take_queued(struct pending_signals *pending, uint32_t signal,
                        struct signal_cause *cause)
{
    for (struct queued_signal **at = &pending->more; *at != NULL; at = &(*at)->next) {
        struct queued_signal *one = *at;

        if (one->signal == signal) {
            *cause = one->cause;
            *at = one->next;
            pending->more_count--;
            pool_give(&queued_signals, one);
            return true;
        }
    }
    return false;
}

void signal_forget(struct pending_signals *pending, uint32_t signal)
{
    pending->set &= ~signal_bit(signal);
    while (take_queued(pending, signal, &pending->causes[signal])) {}
}

/* Does it sleep, and would this signal end that? */
static bool wake_for(struct process *thread, uint32_t signal)
{
    bool wants = (thread->blocked & ~thread->awaited & signal_bit(signal)) == 0;

    if (wants && thread->state != PROCESS_ZOMBIE) {
        wake(thread);
    }
    return wants && thread->state != PROCESS_ZOMBIE;
}

static bool can_be_told(const struct process *process)
{
    return process->handlers != NULL && process->state != PROCESS_NEW &&
           process->leader->together.threads > 0;
}

static bool matters(const struct process *process, uint32_t signal)
{
    return (process->blocked & signal_bit(signal)) || !signal_is_ignored(process, signal) ||
           process->tracing.tracer != NULL;
}

bool signal_send(struct process *leader, uint32_t signal, const struct signal_cause *cause)
{
    bool were_on = interrupts_save_off(), has_room = true;

    if (can_be_told(leader)) {
        stop_or_continue(leader, signal);
        if (matters(leader, signal)) {
            struct process *thread = process_first;

            has_room = add_pending(&leader->together.pending, signal, cause);
            while (thread != NULL && (thread->leader != leader || !wake_for(thread, signal))) {
                thread = thread->next;
            }
        }
    }
    interrupts_restore(were_on);
    return has_room;
}

void signal_send_thread(struct process *thread, uint32_t signal, const struct signal_cause *cause)
{
    bool were_on = interrupts_save_off();

    if (can_be_told(thread) && thread->state != PROCESS_ZOMBIE) {
        stop_or_continue(thread->leader, signal);
        if (matters(thread, signal)) {
            add_pending(&thread->pending, signal, cause);
            wake_for(thread, signal);
        }
    }
    interrupts_restore(were_on);
}

void signal_force(struct process *thread, uint32_t signal, const struct signal_cause *cause)
{
    bool were_on = interrupts_save_off();
    struct kernel_sigaction *action = &thread->handlers->actions[signal];

    if (action->sa_handler == SIG_IGN || (thread->blocked & signal_bit(signal))) {
        action->sa_handler = SIG_DFL;
    }
    thread->blocked &= ~signal_bit(signal);
    thread->pending.set &= ~signal_bit(signal);
    add_pending(&thread->pending, signal, cause);
    interrupts_restore(were_on);
}

uint32_t signal_send_group(int32_t group, uint32_t signal, const struct signal_cause *cause)
{
    uint32_t count = 0;

    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (process->leader == process && process->group == group) {
            count++;
            if (signal != 0) {
                signal_send(process, signal, cause);
            }
        }
    }
    return count;
}

void signal_tell_parent(struct process *child, int32_t code, int32_t status)
{
    struct process *tracer = child->tracing.tracer;
    struct process *parent = tracer != NULL ? tracer : child->parent;
    bool is_end = code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED;
    uint32_t signal = is_end ? child->end_signal : SIGCHLD;
    struct signal_cause cause = {
        .code = code, .value = (uint32_t)child->pid, .user = child->uid, .status = status};

    if (parent == NULL) {
        return;
    }
    if (signal != 0 &&
        (is_end || (parent->handlers->actions[SIGCHLD].sa_flags & SA_NOCLDSTOP) == 0)) {
        signal_send(parent, signal, &cause);
    }
    wake_all(parent); /* in waitpid: it waits for its own PCB */
}

void signal_tell_of_end(struct process *leader)
{
    int32_t status = leader->wait_status;

    if (WIFEXITED(status)) {
        signal_tell_parent(leader, CLD_EXITED, WEXITSTATUS(status));
    } else {
        signal_tell_parent(leader, WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED, WTERMSIG(status));
    }
}

void signal_take(uint32_t signal, struct signal_cause *cause)
{
    struct pending_signals *pending = current->pending.set & signal_bit(signal)
                                          ? &current->pending
                                          : &current->leader->together.pending;

    *cause = pending->causes[signal];
    if (!take_queued(pending, signal, &pending->causes[signal])) {
        pending->set &= ~signal_bit(signal);
    }
}

/* The signal to take next: exceptions first, since their handlers must see the registers as the
 * exception left them; otherwise the smallest number. */
static uint32_t choose(sigset_t set)
{
    sigset_t from_exceptions = signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) |
                               signal_bit(SIGTRAP) | signal_bit(SIGFPE);
    uint32_t signal = 1;

    if (set & from_exceptions) {
        set &= from_exceptions;
    }
    while ((set & signal_bit(signal)) == 0) {
        signal++;
    }
    return signal;
}

/* All threads are to stop; each does when it comes here. Only the first tells the parent. */
static void begin_stop(uint32_t signal)
{
    struct process *leader = current->leader;

    leader->together.stopped_by = signal;
    leader->wait_status = (int32_t)(signal << 8 | 0x7F);
    leader->stop_unseen = true;
    leader->continue_unseen = false;
    for (struct process *thread = process_first; thread != NULL; thread = thread->next) {
        if (thread->leader == leader && thread != current) {
            wake(thread);
        }
    }
    signal_tell_parent(leader, CLD_STOPPED, (int32_t)signal);
}

static void stay_stopped(void)
{
    while (current->leader->together.stopped_by != 0 && !signal_is_deadly(current)) {
        current->state = PROCESS_STOPPED;
        schedule();
    }
}

void signal_settle_call(struct trap_frame *frame, const struct kernel_sigaction *action)
{
    int32_t result = (int32_t)frame->eax;
    bool was_call = current->call_number >= 0;
    bool again;

    if (!was_call ||
        (result != -ERESTARTSYS && result != -ERESTARTNOHAND && result != -ERESTART_WITH_0)) {
        return;
    }
    again = action == NULL || (result == -ERESTARTSYS && (action->sa_flags & SA_RESTART) != 0);
    if (again) {
        frame->eax =
            result == -ERESTART_WITH_0 ? SYS_restart_syscall : (uint32_t)current->call_number;
        frame->eip -= SYSTEM_CALL_BYTES;
        current->is_restarted = true;
    } else {
        frame->eax = (uint32_t)-EINTR;
    }
    current->call_number = -1;
}

static void run_handler(struct trap_frame *frame, uint32_t signal, const struct signal_cause *cause)
{
    struct kernel_sigaction *actions = current->handlers->actions;
    struct kernel_sigaction action = actions[signal];
    sigset_t during = (sigset_t)action.sa_mask[1] << 32 | action.sa_mask[0];

    signal_settle_call(frame, &action);
    if (action.sa_flags & SA_RESETHAND) {
        actions[signal].sa_handler = SIG_DFL;
    }
    if (!signal_push_frame(frame, signal, &action, cause)) {
        actions[SIGSEGV].sa_handler = SIG_DFL;
        signal_force(current, SIGSEGV, &(struct signal_cause){.code = SI_KERNEL});
        return;
    }
    if ((action.sa_flags & SA_NODEFER) == 0) {
        during |= signal_bit(signal);
    }
    current->blocked |= during & ~SIGNALS_UNTOUCHABLE;
    current->mask_is_saved = false; /* the frame has it */
}

sigset_t signal_mask_to_return_to(void)
{
    return current->mask_is_saved ? current->saved_mask : current->blocked;
}

bool signal_restore_mask(void)
{
    bool was_saved = current->mask_is_saved;

    current->blocked = signal_mask_to_return_to();
    current->mask_is_saved = false;
    return was_saved;
}

static _Noreturn void end_by(uint32_t signal, const struct signal_cause *cause)
{
    struct siginfo info;
    bool has_core = false;

    interrupts_on();
    if (default_action(signal) == ACTION_CORE) {
        signal_fill_info(&info, signal, cause);
        has_core = core_dump(&info);
    }
    process_exit((int32_t)signal | (has_core ? WAIT_CORE : 0));
}

/* Take one signal; false: its handler is about to run. */
static bool take_one(struct trap_frame *frame, uint32_t signal)
{
    struct signal_cause cause;
    uint32_t handler;

    signal_take(signal, &cause);
    signal = ptrace_signal(signal, &cause);
    if (signal == 0) {
        return true; /* the tracer keeps it */
    }
    handler = current->handlers->actions[signal].sa_handler;
    if (handler > SIG_IGN) {
        run_handler(frame, signal, &cause);
        return false; /* more pending ones interrupt the handler; leave_to_user asks again */
    }
    if (handler == SIG_IGN || default_action(signal) == ACTION_IGNORE) {
        return true;
    }
    if (default_action(signal) != ACTION_STOP) {
        end_by(signal, &cause);
    }
    if (current->tracing.tracer != NULL) {
        ptrace_signal(signal, NULL); /* the tracer is told of the stop, too */
    } else if (signal == SIGSTOP || !group_is_orphaned(current->group)) {
        begin_stop(signal);
    }
    return true;
}

void signal_deliver(struct trap_frame *frame)
{
    while (signal_is_pending(current)) {
        if (has_to_end(current)) {
            process_exit(0); /* the status is another thread's */
        }
        if (current->leader->together.stopped_by != 0 && !signal_is_deadly(current)) {
            stay_stopped();
        } else if (!take_one(frame, choose(deliverable(current)))) {
            return;
        }
    }
}
