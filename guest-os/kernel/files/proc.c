/* /proc: the kernel's tables as files, in Linux's words. A file's text is made anew at each read,
 * so a read in several parts may show several moments. Nodes exist only while somebody uses them.
 * See: proc(5). SPDX-License-Identifier: MIT */
#include "files/proc.h"

#include "common/text.h"
#include "heart/memory.h"

#define PID_SHIFT    16 /* inode number: (pid << PID_SHIFT | what) + FIRST_NUMBER */
#define FIRST_NUMBER 0x10000u
#define FD_FIRST     0x100u /* node.proc.what: a row, or this + a descriptor */
#define NUMBERS      1000u  /* positions: rows, then what is called by a number, that + this */
#define WRITE_LIMIT  64u    /* bytes of a text that is written */

static const struct node_operations proc_operations;

void text_add(struct text *text, const char *format, ...)
{
    uint32_t room = text->size - text->used, length;
    va_list arguments;

    va_start(arguments, format);
    length = (uint32_t)vsnprintf(text->to + text->used, room, format, arguments);
    va_end(arguments);
    text->used += length < room ? length : room - 1;
}

/* ---- entries ---- */

/* The smallest pid that is at least `least`; -1: none. */
static int32_t next_pid(int32_t least)
{
    int32_t best = -1;

    for (const struct process *process = process_first; process != NULL; process = process->next) {
        if (process->leader == process && process->pid >= least &&
            (best == -1 || process->pid < best)) {
            best = process->pid;
        }
    }
    return best;
}

static int32_t next_descriptor(const struct process *process, uint32_t least)
{
    for (uint32_t fd = least; process != NULL && fd < DESCRIPTOR_LIMIT; fd++) {
        if (proc_file(process, fd) != NULL) {
            return (int32_t)fd;
        }
    }
    return -1;
}

static void fill_in(struct listed *entry, int32_t pid, uint32_t what, uint32_t mode, uint64_t next)
{
    entry->number = ((uint32_t)pid << PID_SHIFT | what) + FIRST_NUMBER;
    entry->mode = mode;
    entry->next = next;
}

static int32_t proc_list(struct node *directory, uint64_t position, struct listed *entry)
{
    uint32_t place = directory->proc.what;
    int32_t pid = directory->proc.pid, least, number = -1;

    for (uint64_t row = position - LIST_FIRST; row < proc_row_count; row++) {
        if (proc_rows[row].place == place) {
            fill_in(entry, pid, (uint32_t)row, proc_rows[row].mode, row + LIST_FIRST + 1);
            copy_text(entry->name, proc_rows[row].name, NAME_LIMIT);
            return 1;
        }
    }
    least = position < NUMBERS ? 0 : (int32_t)(position - NUMBERS);
    if (place == IN_ROOT) {
        number = next_pid(least);
        fill_in(entry, number, IN_PROCESS, proc_rows[IN_PROCESS].mode,
                NUMBERS + (uint32_t)number + 1);
    } else if (place == IN_FD) {
        number = next_descriptor(process_find(pid), (uint32_t)least);
        fill_in(entry, pid, FD_FIRST + (uint32_t)number, S_IFLNK | 0700,
                NUMBERS + (uint32_t)number + 1);
    }
    snprintf(entry->name, NAME_LIMIT, "%d", number);
    return number >= 0;
}

static int32_t proc_lookup(struct node *directory, const char *name, struct node **found)
{
    bool is_number = name[0] >= '0' && name[0] <= '9';
    struct listed entry = {.next = is_number ? NUMBERS + (uint32_t)atoi(name) : LIST_FIRST};
    const struct process *process;
    struct node *node;

    do {
        if (proc_list(directory, entry.next, &entry) != 1) {
            return -ENOENT;
        }
    } while (strcmp(entry.name, name) != 0);
    node = node_allocate(directory->system, &proc_operations, entry.mode);
    if (node == NULL) {
        return -ENOMEM;
    }
    node->number = entry.number;
    node->proc.pid = (int32_t)((entry.number - FIRST_NUMBER) >> PID_SHIFT);
    node->proc.what = (entry.number - FIRST_NUMBER) & ((1u << PID_SHIFT) - 1);
    process = process_find(node->proc.pid);
    node->owner = process == NULL ? 0 : process->euid;
    node->group = process == NULL ? 0 : process->egid;
    *found = node;
    return 0;
}

/* ---- texts ---- */

static void make_text(const struct node *node, struct text *text)
{
    uint32_t what = node->proc.what;

    text->process = process_find(node->proc.pid);
    if (node->proc.pid != 0 && text->process == NULL) {
        text->error = -ESRCH;
    } else if (what >= FD_FIRST) {
        proc_descriptor(text, what - FD_FIRST);
    } else if (proc_rows[what].make != NULL) {
        proc_rows[what].make(text);
    } else {
        text->error = -EISDIR;
    }
}

static int32_t proc_read(struct node *node, uint64_t offset, void *to, uint32_t bytes)
{
    uint32_t frame = frame_allocate(), left;
    struct text text = {.to = physical_to_pointer(frame), .size = PAGE_SIZE};

    if (frame == 0) {
        return -ENOMEM;
    }
    make_text(node, &text);
    left = text.error == 0 && offset < text.used ? text.used - (uint32_t)offset : 0;
    bytes = bytes < left ? bytes : left;
    memcpy(to, text.to + (uint32_t)offset, bytes);
    frame_release(frame);
    return text.error != 0 ? text.error : (int32_t)bytes;
}

static int32_t proc_write(struct node *node, uint64_t offset, const void *from, uint32_t bytes)
{
    uint32_t what = node->proc.what;
    char text[WRITE_LIMIT + 1];
    int32_t result;

    if (what >= FD_FIRST || proc_rows[what].store == NULL || offset != 0 || bytes > WRITE_LIMIT) {
        return -EINVAL;
    }
    memcpy(text, from, bytes);
    text[bytes] = '\0';
    text[strcspn(text, "\n")] = '\0';
    result = proc_rows[what].store(text);
    return result != 0 ? result : (int32_t)bytes;
}

static const struct node_operations proc_operations = {.lookup = proc_lookup,
                                                       .list = proc_list,
                                                       .read = proc_read,
                                                       .write = proc_write,
                                                       .release = node_free};

static int32_t proc_mount(struct file_system *system)
{
    system->root = node_allocate(system, &proc_operations, proc_rows[IN_ROOT].mode);
    if (system->root == NULL) {
        return -ENOMEM;
    }
    system->root->links = 2;
    system->root->number = FIRST_NUMBER + IN_ROOT;
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
