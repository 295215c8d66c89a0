/* The texts of /proc, each in Linux's words, and the table of them. See: proc(5).
 * SPDX-License-Identifier: MIT */
#include "calls/machine.h"
#include "common/text.h"
#include "drivers/tty.h"
#include "files/buffer.h"
#include "files/file.h"
#include "files/proc.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "heart/trap.h"
#include "support/core_dump.h"
#include "support/pool.h"

/* ---- one process ---- */

static const char *const states[] = {
    [PROCESS_NEW] = "R (running)",     [PROCESS_READY] = "R (running)",
    [PROCESS_RUNNING] = "R (running)", [PROCESS_WAITING] = "S (sleeping)",
    [PROCESS_STOPPED] = "T (stopped)", [PROCESS_ZOMBIE] = "Z (zombie)",
};

/* Ticks in the unit that programs know. */
static uint32_t user_hz(uint32_t tick_count)
{
    return (uint32_t)((uint64_t)tick_count * USER_HZ / tick_hz);
}

/* Pages that are there. */
static uint32_t pages_of(const struct process *process)
{
    uint32_t pages = 0;

    if (base_bound && process->space != NULL) {
        return process->space->bound / PAGE_SIZE;
    }
    for (uint32_t i = 0; process->space != NULL && i < process->space->region_count; i++) {
        const struct region *region = &process->space->regions[i];

        for (uint32_t page = region->start; page < region->end; page += PAGE_SIZE) {
            uint32_t *entry = page_entry(process->space->directory, page, false);

            if (entry == NULL) { /* no table: on to what the next one is for */
                page |= 0x3FF000;
            } else {
                pages += *entry & PAGE_PRESENT;
            }
        }
    }
    return pages;
}

static uint32_t bytes_of(const struct process *process)
{
    return process->space == NULL ? 0 : space_bytes(process->space);
}

static int32_t parent_pid(const struct process *process)
{
    return process->parent == NULL ? 0 : process->parent->pid;
}

static void make_stat(struct text *text)
{
    const struct process *process = text->process;
    const struct thread_group *together = &process->together;
    const struct tty *tty = process->terminal;
    uint32_t user, system;

    process_times(process, &user, &system);
    text_add(text,
             "%d (%s) %c %d %d %d %u %d 0 0 0 0 0 %u %u %u %u %d %d %u 0 %u %u %u 4294967295"
             " 0 0 0 0 0 %u %u 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
             process->pid, process->name, states[process->state][0], parent_pid(process),
             process->group, process->session, tty == NULL ? 0 : tty->device,
             tty == NULL ? -1 : tty->foreground, user_hz(user), user_hz(system),
             user_hz(together->children_user_ticks), user_hz(together->children_system_ticks),
             20 + process->nice, process->nice, together->threads, user_hz(process->start_tick),
             bytes_of(process), pages_of(process), (uint32_t)signal_pending_set(process),
             (uint32_t)process->blocked);
}

/* The signals whose handler is SIG_IGN, or a function of the program. */
static sigset_t signals_with(const struct process *process, bool ignored)
{
    sigset_t set = 0;

    for (uint32_t signal = 1; process->handlers != NULL && signal <= NSIG; signal++) {
        uint32_t handler = process->handlers->actions[signal].sa_handler;

        set |= (sigset_t)(ignored ? handler == SIG_IGN : handler > SIG_IGN) << (signal - 1);
    }
    return set;
}

static void add_signals(struct text *text, const char *name, sigset_t set)
{
    text_add(text, "%s:\t%08x%08x\n", name, (uint32_t)(set >> 32), (uint32_t)set);
}

static void make_status(struct text *text)
{
    const struct process *process = text->process;
    uint32_t umask = process->places == NULL ? 0 : process->places->umask;

    text_add(text, "Name:\t%s\nUmask:\t00%c%c\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n",
             process->name, '0' + (int)(umask >> 3 & 7), '0' + (int)(umask & 7),
             states[process->state], process->leader->pid, process->pid, parent_pid(process));
    text_add(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nFDSize:\t%u\n", process->uid,
             process->euid, process->suid, process->euid, process->gid, process->egid,
             process->sgid, process->egid, DESCRIPTOR_LIMIT);
    text_add(text, "VmSize:\t%8u kB\nVmRSS:\t%8u kB\nThreads:\t%u\n", bytes_of(process) / 1024,
             pages_of(process) * (PAGE_SIZE / 1024), process->leader->together.threads);
    add_signals(text, "SigPnd", process->pending.set);
    add_signals(text, "ShdPnd", process->together.pending.set);
    add_signals(text, "SigBlk", process->blocked);
    add_signals(text, "SigIgn", signals_with(process, true));
    add_signals(text, "SigCgt", signals_with(process, false));
}

