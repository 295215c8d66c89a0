/* /proc: the kernel's tables as files, in Linux's words. A file's text is made anew at each read,
 * so a read in several parts may show several moments. Nodes exist only while somebody uses them.
 * See: proc(5). SPDX-License-Identifier: MIT */
#include "files/proc.h"

#include "common/text.h"

#define PID_SHIFT    16 /* inode number: (pid << PID_SHIFT | what) + FIRST_NUMBER */
#define FIRST_NUMBER 0x10000u
#define PID_POSITION 1000   /* position of a process's entry: its pid + this */
#define FD_FIRST     0x100u /* node.proc.what: a row, or this + a descriptor */
#define WRITE_LIMIT  64u    /* bytes of a text that is written */

/* The directories: rows of the table, and what other rows lie in. */
enum { IN_ROOT, IN_PROCESS, IN_FD, IN_SYS, IN_KERNEL, DIRECTORIES };

struct row {
    const char *name;
    uint32_t mode;
    uint32_t place;                                                          /* IN_... */
    int32_t (*make)(const struct process *process, char *to, uint32_t size); /* the text */
    int32_t (*store)(const char *text); /* what is written, without the newline; NULL: EINVAL */
};

static const struct row rows[] = {
    [IN_ROOT] = {"", S_IFDIR | 0555, DIRECTORIES, NULL, NULL}, /* is in no other */
    [IN_PROCESS] = {"", S_IFDIR | 0555, DIRECTORIES, NULL, NULL},
    [IN_FD] = {"fd", S_IFDIR | 0500, IN_PROCESS, NULL, NULL},
    [IN_SYS] = {"sys", S_IFDIR | 0555, IN_ROOT, NULL, NULL},
    [IN_KERNEL] = {"kernel", S_IFDIR | 0555, IN_SYS, NULL, NULL},
    {"buffers", S_IFREG | 0444, IN_ROOT, proc_buffers, NULL},
    {"cpuinfo", S_IFREG | 0444, IN_ROOT, proc_cpuinfo, NULL},
    {"filesystems", S_IFREG | 0444, IN_ROOT, proc_filesystems, NULL},
    {"interrupts", S_IFREG | 0444, IN_ROOT, proc_interrupts, NULL},
    {"loadavg", S_IFREG | 0444, IN_ROOT, proc_loadavg, NULL},
    {"meminfo", S_IFREG | 0444, IN_ROOT, proc_meminfo, NULL},
    {"mounts", S_IFREG | 0444, IN_ROOT, proc_mounts, NULL},
    {"self", S_IFLNK | 0777, IN_ROOT, proc_self, NULL},
    {"slabinfo", S_IFREG | 0400, IN_ROOT, proc_slabinfo, NULL},
    {"stat", S_IFREG | 0444, IN_ROOT, proc_stat_of_all, NULL},
    {"syscalls", S_IFREG | 0444, IN_ROOT, proc_syscalls, NULL},
    {"uptime", S_IFREG | 0444, IN_ROOT, proc_uptime, NULL},
    {"version", S_IFREG | 0444, IN_ROOT, proc_version, NULL},
    {"cmdline", S_IFREG | 0444, IN_PROCESS, proc_cmdline, NULL},
    {"comm", S_IFREG | 0444, IN_PROCESS, proc_comm, NULL},
    {"cwd", S_IFLNK | 0777, IN_PROCESS, proc_cwd, NULL},
    {"environ", S_IFREG | 0400, IN_PROCESS, proc_environ, NULL},
    {"exe", S_IFLNK | 0777, IN_PROCESS, proc_exe, NULL},
    {"maps", S_IFREG | 0444, IN_PROCESS, proc_maps, NULL},
    {"mounts", S_IFREG | 0444, IN_PROCESS, proc_mounts, NULL},
    {"root", S_IFLNK | 0777, IN_PROCESS, proc_root, NULL},
    {"stat", S_IFREG | 0444, IN_PROCESS, proc_stat, NULL},
    {"status", S_IFREG | 0444, IN_PROCESS, proc_status, NULL},
    {"core_pattern", S_IFREG | 0644, IN_KERNEL, proc_core_pattern, proc_set_core_pattern},
    {"hostname", S_IFREG | 0644, IN_KERNEL, proc_hostname, proc_set_hostname},
    {"osrelease", S_IFREG | 0444, IN_KERNEL, proc_osrelease, NULL},
    {"ostype", S_IFREG | 0444, IN_KERNEL, proc_ostype, NULL},
    {"pid_max", S_IFREG | 0644, IN_KERNEL, proc_pid_max, proc_set_pid_max},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct node_operations proc_operations;

static uint32_t number_of(int32_t pid, uint32_t what)
{
    return ((uint32_t)pid << PID_SHIFT | what) + FIRST_NUMBER;
}

static int32_t make_node(struct node *directory, int32_t pid, uint32_t what, struct node **made)
{
    const struct process *process = process_find(pid);
    uint32_t mode = what >= FD_FIRST ? S_IFLNK | 0700 : rows[what].mode;
    struct node *node = node_allocate(directory->system, &proc_operations, mode);

    if (node == NULL) {
        return -ENOMEM;
    }
    node->owner = process == NULL ? 0 : process->euid;
    node->group = process == NULL ? 0 : process->egid;
    node->number = number_of(pid, what);
    node->proc.pid = pid;
    node->proc.what = what;
    node->proc.parent = node_get(directory);
    *made = node;
    return 0;
}

/* The number that a name is, -1: it is none. */
static int32_t number_in(const char *name)
{
    const char *digit = name;

    while (*digit >= '0' && *digit <= '9') {
        digit++;
    }
    return *digit != '\0' || digit == name || digit - name > 9 ||
                   (name[0] == '0' && digit - name > 1)
               ? -1
               : atoi(name);
}

static int32_t proc_lookup(struct node *directory, const char *name, struct node **found)
{
    uint32_t place = directory->proc.what;
    int32_t pid = directory->proc.pid, number = number_in(name);

    if (strcmp(name, "..") == 0) {
        *found = node_get(directory->proc.parent != NULL ? directory->proc.parent : directory);
        return 0;
    }
    for (uint32_t row = 0; row < ROWS; row++) {
        if (rows[row].place == place && strcmp(rows[row].name, name) == 0) {
            return make_node(directory, pid, row, found);
        }
    }
    if (place == IN_ROOT && number > 0 && process_find(number) != NULL) {
        return make_node(directory, number, IN_PROCESS, found);
    }
    if (place == IN_FD && number >= 0 && process_find(pid) != NULL &&
        proc_file(process_find(pid), (uint32_t)number) != NULL) {
        return make_node(directory, pid, FD_FIRST + (uint32_t)number, found);
    }
    return -ENOENT;
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

static int32_t list_processes(uint32_t position, struct listed *entry)
{
    const struct process *process;

    position = position < PID_POSITION ? PID_POSITION : position;
    process = next_process((int32_t)position - PID_POSITION);
    if (process == NULL) {
        return 0;
    }
    *entry = (struct listed){"", number_of(process->pid, IN_PROCESS), S_IFDIR,
                             (uint32_t)process->pid + PID_POSITION + 1};
    snprintf(entry->name, NAME_LIMIT, "%d", process->pid);
    return 1;
}

static int32_t list_descriptors(int32_t pid, uint32_t position, struct listed *entry)
{
    const struct process *process = process_find(pid);

    for (uint32_t fd = position - LIST_FIRST; process != NULL && fd < DESCRIPTOR_LIMIT; fd++) {
        if (proc_file(process, fd) != NULL) {
            *entry =
                (struct listed){"", number_of(pid, FD_FIRST + fd), S_IFLNK, fd + LIST_FIRST + 1};
            snprintf(entry->name, NAME_LIMIT, "%u", fd);
            return 1;
        }
    }
    return 0;
}

static int32_t proc_list(struct node *directory, uint64_t at, struct listed *entry)
{
    uint32_t position = (uint32_t)at, place = directory->proc.what;
    int32_t pid = directory->proc.pid;

    if (place == IN_FD) {
        return list_descriptors(pid, position, entry);
    }
    for (uint32_t row = position - LIST_FIRST; row < ROWS; row++) {
        if (rows[row].place == place) {
            *entry = (struct listed){"", number_of(pid, row), rows[row].mode, row + LIST_FIRST + 1};
            copy_text(entry->name, rows[row].name, NAME_LIMIT);
            return 1;
        }
    }
    return place == IN_ROOT ? list_processes(position, entry) : 0;
}

/* The whole text; its length, or -E... */
static int32_t make_text(const struct node *node, char *to, uint32_t size)
{
    const struct process *process = process_find(node->proc.pid);
    uint32_t what = node->proc.what;

    if (node->proc.pid != 0 && process == NULL) {
        return -ESRCH;
    }
    return what >= FD_FIRST ? proc_descriptor(process, what - FD_FIRST, to, size)
                            : rows[what].make(process, to, size);
}

static int32_t proc_read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    uint32_t frame = frame_allocate();
    int32_t length;

    if (frame == 0) {
        return -ENOMEM;
    }
    length = make_text(node, physical_to_pointer(frame), PAGE_SIZE);
    if (length >= 0) {
        uint32_t left = offset < (uint32_t)length ? (uint32_t)length - (uint32_t)offset : 0;

        bytes = bytes < left ? bytes : left;
        memcpy(to, (const char *)physical_to_pointer(frame) + (uint32_t)offset, bytes);
        length = (int32_t)bytes;
    }
    frame_release(frame);
    return length;
}

static int32_t proc_write(struct node *node, uint64_t offset, const void *from, uint32_t bytes)
{
    const struct row *row = &rows[node->proc.what];
    char text[WRITE_LIMIT + 1];
    int32_t result;

    if (node->proc.what >= FD_FIRST || row->store == NULL || offset != 0 || bytes > WRITE_LIMIT) {
        return -EINVAL;
    }
    memcpy(text, from, bytes);
    text[bytes] = '\0';
    text[strcspn(text, "\n")] = '\0';
    result = row->store(text);
    return result != 0 ? result : (int32_t)bytes;
}

/* Opening with O_TRUNC is what a shell's > does; there is nothing to cut. */
static int32_t proc_truncate(struct node *node, uint64_t size)
{
    (void)node;
    (void)size;
    return 0;
}

static void proc_release(struct node *node)
{
    node_put(node->proc.parent);
    node_free(node);
}

static const struct node_operations proc_operations = {.lookup = proc_lookup,
                                                       .list = proc_list,
                                                       .read = proc_read,
                                                       .write = proc_write,
                                                       .truncate = proc_truncate,
                                                       .release = proc_release};

static int32_t proc_mount(struct file_system *system)
{
    system->root = node_allocate(system, &proc_operations, rows[IN_ROOT].mode);
    if (system->root == NULL) {
        return -ENOMEM;
    }
    system->root->links = 2;
    system->root->number = number_of(0, IN_ROOT);
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
