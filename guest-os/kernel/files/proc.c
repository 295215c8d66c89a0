/* /proc: the kernel's tables as files, in Linux's words. A file's text is made anew at each read,
 * so a read in several parts may show several moments. Nodes exist only while somebody uses them.
 * See: proc(5). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/tty.h"
#include "files/buffer.h"
#include "files/node.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "support/log.h"

#define PID_SHIFT    4 /* inode number: (pid << PID_SHIFT | row) + FIRST_NUMBER */
#define FIRST_NUMBER 0x10000u
#define PID_POSITION 1000 /* position of a process's entry: its pid + this */

struct row {
    const char *name;
    uint32_t mode;
    bool of_process; /* lies in a process's directory, else in the root */
    /* The text, at most `size` bytes; its length or -E... */
    int32_t (*make)(const struct process *process, char *to, uint32_t size);
};

static int32_t appended(uint32_t used, uint32_t size)
{
    return (int32_t)(used < size ? used : size - 1);
}

static char state_letter(enum process_state state)
{
    switch (state) {
    case PROCESS_WAITING:
        return 'S';
    case PROCESS_STOPPED:
        return 'T';
    case PROCESS_ZOMBIE:
        return 'Z';
    default:
        return 'R';
    }
}

static uint32_t to_user_hz(uint32_t tick_count)
{
    return (uint32_t)((uint64_t)tick_count * USER_HZ / tick_hz);
}

