/* ptrace: a process watches and changes another one. The traced thread stops in its own kernel code
 * (before a signal takes effect, at either end of a system call, after a fork or exec), tells its
 * tracer by SIGCHLD and wait, and sleeps until it is told how to go on. All that is stopped has its
 * registers in its trap frame and its memory within reach. Interrupts are on in calls, off where a
 * stop is decided. See: ptrace(2). SPDX-License-Identifier: MIT */
#include "calls/ptrace.h"

#include "heart/cpu.h"
#include "heart/descriptors.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

#define OPTIONS_KNOWN    (PTRACE_O_TRACESYSGOOD | PTRACE_O_EVENTS)
#define WORD_ORIG_EAX    11u /* of struct user_regs: the number of the call in progress */
#define USER_STRUCT_SIZE 284u

static void stop(uint32_t code, uint32_t event, const struct signal_cause *cause)
{
    struct tracing *tracing = &current->tracing;
    bool were_on = interrupts_save_off();

    if (!signal_is_deadly(current)) {
        current->frame->eflags &= ~EFLAGS_TRAP;
        tracing->status = (int32_t)(event << 16 | code << 8 | 0x7F);
        tracing->cause = cause;
        tracing->signal = 0;
        tracing->is_stopped = tracing->is_unseen = true;
        signal_tell_parent(current, CLD_TRAPPED, (int32_t)code);
    }
    while (tracing->is_stopped && !signal_is_deadly(current)) {
        sleep_on(tracing);
    }
    tracing->is_stopped = tracing->is_unseen = false;
    tracing->cause = NULL;
    interrupts_restore(were_on);
}

uint32_t ptrace_signal(uint32_t signal, struct signal_cause *cause)
{
    if (current->tracing.tracer == NULL || signal == SIGKILL) {
        return signal;
    }
    stop(signal, 0, cause);
    if (cause != NULL && current->tracing.signal != signal) {
        *cause = (struct signal_cause){.code = SI_USER};
    }
    return current->tracing.signal;
}

/* A stop that is no signal's; the tracer may send one with it. */
static void stop_and_take_signal(uint32_t code, uint32_t event)
{
    stop(code, event, NULL);
    if (current->tracing.signal != 0) {
        signal_send_thread(current, current->tracing.signal, &(struct signal_cause){SI_USER});
    }
}

static void stop_at_call(void)
{
    bool marked = (current->tracing.options & PTRACE_O_TRACESYSGOOD) != 0;

    stop_and_take_signal(SIGTRAP | (marked ? 0x80 : 0), 0);
}

void ptrace_before_call(struct trap_frame *frame)
{
    if (current->tracing.tracer != NULL && current->tracing.way == PTRACE_SYSCALL) {
        frame->eax = (uint32_t)-ENOSYS;
        stop_at_call();
        frame->eax = (uint32_t)current->call_number; /* the tracer may want another one */
    }
}

void ptrace_after_call(void)
{
    if (current->tracing.tracer != NULL && current->tracing.way == PTRACE_SYSCALL) {
        stop_at_call();
    } else if (current->frame->eflags & EFLAGS_TRAP && current->tracing.tracer != NULL) {
        signal_force(current, SIGTRAP, &(struct signal_cause){.code = TRAP_TRACE});
    }
}

/* The event that a tracer wants to hear of when a child is made so; 0: none. */
static uint32_t event_of(uint32_t clone_flags)
{
    uint32_t event = clone_flags & CLONE_VFORK                 ? PTRACE_EVENT_VFORK
                     : (clone_flags & CLONE_SIGNAL) == SIGCHLD ? PTRACE_EVENT_FORK
                                                               : PTRACE_EVENT_CLONE;

    return current->tracing.options & 1u << event ? event : 0;
}

void ptrace_inherit(struct process *child, uint32_t clone_flags)
{
    if (current->tracing.tracer != NULL && event_of(clone_flags) != 0) {
        child->tracing.tracer = current->tracing.tracer;
        child->tracing.options = current->tracing.options;
        child->pending.set |= signal_bit(SIGSTOP); /* its first stop */
    }
}

void ptrace_made_child(int32_t pid, uint32_t clone_flags)
{
    if (current->tracing.tracer != NULL && event_of(clone_flags) != 0) {
        current->tracing.message = (uint32_t)pid;
        stop_and_take_signal(SIGTRAP, event_of(clone_flags));
    }
}

void ptrace_executed(void)
{
    if (current->tracing.tracer == NULL) {
        return;
    }
    if (current->tracing.options & 1u << PTRACE_EVENT_EXEC) {
        stop_and_take_signal(SIGTRAP, PTRACE_EVENT_EXEC);
    } else {
        signal_send_thread(current, SIGTRAP, &(struct signal_cause){.code = SI_USER});
    }
}

