/* The list of processes, and what a PCB consists of. The list is short and in the order of age;
 * who looks for something walks along it. SPDX-License-Identifier: MIT */
#include "heart/process.h"

#include "common/text.h"
#include "devices/platform_map.h"
#include "drivers/console.h"
#include "drivers/power.h"
#include "drivers/tty_jobs.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/descriptors.h"
#include "heart/kernel_thread.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "support/log.h"
#include "support/pool.h"
#include "support/x87.h"

struct process process_idle;
struct process *process_first;
struct process *current = &process_idle;
int32_t pid_limit = PID_LIMIT;

static struct pool processes = {.name = "process", .bytes = sizeof(struct process)};
static struct pool handler_pool = {.name = "handlers", .bytes = sizeof(struct signal_handlers)};

static struct process *process_last;
static int32_t last_pid;    /* the one given last */
static uint32_t list_count; /* PCBs in the list */
static uint32_t made_count; /* since the start */

static bool stack_taken[PROCESS_LIMIT];
static uint32_t next_stack; /* where the search for a free slot begins */

void process_initialise(void)
{
    static struct places places = {.users = 1};

    copy_text(current->name, "idle", NAME_BYTES);
    current->state = PROCESS_RUNNING;
    current->call_number = -1;
    current->leader = current;
    current->places = &places;
}

struct process *process_find(int32_t pid)
{
    struct process *process = process_first;

    while (process != NULL && process->pid != pid) {
        process = process->next;
    }
    return process;
}

/* Is this number a process's, or still the name of a group or session? */
static bool is_taken(int32_t pid)
{
    for (const struct process *process = process_first; process != NULL; process = process->next) {
        if (process->pid == pid || process->group == pid || process->session == pid) {
            return true;
        }
    }
    return false;
}

static int32_t next_pid(void)
{
    do {
        last_pid = last_pid + 1 < pid_limit ? last_pid + 1 : PID_INIT + 1;
    } while (is_taken(last_pid));
    return last_pid;
}

int32_t process_last_pid(void)
{
    return last_pid;
}

uint32_t process_made_count(void)
{
    return made_count;
}

void process_times(const struct process *leader, uint32_t *user, uint32_t *system)
{
    *user = leader->together.ended_user_ticks;
    *system = leader->together.ended_system_ticks;
    for (const struct process *thread = process_first; thread != NULL; thread = thread->next) {
        if (thread->leader == leader) {
            *user += thread->user_ticks;
            *system += thread->system_ticks;
        }
    }
}

uint32_t process_count(uint32_t user)
{
    uint32_t count = 0;

    for (const struct process *process = process_first; process != NULL; process = process->next) {
        count += process->uid == user;
    }
    return count;
}

/* Some places are kept for root, so that somebody can put an end to what filled the others. */
static bool may_have_one_more(void)
{
    uint32_t limit = current->leader->together.limits[RLIMIT_NPROC].rlim_cur;

    if (current->uid == 0 || current == &process_idle) {
        return list_count < PROCESS_LIMIT;
    }
    return list_count < PROCESS_LIMIT - PROCESS_RESERVE && process_count(current->uid) < limit;
}

static uint32_t take_stack(uint32_t *top)
{
    while (stack_taken[next_stack]) { /* there are as many as PCBs: one is free */
        next_stack = (next_stack + 1) % PROCESS_LIMIT;
    }
    *top = kernel_stack_create(next_stack);
    stack_taken[next_stack] = *top != 0;
    return next_stack;
}

static void link_process(struct process *process)
{
    bool were_on = interrupts_save_off(); /* the timer walks along the list */

    if (process_last != NULL) {
        process_last->next = process;
    } else {
        process_first = process;
    }
    process_last = process;
    list_count++;
    made_count++;
    interrupts_restore(were_on);
}

static void unlink_process(struct process *process)
{
    bool were_on = interrupts_save_off();
    struct process *before = NULL;

    for (struct process *at = process_first; at != process; at = at->next) {
        before = at;
    }
    if (before == NULL) {
        process_first = process->next;
    } else {
        before->next = process->next;
    }
    if (process_last == process) {
        process_last = before;
    }
    list_count--;
    interrupts_restore(were_on);
}