/* Texts of the program's memory, one after the other, as they are now. */
static void add_texts(struct text *text, uint32_t from, uint32_t end)
{
    uint32_t bytes = end - from < text->size ? end - from : text->size;

    text->used = space_read(text->process->space, from, text->to, bytes) == 0 ? bytes : 0;
}

static void make_cmdline(struct text *text)
{
    const struct address_space *space = text->process->space;

    if (space != NULL) {
        add_texts(text, space->arguments, space->environment);
    }
}

static void make_environ(struct text *text)
{
    const struct address_space *space = text->process->space;

    if (current->euid != 0 && current->euid != text->process->uid) {
        text->error = -EACCES;
    } else if (space != NULL) {
        add_texts(text, space->environment, space->texts_end);
    }
}

/* Where a link leads: to `node`, which was found in `directory` (NULL: it is one itself). */
static void add_path(struct text *text, struct node *directory, struct node *node)
{
    int32_t length = node == NULL ? -ENOENT
                                  : path_of_entry(directory, node, text->to + text->used,
                                                  text->size - text->used);

    text->error = length < 0 ? length : 0;
    text->used += length > 0 ? (uint32_t)length : 0;
}

static void make_cwd(struct text *text)
{
    add_path(text, NULL, text->process->places == NULL ? NULL : text->process->places->directory);
}

static void make_root(struct text *text)
{
    const struct places *places = text->process->places;

    add_path(text, NULL, places == NULL || places->root == NULL ? root : places->root);
}

static void make_exe(struct text *text)
{
    add_path(text, text->process->program_directory, text->process->program);
}

static void make_comm(struct text *text)
{
    text_add(text, "%s\n", text->process->name);
}

/* What a region is called: the program's file for its own pages, else what it is for. */
static const char *region_name(const struct process *process, const struct region *region)
{
    if (region->flags & REGION_HEAP) {
        return "[heap]";
    }
    if (region->flags & REGION_GROWS) {
        return "[stack]";
    }
    return region->node == process->program && region->node != NULL ? process->name : "";
}

/* The region with the least start from `from` on, NULL: none. */
static const struct region *next_region(const struct address_space *space, uint32_t from)
{
    const struct region *best = NULL;

    for (uint32_t i = 0; i < space->region_count; i++) {
        const struct region *region = &space->regions[i];

        if (region->start >= from && (best == NULL || region->start < best->start)) {
            best = region;
        }
    }
    return best;
}

static void make_maps(struct text *text)
{
    const struct address_space *space = text->process->space;
    const struct region *region = space == NULL ? NULL : next_region(space, 0);

    if (base_bound && space != NULL) { /* base and bound themselves, where files have the offset */
        text_add(text, "00000000-%08x rwxp %08x 00:00 %-10u [area]\n", space->bound, space->base,
                 0);
    }
    for (; region != NULL; region = next_region(space, region->start + 1)) {
        bool none = (region->flags & REGION_NONE) != 0;

        text_add(text, "%08x-%08x %c%c%c%c %08x 00:00 %-10u %s\n", region->start, region->end,
                 none ? '-' : 'r', base_bound || (region->flags & REGION_WRITE) ? 'w' : '-',
                 none ? '-' : 'x', region->flags & REGION_SHARED ? 's' : 'p', region->offset,
                 region->node == NULL ? 0 : region->node->number,
                 region_name(text->process, region));
    }
}

struct file *proc_file(const struct process *process, uint32_t fd)
{
    return process->descriptors == NULL || fd >= DESCRIPTOR_LIMIT ? NULL
                                                                  : process->descriptors->files[fd];
}

void proc_descriptor(struct text *text, uint32_t fd)
{
    const struct file *file = proc_file(text->process, fd);

    if (file == NULL) {
        text->error = -ENOENT;
    } else if (S_ISFIFO(file->node->mode) && file->directory == NULL) {
        text_add(text, "pipe:[%u]", file->node->number);
    } else {
        add_path(text, S_ISDIR(file->node->mode) ? NULL : file->directory, file->node);
    }
}

/* ---- the system ---- */

static void make_self(struct text *text)
{
    text_add(text, "%d", current->leader->pid);
}

static void make_meminfo(struct text *text)
{
    struct buffer_counts buffers = buffers_count();
    const struct {
        const char *name;
        uint32_t pages;
    } rows[] = {
        {"MemTotal:", frames_total()},
        {"MemFree:", frames_free()},
        {"MemAvailable:", frames_free() + buffers.all - buffers.dirty},
        {"Buffers:", buffers.all},
        {"Cached:", 0},
        {"SwapTotal:", 0},
        {"SwapFree:", 0},
        {"Dirty:", buffers.dirty},
    };

    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        text_add(text, "%-14s %9u kB\n", rows[i].name, rows[i].pages * (PAGE_SIZE / 1024));
    }
}

