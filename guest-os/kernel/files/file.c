/* Open files and the descriptors of processes.
 * SPDX-License-Identifier: MIT */
#include "files/file.h"

#include "common/text.h"
#include "files/file_lock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "support/pool.h"

static struct pool file_pool = {.name = "file", .bytes = sizeof(struct file)};
static uint32_t file_count; /* open ones */
const char poll_channel[1] = {0};

/* `file` comes or goes: one writer more or fewer, if it is one. */
static void count_writer(const struct file *file, int32_t change)
{
    if ((file->flags & O_ACCMODE) != O_RDONLY) {
        file->node->writers += (uint32_t)change;
        file->node->system->writers += (uint32_t)change;
    }
}

struct file *file_allocate(const struct file_operations *operations, struct node *node,
                           uint32_t flags)
{
    struct file *file = file_count < FILE_LIMIT ? pool_take(&file_pool) : NULL;

    if (file != NULL) {
        *file = (struct file){.operations = operations, .users = 1, .flags = flags, .node = node};
        file_count++;
        count_writer(file, 1);
    }
    return file;
}

void file_discard(struct file *file)
{
    file_set_async(file, false);
    count_writer(file, -1);
    file_count--;
    pool_give(&file_pool, file);
}

void file_put(struct file *file)
{
    struct node *node, *directory;

    file->users--;
    if (file->users > 0) {
        return;
    }
    if (file->operations->close != NULL) {
        file->operations->close(file);
    }
    node = file->node;
    directory = file->directory;
    file_lock_drop(node, file);
    file_discard(file);
    node_put(node); /* may sleep */
    node_put(directory);
}

void files_wake(const void *channel)
{
    wake_all(channel);
    wake_all(poll_channel);
    file_tell_owners(channel);
}

/* ---- descriptors ---- */

struct file *file_of(uint32_t fd)
{
    return fd < DESCRIPTOR_LIMIT ? current->descriptors->files[fd] : NULL;
}

static void set_close_on_exec(struct descriptor_table *table, uint32_t fd, bool close)
{
    table->close_on_exec[fd / 32] &= ~(1u << fd % 32);
    table->close_on_exec[fd / 32] |= (uint32_t)close << fd % 32;
}

bool descriptor_closes_on_exec(uint32_t fd)
{
    return current->descriptors->close_on_exec[fd / 32] >> fd % 32 & 1;
}

void descriptor_close_on_exec(uint32_t fd, bool close)
{
    set_close_on_exec(current->descriptors, fd, close);
}

/* So many descriptors are allowed; those that are open already stay. */
static uint32_t descriptor_limit(void)
{
    uint32_t limit = current->leader->together.limits[RLIMIT_NOFILE].rlim_cur;

    return limit < DESCRIPTOR_LIMIT ? limit : DESCRIPTOR_LIMIT;
}

int32_t descriptor_add(struct file *file, uint32_t least, bool close_on_exec)
{
    for (uint32_t fd = least; fd < descriptor_limit(); fd++) {
        if (current->descriptors->files[fd] == NULL) {
            current->descriptors->files[fd] = file;
            set_close_on_exec(current->descriptors, fd, close_on_exec);
            return (int32_t)fd;
        }
    }
    file_put(file);
    return -EMFILE;
}

/* Whoever closes one descriptor of a file loses the process's locks on it. */
static void drop_descriptor(const struct descriptor_table *table, struct file *file)
{
    file_lock_drop(file->node, table);
    file_put(file);
}

int32_t descriptor_close(uint32_t fd)
{
    struct file *file = file_of(fd);

    if (file == NULL) {
        return -EBADF;
    }
    current->descriptors->files[fd] = NULL;
    drop_descriptor(current->descriptors, file);
    return 0;
}

/* ---- what processes share and copy ---- */

static struct pool tables = {.name = "descriptors", .bytes = sizeof(struct descriptor_table)};
static struct pool places_pool = {.name = "places", .bytes = sizeof(struct places)};

static struct descriptor_table *copy_descriptors(const struct descriptor_table *from)
{
    struct descriptor_table *table = pool_take(&tables);

    if (table != NULL && from != NULL) {
        *table = *from;
        for (uint32_t fd = 0; fd < DESCRIPTOR_LIMIT; fd++) {
            if (table->files[fd] != NULL) {
                table->files[fd]->users++;
            }
        }
    }
    if (table != NULL) {
        table->users = 1;
    }
    return table;
}

static void close_all(struct descriptor_table *table, bool only_on_exec)
{
    for (uint32_t fd = 0; fd < DESCRIPTOR_LIMIT; fd++) {
        struct file *file = table->files[fd];

        if (file != NULL && (!only_on_exec || (table->close_on_exec[fd / 32] >> fd % 32 & 1))) {
            table->files[fd] = NULL;
            drop_descriptor(table, file);
        }
    }
}

static void leave_descriptors(struct process *process)
{
    struct descriptor_table *table = process->descriptors;

    process->descriptors = NULL;
    if (table != NULL && --table->users == 0) {
        close_all(table, false);
        pool_give(&tables, table);
    }
}

static struct places *copy_places(const struct places *from)
{
    struct places *places = pool_take(&places_pool);

    if (places != NULL) {
        *places = *from;
        places->users = 1;
        node_get(places->root);
        node_get(places->directory);
    }
    return places;
}

static void leave_places(struct process *process)
{
    struct places *places = process->places;

    process->places = NULL;
    if (places != NULL && --places->users == 0) {
        node_put(places->root);
        node_put(places->directory);
        pool_give(&places_pool, places);
    }
}

int32_t files_share(struct process *process, struct process *from, uint32_t clone_flags)
{
    process->program = node_get(from->program);
    process->program_directory = node_get(from->program_directory);
    if (clone_flags & CLONE_FILES) {
        process->descriptors = from->descriptors;
        process->descriptors->users++;
    } else {
        process->descriptors = copy_descriptors(from->descriptors);
    }
    if (clone_flags & CLONE_FS) {
        process->places = from->places;
        process->places->users++;
    } else {
        process->places = copy_places(from->places);
    }
    return process->descriptors == NULL || process->places == NULL ? -ENOMEM : 0;
}

int32_t files_own(struct process *process)
{
    struct descriptor_table *own;

    if (process->descriptors->users == 1) {
        return 0;
    }
    own = copy_descriptors(process->descriptors);
    if (own == NULL) {
        return -ENOMEM;
    }
    leave_descriptors(process);
    process->descriptors = own;
    return 0;
}

void files_exec(struct process *process)
{
    close_all(process->descriptors, true);
    memset(process->descriptors->close_on_exec, 0, sizeof(process->descriptors->close_on_exec));
}

void files_exit(struct process *process)
{
    leave_descriptors(process);
    leave_places(process);
    node_put(process->program);
    node_put(process->program_directory);
    process->program = process->program_directory = NULL;
}

void files_for_init(struct process *init)
{
    struct file *file = NULL;

    init->places->umask = 022;
    init->places->directory = node_get(root);
    if (file_open(root, "/dev/console", O_RDWR, 0, &file) == 0) {
        file->users = 3;
        init->descriptors->files[0] = init->descriptors->files[1] = init->descriptors->files[2] =
            file;
    }
}