/* It goes on, with `signal` if that is not 0. */
static void go_on(struct process *thread, uint32_t way, uint32_t signal)
{
    bool were_on = interrupts_save_off();

    thread->tracing.way = way;
    thread->tracing.signal = signal;
    thread->tracing.is_stopped = thread->tracing.is_unseen = false;
    if (way == PTRACE_SINGLESTEP) {
        thread->frame->eflags |= EFLAGS_TRAP;
    }
    wake_all(&thread->tracing);
    interrupts_restore(were_on);
}

void ptrace_release(struct process *thread, uint32_t signal)
{
    bool is_zombie = thread->state == PROCESS_ZOMBIE && thread->leader == thread;

    thread->tracing.options = 0;
    thread->tracing.tracer = NULL;
    if (is_zombie && thread->together.threads == 0) {
        signal_tell_of_end(thread); /* its parent has not been told yet */
    } else if (thread->state != PROCESS_ZOMBIE) {
        thread->frame->eflags &= ~EFLAGS_TRAP;
        go_on(thread, PTRACE_CONT, signal);
    }
}

void ptrace_tracer_ends(const struct process *tracer)
{
    for (struct process *thread = process_first; thread != NULL; thread = thread->next) {
        if (thread->tracing.tracer == tracer) {
            ptrace_release(thread, 0);
        }
    }
}

static int32_t attach(struct process *thread)
{
    bool same_user =
        thread->uid == current->uid && thread->euid == current->uid && thread->suid == current->uid;

    if (thread->leader == current->leader || thread->tracing.tracer != NULL ||
        thread->is_kernel_thread || thread->leader->pid == PID_INIT || thread->space == NULL ||
        (!same_user && current->euid != 0)) {
        return -EPERM;
    }
    thread->tracing = (struct tracing){.tracer = current->leader, .way = PTRACE_CONT};
    interrupts_off();
    if (thread->leader->together.stopped_by != 0) { /* it stops again, for us */
        thread->leader->together.stopped_by = 0;
        signal_interrupt(thread);
    }
    interrupts_on();
    signal_send_thread(thread, SIGSTOP, &(struct signal_cause){.code = SI_USER});
    return 0;
}

/* One word of the traced program's memory. Its pages may not be there yet. */
static int32_t access_memory(struct process *thread, uint32_t address, uint32_t *word, bool write)
{
    struct address_space *space = thread->space;
    uint32_t last = address + sizeof(*word) - 1, i = 0;
    int32_t result;

    if (space == NULL || address >= KERNEL_BASE - sizeof(*word)) {
        return -EIO;
    }
    space->users++; /* it may be killed while its page comes from the disk */
    while (i < space->region_count &&
           (space->regions[i].start > address || space->regions[i].end <= address)) {
        i++;
    }
    if (!write) {
        space_fault(space, address, false);
        space_fault(space, last, false);
        result = space_read(space, address, word, sizeof(*word));
    } else if (i == space->region_count || space->regions[i].flags & REGION_WRITE || base_bound) {
        result = space_write(space, address, word, sizeof(*word));
    } else if (space->regions[i].flags & REGION_SHARED) {
        result = -EIO;
    } else { /* a breakpoint in the code: this process has a page of its own from now on */
        uint32_t *entry;

        space->regions[i].flags |= REGION_WRITE;
        result = space_write(space, address, word, sizeof(*word));
        space->regions[i].flags &= ~REGION_WRITE;
        entry = page_entry(space->directory, address, false);
        if (entry != NULL) {
            *entry &= ~PAGE_WRITABLE;
        }
    }
    space_release(space);
    return result == 0 ? 0 : -EIO;
}

/* Where the trap frame has word `i` of struct user_regs. */
static uint32_t *register_of(struct process *thread, uint32_t i)
{
    struct trap_frame *frame = thread->frame;
    uint32_t *const words[USER_REGS] = {&frame->ebx, &frame->ecx, &frame->edx,
                                        &frame->esi, &frame->edi, &frame->ebp,
                                        &frame->eax, &frame->ds,  &frame->es,
                                        &frame->fs,  &frame->gs,  (uint32_t *)&thread->call_number,
                                        &frame->eip, &frame->cs,  &frame->eflags,
                                        &frame->esp, &frame->ss};

    return words[i];
}

static bool is_selector(const uint32_t *word, const struct trap_frame *frame)
{
    return (word >= &frame->gs && word <= &frame->ds) || word == &frame->cs || word == &frame->ss;
}

