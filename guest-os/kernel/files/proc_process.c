/* Texts of /proc about one process. See: proc(5). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/tty.h"
#include "files/file.h"
#include "files/proc.h"
#include "heart/scheduler.h"
#include "heart/signal.h"

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

int32_t proc_stat(const struct process *process, char *to, uint32_t size)
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
                    tty == NULL ? -1 : tty->foreground, proc_user_hz(user), proc_user_hz(system),
                    proc_user_hz(together->children_user_ticks),
                    proc_user_hz(together->children_system_ticks), 20 + process->nice,
                    process->nice, together->threads, proc_user_hz(process->start_tick),
                    bytes_of(process), pages_of(process), (uint32_t)signal_pending_set(process),
                    (uint32_t)process->blocked);

    return proc_appended((uint32_t)used, size);
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

int32_t proc_status(const struct process *process, char *to, uint32_t size)
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

    return proc_appended((uint32_t)used, size);
}

/* Texts of the program's memory, one after the other, as they are now. */
static int32_t make_texts(const struct process *process, uint32_t from, uint32_t end, char *to,
                          uint32_t size)
{
    uint32_t bytes = end - from < size ? end - from : size;

    return space_read(process->space, from, to, bytes) == 0 ? (int32_t)bytes : 0;
}

int32_t proc_cmdline(const struct process *process, char *to, uint32_t size)
{
    const struct address_space *space = process->space;

    return space == NULL ? 0 : make_texts(process, space->arguments, space->environment, to, size);
}

int32_t proc_environ(const struct process *process, char *to, uint32_t size)
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

int32_t proc_cwd(const struct process *process, char *to, uint32_t size)
{
    return make_link(process->places == NULL ? NULL : process->places->directory, to, size);
}

int32_t proc_exe(const struct process *process, char *to, uint32_t size)
{
    struct node *node = process->program;

    return node == NULL ? -ENOENT : path_of_entry(process->program_directory, node, to, size);
}

int32_t proc_root(const struct process *process, char *to, uint32_t size)
{
    struct node *its = process->places == NULL ? NULL : process->places->root;

    return make_link(its == NULL ? root : its, to, size);
}

int32_t proc_comm(const struct process *process, char *to, uint32_t size)
{
    return snprintf(to, size, "%s\n", process->name);
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

int32_t proc_maps(const struct process *process, char *to, uint32_t size)
{
    const struct address_space *space = process->space;
    const struct region *region = space == NULL ? NULL : next_region(space, 0);
    uint32_t used = 0;

    if (base_bound && space != NULL) { /* base and bound themselves, where files have the offset */
        used = (uint32_t)snprintf(to, size, "00000000-%08x rwxp %08x 00:00 %-10u [area]\n",
                                  space->bound, space->base, 0);
    }

    for (; region != NULL && used < size; region = next_region(space, region->start + 1)) {
        bool none = (region->flags & REGION_NONE) != 0;

        used += (uint32_t)snprintf(
            to + used, size - used, "%08x-%08x %c%c%c%c %08x 00:00 %-10u %s\n", region->start,
            region->end, none ? '-' : 'r', base_bound || (region->flags & REGION_WRITE) ? 'w' : '-',
            none ? '-' : 'x', region->flags & REGION_SHARED ? 's' : 'p', region->offset,
            region->node == NULL ? 0 : region->node->number, region_name(process, region));
    }
    return proc_appended(used, size);
}

struct file *proc_file(const struct process *process, uint32_t fd)
{
    return process->descriptors == NULL || fd >= DESCRIPTOR_LIMIT ? NULL
                                                                  : process->descriptors->files[fd];
}

int32_t proc_descriptor(const struct process *process, uint32_t fd, char *to, uint32_t size)
{
    const struct file *file = proc_file(process, fd);

    if (file == NULL) {
        return -ENOENT;
    }
    if (file->node == NULL) {
        return snprintf(to, size, "pipe:[%u]", (uint32_t)file->pipe / 16 & 0xFFFFF);
    }
    return path_of_entry(S_ISDIR(file->node->mode) ? NULL : file->directory, file->node, to, size);
}
