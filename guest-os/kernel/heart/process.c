/* The table of processes. Slots are found by a walk: it is short, and nothing can be out of step.
 * SPDX-License-Identifier: MIT */
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
#include "heart/system_call.h"
#include "support/log.h"

#define PID_LIMIT 32768

struct process process_table[PROCESS_LIMIT];
struct process *current = &process_table[0];

static int32_t last_pid; /* the one given last */

void process_initialise(void)
{
    copy_text(current->name, "idle", NAME_BYTES);
    current->state = PROCESS_RUNNING;
    current->call_number = -1;
}

struct process *process_find(int32_t pid)
{
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        if (process_table[i].state != PROCESS_UNUSED && process_table[i].pid == pid) {
            return &process_table[i];
        }
    }
    return NULL;
}

/* Is this number a process's, or still the name of a group or session? */
static bool is_taken(int32_t pid)
{
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        const struct process *process = &process_table[i];

        if (process->state != PROCESS_UNUSED &&
            (process->pid == pid || process->group == pid || process->session == pid)) {
            return true;
        }
    }
    return false;
}

static int32_t next_pid(void)
{
    do {
        last_pid = last_pid + 1 < PID_LIMIT ? last_pid + 1 : PID_INIT + 1;
    } while (is_taken(last_pid));
    return last_pid;
}

int32_t process_allocate(struct process **made)
{
    for (uint32_t i = 1; i < PROCESS_LIMIT; i++) {
        struct process *process = &process_table[i];
        uint32_t stack_top;

        if (process->state != PROCESS_UNUSED) {
            continue;
        }
        stack_top = kernel_stack_create(i);
        if (stack_top == 0) {
            return -ENOMEM;
        }
        memset(process, 0, sizeof(*process));
        process->pid = next_pid();
        process->kernel_stack_top = stack_top;
        process->frame = (struct trap_frame *)stack_top - 1;
        process->call_number = -1;
        process->start_tick = ticks;
        *made = process;
        return 0;
    }
    return -EAGAIN;
}

void process_free(struct process *process)
{
    kernel_stack_destroy((uint32_t)(process - process_table));
    process->state = PROCESS_UNUSED;
}

void process_use_thread_area(const struct process *process)
{
    if (process->thread_set) {
        descriptors_set_thread(process->thread_base, process->thread_limit,
                               process->thread_in_pages);
    } else {
        descriptors_set_thread(0, 0xFFFFF, true);
    }
}

/* One segment per process, for the data that C libraries keep for each thread. */
int32_t sys_set_thread_area(struct trap_frame *frame)
{
    struct user_desc segment;

    if (copy_from_user(&segment, frame->ebx, sizeof(segment)) != 0) {
        return -EFAULT;
    }
    if (segment.entry_number != UINT32_MAX && segment.entry_number != THREAD_ENTRY) {
        return -EINVAL;
    }
    if (segment.limit > 0xFFFFF || (segment.flags & USER_DESC_32BIT) == 0) {
        return -EINVAL;
    }
    segment.entry_number = THREAD_ENTRY;
    if (copy_to_user(frame->ebx, &segment, sizeof(segment)) != 0) {
        return -EFAULT;
    }
    current->thread_base = segment.base_addr;
    current->thread_limit = segment.limit;
    current->thread_in_pages = (segment.flags & USER_DESC_PAGES) != 0;
    current->thread_set = true;
    process_use_thread_area(current);
    return 0;
}

_Noreturn void process_become_init(const char *path, char *const *environment)
{
    const char *const argv[] = {path, NULL};
    struct exec_vectors vectors = {.argv = (uint32_t)argv, .envp = (uint32_t)environment};
    int32_t result;

    current->group = current->session = current->pid;
    if (console_tty() != NULL) {
        tty_attach(console_tty(), current);
    }
    files_for_init(current);
    result = exec_replace(current, path, &vectors);
    if (result != 0) {
        print("kernel: can not start %s: error %d; init= names another program\n", path, -result);
        power_end_run();
    }
    port_write8(PORT_POST, POST_PROGRAM);
    kernel_thread_become_program();
}