static uint32_t get_register(struct process *thread, uint32_t i)
{
    uint32_t *word = register_of(thread, i);

    return is_selector(word, thread->frame) ? *word & 0xFFFF : *word;
}

/* The mode, the segments and the system's flags stay what they are. */
static int32_t set_register(struct process *thread, uint32_t i, uint32_t value)
{
    uint32_t *word = register_of(thread, i);

    if (is_selector(word, thread->frame)) {
        return (value & 0xFFFF) == (*word & 0xFFFF) ? 0 : -EIO;
    }
    *word = word == &thread->frame->eflags ? (*word & ~EFLAGS_USER) | (value & EFLAGS_USER) : value;
    return 0;
}

static int32_t all_registers(struct process *thread, uint32_t address, bool set)
{
    uint32_t words[USER_REGS];
    int32_t result = set ? copy_from_user(words, address, sizeof(words)) : 0;

    for (uint32_t i = 0; i < USER_REGS && result == 0; i++) {
        if (set) {
            result = set_register(thread, i, words[i]);
        } else {
            words[i] = get_register(thread, i);
        }
    }
    return set || result != 0 ? result : copy_to_user(address, words, sizeof(words));
}

/* A word of Linux's struct user: the registers, and what is not kept here as zeros. */
static int32_t user_word(struct process *thread, uint32_t offset, uint32_t *word, bool set)
{
    if (offset % sizeof(*word) != 0 || offset > USER_STRUCT_SIZE - sizeof(*word)) {
        return -EIO;
    }
    if (offset / sizeof(*word) >= USER_REGS) {
        return set ? -EIO : (*word = 0, 0);
    }
    if (set) {
        return set_register(thread, offset / sizeof(*word), *word);
    }
    *word = get_register(thread, offset / sizeof(*word));
    return 0;
}

static int32_t tell(struct process *thread, uint32_t request, uint32_t address)
{
    struct siginfo info;

    if (request == PTRACE_GETEVENTMSG) {
        return copy_to_user(address, &thread->tracing.message, sizeof(uint32_t));
    }
    if (thread->tracing.cause == NULL) {
        return -EINVAL;
    }
    signal_fill_info(&info, (uint32_t)thread->tracing.status >> 8 & 0x7F, thread->tracing.cause);
    return copy_to_user(address, &info, sizeof(info));
}

static int32_t ask(struct process *thread, uint32_t request, uint32_t address, uint32_t data)
{
    bool set = request >= PTRACE_POKETEXT;
    bool is_user = request == PTRACE_PEEKUSER || request == PTRACE_POKEUSER;
    uint32_t word = data;
    int32_t result = is_user ? user_word(thread, address, &word, set)
                             : access_memory(thread, address, &word, set);

    return result != 0 || set ? result : copy_to_user(data, &word, sizeof(word));
}

/* ptrace(request, pid, address, data); data of a peek is where the word is stored. */
int32_t sys_ptrace(uint32_t request, uint32_t pid, uint32_t address, uint32_t data)
{
    struct process *thread = process_find((int32_t)pid);

    if (request == PTRACE_TRACEME) {
        if (current->tracing.tracer != NULL || current->leader->parent == NULL) {
            return -EPERM;
        }
        current->tracing.tracer = current->leader->parent;
        return 0;
    }
    if (thread == NULL || thread->state == PROCESS_ZOMBIE) {
        return -ESRCH;
    }
    if (request == PTRACE_ATTACH) {
        return attach(thread);
    }
    if (thread->tracing.tracer != current->leader ||
        (!thread->tracing.is_stopped && request != PTRACE_KILL)) {
        return -ESRCH;
    }
    switch (request) {
    case PTRACE_PEEKTEXT ... PTRACE_POKEUSER:
        return ask(thread, request, address, data);
    case PTRACE_GETREGS:
    case PTRACE_SETREGS:
        return all_registers(thread, data, request == PTRACE_SETREGS);
    case PTRACE_GETEVENTMSG:
    case PTRACE_GETSIGINFO:
        return tell(thread, request, data);
    case PTRACE_SETOPTIONS:
        thread->tracing.options = data & OPTIONS_KNOWN;
        return data & ~OPTIONS_KNOWN ? -EINVAL : 0;
    case PTRACE_KILL:
        signal_send_thread(thread, SIGKILL, &(struct signal_cause){.code = SI_USER});
        return 0;
    case PTRACE_CONT:
    case PTRACE_SYSCALL:
    case PTRACE_SINGLESTEP:
    case PTRACE_DETACH:
        if (data > NSIG) {
            return -EIO;
        }
        if (request == PTRACE_DETACH) {
            ptrace_release(thread, data);
        } else {
            go_on(thread, request, data);
        }
        return 0;
    default:
        return -EIO;
    }
}