/* Not in Linux: a pinned buffer that nobody works on is one that was forgotten. */
static void make_buffers(struct text *text)
{
    struct buffer_counts buffers = buffers_count();

    text_add(text, "buffers %u of %u, dirty %u, pinned %u, lost %u\n", buffers.all, buffers.limit,
             buffers.dirty, buffers.pinned, buffers.lost);
}

/* What the kernel's heap holds, in the first columns of Linux's table. */
static void make_slabinfo(struct text *text)
{
    text_add(text, "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> "
                   "<objsize> <objperslab> <pagesperslab>\n");
    for (const struct pool *at = pool_first(); at != NULL; at = at->next) {
        uint32_t per_page = pool_per_page(at);

        text_add(text, "%-17s %6u %6u %6u %4u %4u\n", at->name, at->used, at->pages * per_page,
                 at->bytes, per_page, 1u);
    }
}

static void make_mounts(struct text *text)
{
    for (struct file_system *at = file_systems; at != NULL; at = at->next) {
        text_add(text, "%s ", at->source);
        add_path(text, NULL, at->root);
        text_add(text, " %s %s 0 0\n", at->kind->name, at->read_only ? "ro" : "rw");
    }
    text->error = 0;
}

/* Of all processes together; ticks are also those of children that ended, since each parent takes
 * over what they used. */
struct totals {
    uint32_t all, running;             /* processes */
    uint32_t user_ticks, system_ticks; /* of the timer */
};

static struct totals count_processes(void)
{
    struct totals totals = {0};

    for (const struct process *process = process_first; process != NULL; process = process->next) {
        const struct thread_group *together = &process->together;

        totals.all++;
        totals.running += process->state == PROCESS_READY || process->state == PROCESS_RUNNING;
        totals.user_ticks +=
            process->user_ticks + together->ended_user_ticks + together->children_user_ticks;
        totals.system_ticks +=
            process->system_ticks + together->ended_system_ticks + together->children_system_ticks;
    }
    return totals;
}

static void make_system_stat(struct text *text)
{
    struct totals totals = count_processes();
    uint32_t user = user_hz(totals.user_ticks), system = user_hz(totals.system_ticks);
    uint32_t idle_time = user_hz(process_idle.system_ticks), interrupts = 0;
    uint64_t start = realtime_microseconds() - (uint64_t)ticks * 1000000 / tick_hz;

    for (uint32_t irq = 0; irq < 16; irq++) {
        interrupts += trap_irq_count(irq);
    }
    text_add(text,
             "cpu  %u 0 %u %u 0 0 0 0 0 0\ncpu0 %u 0 %u %u 0 0 0 0 0 0\nintr %u\nctxt %u\n"
             "btime %u\nprocesses %u\nprocs_running %u\nprocs_blocked 0\n",
             user, system, idle_time, user, system, idle_time, interrupts, switch_count,
             (uint32_t)(start / 1000000), process_made_count(), totals.running);
}

static void make_loadavg(struct text *text)
{
    struct totals totals = count_processes();

    for (uint32_t i = 0; i < 3; i++) {
        uint32_t hundredths = (load_average[i] * 100) >> LOAD_SHIFT;

        text_add(text, "%u.%02u ", hundredths / 100, hundredths % 100);
    }
    text_add(text, "%u/%u %d\n", totals.running, totals.all, process_last_pid());
}

static void make_uptime(struct text *text)
{
    uint32_t now = user_hz(ticks), idle_time = user_hz(process_idle.system_ticks);

    text_add(text, "%u.%02u %u.%02u\n", now / USER_HZ, now % USER_HZ, idle_time / USER_HZ,
             idle_time % USER_HZ);
}

static void make_version(struct text *text)
{
    const struct utsname *names = machine_names();

    text_add(text, "%s version %s (%s)\n", names->sysname, names->release, names->version);
}

static void make_interrupts(struct text *text)
{
    static const char *const names[16] = {
        [0] = "timer", [1] = "keyboard", [2] = "cascade", [3] = "ttyS1",
        [4] = "ttyS0", [8] = "rtc",      [14] = "ata0",   [15] = "ata1",
    };

    text_add(text, "           CPU0\n");
    for (uint32_t irq = 0; irq < 16; irq++) {
        if (trap_irq_count(irq) > 0) {
            text_add(text, "%3u: %10u    XT-PIC  %s\n", irq, trap_irq_count(irq),
                     names[irq] == NULL ? "" : names[irq]);
        }
    }
}

/* Our own: number, name and uses of each call that was used. */
static void make_syscalls(struct text *text)
{
    for (uint32_t row = 0; row < SYSTEM_CALL_LIMIT; row++) {
        uint32_t number = SYSTEM_CALL_NUMBER(row);

        if (system_call_count(number) > 0) {
            text_add(text, "%u %s %u\n", number, system_call_name((int32_t)number),
                     system_call_count(number));
        }
    }
}