/* Pages that are there. */
static uint32_t pages_of(const struct process *process)
{
    uint32_t pages = 0;

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

static int32_t make_stat(const struct process *process, char *to, uint32_t size)
{
    const struct thread_group *together = &process->together;
    const struct tty *tty = process->terminal;
    uint32_t user, system;
    int used;

    process_times(process, &user, &system);
    used = snprintf(to, size,
                    "%d (%s) %c %d %d %d %u %d 0 0 0 0 0 %u %u %u %u %d %d %u 0 %u %u %u 4294967295"
                    " 0 0 0 0 0 %u %u 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
                    process->pid, process->name, state_letter(process->state), parent_pid(process),
                    process->group, process->session, tty == NULL ? 0 : tty->device,
                    tty == NULL ? -1 : tty->foreground, to_user_hz(user), to_user_hz(system),
                    to_user_hz(together->children_user_ticks),
                    to_user_hz(together->children_system_ticks), 20 + process->nice, process->nice,
                    together->threads, to_user_hz(process->start_tick), bytes_of(process),
                    pages_of(process), (uint32_t)signal_pending_set(process),
                    (uint32_t)process->blocked);

    return appended((uint32_t)used, size);
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

static int32_t make_status(const struct process *process, char *to, uint32_t size)
{
    static const char *const words[] = {
        [PROCESS_NEW] = "R (running)",     [PROCESS_READY] = "R (running)",
        [PROCESS_RUNNING] = "R (running)", [PROCESS_WAITING] = "S (sleeping)",
        [PROCESS_STOPPED] = "T (stopped)", [PROCESS_ZOMBIE] = "Z (zombie)",
    };
    uint32_t umask = process->places == NULL ? 0 : process->places->umask;
    sigset_t pending = process->pending.set, shared = process->together.pending.set;
    sigset_t ignored = signals_with(process, true), caught = signals_with(process, false);
    int used = snprintf(
        to, size,
        "Name:\t%s\nUmask:\t00%c%c\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n"
        "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nFDSize:\t%u\nVmSize:\t%8u kB\n"
        "VmRSS:\t%8u kB\nThreads:\t%u\nSigPnd:\t%08x%08x\nShdPnd:\t%08x%08x\n"
        "SigBlk:\t%08x%08x\nSigIgn:\t%08x%08x\nSigCgt:\t%08x%08x\n",
        process->name, '0' + (int)(umask >> 3 & 7), '0' + (int)(umask & 7), words[process->state],
        process->leader->pid, process->pid, parent_pid(process), process->uid, process->euid,
        process->suid, process->euid, process->gid, process->egid, process->sgid, process->egid,
        DESCRIPTOR_LIMIT, bytes_of(process) / 1024, pages_of(process) * (PAGE_SIZE / 1024),
        process->leader->together.threads, (uint32_t)(pending >> 32), (uint32_t)pending,
        (uint32_t)(shared >> 32), (uint32_t)shared, (uint32_t)(process->blocked >> 32),
        (uint32_t)process->blocked, (uint32_t)(ignored >> 32), (uint32_t)ignored,
        (uint32_t)(caught >> 32), (uint32_t)caught);

    return appended((uint32_t)used, size);
}

/* Texts of the program's memory, one after the other, as they are now. */
static int32_t make_texts(const struct process *process, uint32_t from, uint32_t end, char *to,
                          uint32_t size)
{
    uint32_t bytes = end - from < size ? end - from : size;

    return space_read(process->space, from, to, bytes) == 0 ? (int32_t)bytes : 0;
}

static int32_t make_cmdline(const struct process *process, char *to, uint32_t size)
{
    const struct address_space *space = process->space;

    return space == NULL ? 0 : make_texts(process, space->arguments, space->environment, to, size);
}

static int32_t make_environ(const struct process *process, char *to, uint32_t size)
{
    const struct address_space *space = process->space;

    if (current->euid != 0 && current->euid != process->uid) {
        return -EACCES;
    }
    return space == NULL ? 0 : make_texts(process, space->environment, space->texts_end, to, size);
}

static int32_t make_link(struct node *node, char *to, uint32_t size)
{
    return node == NULL ? -ENOENT : path_of(node, to, size);
}

static int32_t make_cwd(const struct process *process, char *to, uint32_t size)
{
    return make_link(process->places == NULL ? NULL : process->places->directory, to, size);
}

static int32_t make_exe(const struct process *process, char *to, uint32_t size)
{
    struct node *node = process->program;

    return node == NULL ? -ENOENT : path_of_entry(process->program_directory, node, to, size);
}

static int32_t make_self(const struct process *process, char *to, uint32_t size)
{
    (void)process;
    return snprintf(to, size, "%d", current->leader->pid);
}

static int32_t make_meminfo(const struct process *process, char *to, uint32_t size)
{
    uint32_t free_kib = frames_free() * (PAGE_SIZE / 1024);
    struct buffer_counts buffers = buffers_count();
    uint32_t buffers_kib = buffers.all * (PAGE_SIZE / 1024);
    uint32_t dirty_kib = buffers.dirty * (PAGE_SIZE / 1024);

    (void)process;
    return snprintf(to, size,
                    "MemTotal:       %8u kB\nMemFree:        %8u kB\nMemAvailable:   %8u kB\n"
                    "Buffers:        %8u kB\nCached:                0 kB\n"
                    "SwapTotal:             0 kB\nSwapFree:              0 kB\n"
                    "Dirty:          %8u kB\n",
                    frames_total() * (PAGE_SIZE / 1024), free_kib,
                    free_kib + buffers_kib - dirty_kib, buffers_kib, dirty_kib);
}

/* Not in Linux: a pinned buffer that nobody works on is one that was forgotten. */
static int32_t make_buffers(const struct process *process, char *to, uint32_t size)
{
    struct buffer_counts buffers = buffers_count();

    (void)process;
    return snprintf(to, size, "buffers %u of %u, dirty %u, pinned %u, lost %u\n", buffers.all,
                    buffers.limit, buffers.dirty, buffers.pinned, buffers.lost);
}

static int32_t make_mounts(const struct process *process, char *to, uint32_t size)
{
    uint32_t used = 0;

    (void)process;
    for (struct file_system *at = file_systems; at != NULL && used < size; at = at->next) {
        const char *rights = at->read_only ? "ro" : "rw";
        int32_t length;

        used += (uint32_t)snprintf(to + used, size - used, "%s ", at->source);
        length = used < size ? path_of(at->root, to + used, size - used) : -ERANGE;
        if (length > 0) {
            used += (uint32_t)length;
            used +=
                (uint32_t)snprintf(to + used, size - used, " %s %s 0 0\n", at->kind->name, rights);
        }
    }
    return appended(used, size);
}

static int32_t make_uptime(const struct process *process, char *to, uint32_t size)
{
    uint32_t now = to_user_hz(ticks), idle_time = to_user_hz(process_idle.system_ticks);

    (void)process;
    return snprintf(to, size, "%u.%02u %u.%02u\n", now / USER_HZ, now % USER_HZ,
                    idle_time / USER_HZ, idle_time % USER_HZ);
}

static const struct row rows[] = {
    {"", S_IFDIR | 0555, false, NULL}, /* a directory: of a process if it has a pid, else /proc */
    {"buffers", S_IFREG | 0444, false, make_buffers},
    {"meminfo", S_IFREG | 0444, false, make_meminfo},
    {"mounts", S_IFREG | 0444, false, make_mounts},
    {"self", S_IFLNK | 0777, false, make_self},
    {"uptime", S_IFREG | 0444, false, make_uptime},
    {"cmdline", S_IFREG | 0444, true, make_cmdline},
    {"cwd", S_IFLNK | 0777, true, make_cwd},
    {"environ", S_IFREG | 0400, true, make_environ},
    {"exe", S_IFLNK | 0777, true, make_exe},
    {"stat", S_IFREG | 0444, true, make_stat},
    {"status", S_IFREG | 0444, true, make_status},
};
#define ROWS      (sizeof(rows) / sizeof(rows[0]))
#define DIRECTORY 0 /* the row of the directories */

static const struct node_operations proc_operations;

static uint32_t number_of(int32_t pid, uint32_t row)
{
    return ((uint32_t)pid << PID_SHIFT | row) + FIRST_NUMBER;
}

static int32_t make_node(struct node *directory, int32_t pid, uint32_t row, struct node **made)
{
    struct node *node = node_allocate(directory->system, &proc_operations, rows[row].mode);

    if (node == NULL) {
        return -ENOMEM;
    }
    node->owner = node->group = 0;
    node->number = number_of(pid, row);
    node->proc.pid = pid;
    node->proc.what = row;
    node->proc.parent = node_get(directory);
    *made = node;
    return 0;
}

static int32_t proc_lookup(struct node *directory, const char *name, struct node **found)
{
    int32_t pid = directory->proc.pid;
    const char *digit = name;

    if (strcmp(name, "..") == 0) {
        *found = node_get(directory->proc.parent != NULL ? directory->proc.parent : directory);
        return 0;
    }
    for (uint32_t row = 1; row < ROWS; row++) {
        if (rows[row].of_process == (pid != 0) && strcmp(rows[row].name, name) == 0) {
            return make_node(directory, pid, row, found);
        }
    }
    while (*digit >= '0' && *digit <= '9') {
        digit++;
    }
    if (pid != 0 || *digit != '\0' || name[0] == '0' || process_find(atoi(name)) == NULL) {
        return -ENOENT;
    }
    return make_node(directory, atoi(name), DIRECTORY, found);
}

/* The process with the smallest pid that is at least `least`. */
static const struct process *next_process(int32_t least)
{
    const struct process *best = NULL;

    for (const struct process *process = process_first; process != NULL; process = process->next) {
        if (process->leader == process && process->pid >= least &&
            (best == NULL || process->pid < best->pid)) {
            best = process;
        }
    }
    return best;
}

static int32_t proc_list(struct node *directory, uint64_t at, struct listed *entry)
{
    uint32_t position = (uint32_t)at;
    int32_t pid = directory->proc.pid;
    const struct process *process;

    for (uint32_t row = position - LIST_FIRST + 1; row < ROWS; row++) {
        if (rows[row].of_process == (pid != 0)) {
            *entry = (struct listed){"", number_of(pid, row), rows[row].mode, row + LIST_FIRST};
            copy_text(entry->name, rows[row].name, NAME_LIMIT);
            return 1;
        }
    }
    position = position < PID_POSITION ? PID_POSITION : position;
    process = pid == 0 ? next_process((int32_t)position - PID_POSITION) : NULL;
    if (process == NULL) {
        return 0;
    }
    *entry = (struct listed){"", number_of(process->pid, DIRECTORY), rows[DIRECTORY].mode,
                             (uint32_t)process->pid + PID_POSITION + 1};
    snprintf(entry->name, NAME_LIMIT, "%d", process->pid);
    return 1;
}

static int32_t proc_read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    const struct process *process = process_find(node->proc.pid);
    uint32_t frame;
    int32_t length;

    if (node->proc.pid != 0 && process == NULL) {
        return -ESRCH;
    }
    frame = frame_allocate();
    if (frame == 0) {
        return -ENOMEM;
    }
    length = rows[node->proc.what].make(process, physical_to_pointer(frame), PAGE_SIZE);
    if (length >= 0) {
        uint32_t left = offset < (uint32_t)length ? (uint32_t)length - (uint32_t)offset : 0;

        bytes = bytes < left ? bytes : left;
        memcpy(to, (const char *)physical_to_pointer(frame) + (uint32_t)offset, bytes);
        length = (int32_t)bytes;
    }
    frame_release(frame);
    return length;
}

static void proc_release(struct node *node)
{
    node_put(node->proc.parent);
    node_free(node);
}

static const struct node_operations proc_operations = {
    .lookup = proc_lookup, .list = proc_list, .read = proc_read, .release = proc_release};

static int32_t proc_mount(struct file_system *system)
{
    system->root = node_allocate(system, &proc_operations, rows[DIRECTORY].mode);
    if (system->root == NULL) {
        return -ENOMEM;
    }
    system->root->links = 2;
    system->root->number = number_of(0, DIRECTORY);
    return 0;
}

static void proc_unmount(struct file_system *system)
{
    node_free(system->root);
}

const struct file_system_kind proc_files = {
    .name = "proc",
    .magic = 0x9FA0, /* statfs(2) */
    .mount = proc_mount,
    .unmount = proc_unmount,
};