int32_t process_allocate(struct process **made)
{
    struct process *process;
    uint32_t slot, stack_top;

    process_free_ended_threads();
    if (!may_have_one_more()) {
        return -EAGAIN;
    }
    process = pool_take(&processes);
    if (process == NULL) {
        return -ENOMEM;
    }
    slot = take_stack(&stack_top);
    if (stack_top == 0) {
        pool_give(&processes, process);
        return -ENOMEM;
    }
    process->pid = next_pid();
    process->leader = process;
    process->together.threads = 1;
    process->kernel_stack = slot;
    process->kernel_stack_top = stack_top;
    process->frame = (struct trap_frame *)stack_top - 1;
    process->call_number = -1;
    process->start_tick = ticks;
    link_process(process);
    *made = process;
    return 0;
}

void process_free(struct process *process)
{
    unlink_process(process);
    x87_forget(process);
    for (uint32_t signal = SIGRTMIN; signal <= NSIG; signal++) {
        signal_forget(&process->pending, signal);
        signal_forget(&process->together.pending, signal);
    }
    process_unshare(process);
    kernel_stack_destroy(process->kernel_stack_top);
    stack_taken[process->kernel_stack] = false;
    pool_give(&processes, process);
}

void process_free_ended_threads(void)
{
    for (struct process *process = process_first, *next; process != NULL; process = next) {
        next = process->next;
        if (process->state == PROCESS_ZOMBIE && process->leader != process) {
            process_free(process);
        }
    }
}

/* ---- what can be shared ---- */

static struct signal_handlers *copy_handlers(const struct signal_handlers *from)
{
    struct signal_handlers *handlers = pool_take(&handler_pool);

    if (handlers != NULL) {
        if (from != NULL) {
            *handlers = *from;
        }
        handlers->users = 1;
    }
    return handlers;
}

int32_t process_share(struct process *process, struct process *from, uint32_t clone_flags)
{
    if (clone_flags & CLONE_SIGHAND) {
        process->handlers = from->handlers;
        process->handlers->users++;
    } else {
        process->handlers = copy_handlers(from->handlers);
    }
    if (process->handlers == NULL || files_share(process, from, clone_flags) != 0) {
        process_unshare(process);
        return -ENOMEM;
    }
    return 0;
}

void process_unshare(struct process *process)
{
    files_exit(process);
    if (process->handlers != NULL && --process->handlers->users == 0) {
        pool_give(&handler_pool, process->handlers);
    }
    process->handlers = NULL;
}

int32_t process_own_handlers(struct process *process)
{
    struct signal_handlers *own;

    if (process->handlers->users == 1) {
        return 0;
    }
    own = copy_handlers(process->handlers);
    if (own == NULL) {
        return -ENOMEM;
    }
    process->handlers->users--;
    process->handlers = own;
    return 0;
}

/* ---- the first process ---- */

static void set_first_limits(struct rlimit *limits)
{
    for (uint32_t i = 0; i < RLIM_NLIMITS; i++) {
        limits[i] = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
    }
    limits[RLIMIT_STACK].rlim_cur = STACK_LIMIT;
    limits[RLIMIT_CORE].rlim_cur = 0;
    limits[RLIMIT_NOFILE] = (struct rlimit){DESCRIPTOR_LIMIT, DESCRIPTOR_LIMIT};
    limits[RLIMIT_NPROC].rlim_cur = PROCESS_LIMIT / 2;
}

_Noreturn void process_become_init(const char *path, char *const *environment)
{
    const char *const argv[] = {path, NULL};
    struct exec_vectors vectors = {.argv = (uint32_t)argv, .envp = (uint32_t)environment};
    int32_t result = process_share(current, &process_idle, 0);

    current->group = current->session = current->pid;
    set_first_limits(current->together.limits);
    if (console_tty() != NULL) {
        tty_attach(console_tty(), current);
    }
    if (result == 0) {
        files_for_init(current);
        result = exec_replace(current, path, &vectors);
    }
    if (result != 0) {
        print("kernel: can not start %s: error %d; init= names another program\n", path, -result);
        power_end_run();
    }
    port_write8(PORT_POST, POST_PROGRAM);
    kernel_thread_become_program();
}