static void make_filesystems(struct text *text)
{
    text_add(text, "nodev\ttmpfs\nnodev\tproc\nnodev\tcpio\n\text2\n");
}

/* ---- sys/kernel ---- */

static void make_pid_max(struct text *text)
{
    text_add(text, "%d\n", pid_limit);
}

/* From the next process on; it has to leave room for those that are there. */
static int32_t set_pid_max(const char *text)
{
    int32_t wanted = atoi(text);

    if (wanted < PID_LEAST_LIMIT || wanted > PID_LIMIT) {
        return -EINVAL;
    }
    pid_limit = wanted;
    return 0;
}

static void make_core_pattern(struct text *text)
{
    text_add(text, "%s\n", core_pattern);
}

/* A name in the current directory. */
static int32_t set_core_pattern(const char *text)
{
    if (strlen(text) >= sizeof(core_pattern) || strpbrk(text, "/%|") != NULL) {
        return -EINVAL;
    }
    copy_text(core_pattern, text, sizeof(core_pattern));
    return 0;
}

static void make_hostname(struct text *text)
{
    text_add(text, "%s\n", machine_names()->nodename);
}

static void make_ostype(struct text *text)
{
    text_add(text, "%s\n", machine_names()->sysname);
}

static void make_osrelease(struct text *text)
{
    text_add(text, "%s\n", machine_names()->release);
}

/* ---- all of them ---- */

const struct proc_row proc_rows[] = {
    [IN_ROOT] = {"", S_IFDIR | 0555, IN_NONE, NULL, NULL},
    [IN_PROCESS] = {"", S_IFDIR | 0555, IN_NONE, NULL, NULL},
    [IN_FD] = {"fd", S_IFDIR | 0500, IN_PROCESS, NULL, NULL},
    [IN_SYS] = {"sys", S_IFDIR | 0555, IN_ROOT, NULL, NULL},
    [IN_KERNEL] = {"kernel", S_IFDIR | 0555, IN_SYS, NULL, NULL},
    {"buffers", S_IFREG | 0444, IN_ROOT, make_buffers, NULL},
    {"filesystems", S_IFREG | 0444, IN_ROOT, make_filesystems, NULL},
    {"interrupts", S_IFREG | 0444, IN_ROOT, make_interrupts, NULL},
    {"loadavg", S_IFREG | 0444, IN_ROOT, make_loadavg, NULL},
    {"meminfo", S_IFREG | 0444, IN_ROOT, make_meminfo, NULL},
    {"mounts", S_IFREG | 0444, IN_ROOT, make_mounts, NULL},
    {"self", S_IFLNK | 0777, IN_ROOT, make_self, NULL},
    {"slabinfo", S_IFREG | 0400, IN_ROOT, make_slabinfo, NULL},
    {"stat", S_IFREG | 0444, IN_ROOT, make_system_stat, NULL},
    {"syscalls", S_IFREG | 0444, IN_ROOT, make_syscalls, NULL},
    {"uptime", S_IFREG | 0444, IN_ROOT, make_uptime, NULL},
    {"version", S_IFREG | 0444, IN_ROOT, make_version, NULL},
    {"cmdline", S_IFREG | 0444, IN_PROCESS, make_cmdline, NULL},
    {"comm", S_IFREG | 0444, IN_PROCESS, make_comm, NULL},
    {"cwd", S_IFLNK | 0777, IN_PROCESS, make_cwd, NULL},
    {"environ", S_IFREG | 0400, IN_PROCESS, make_environ, NULL},
    {"exe", S_IFLNK | 0777, IN_PROCESS, make_exe, NULL},
    {"maps", S_IFREG | 0444, IN_PROCESS, make_maps, NULL},
    {"mounts", S_IFREG | 0444, IN_PROCESS, make_mounts, NULL},
    {"root", S_IFLNK | 0777, IN_PROCESS, make_root, NULL},
    {"stat", S_IFREG | 0444, IN_PROCESS, make_stat, NULL},
    {"status", S_IFREG | 0444, IN_PROCESS, make_status, NULL},
    {"core_pattern", S_IFREG | 0644, IN_KERNEL, make_core_pattern, set_core_pattern},
    {"hostname", S_IFREG | 0644, IN_KERNEL, make_hostname, machine_set_name},
    {"osrelease", S_IFREG | 0444, IN_KERNEL, make_osrelease, NULL},
    {"ostype", S_IFREG | 0444, IN_KERNEL, make_ostype, NULL},
    {"pid_max", S_IFREG | 0644, IN_KERNEL, make_pid_max, set_pid_max},
};
const uint32_t proc_row_count = sizeof(proc_rows) / sizeof(proc_rows[0]);
