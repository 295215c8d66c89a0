/* Open files, the descriptors of processes, and files and directories as open files.
 * SPDX-License-Identifier: MIT */
#include "files/file.h"

#include "common/text.h"
#include "drivers/block.h"
#include "files/file_lock.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "support/pool.h"

#define BOUNCE_BYTES 1024  /* moved across the border at once */
#define DAY          86400 /* seconds */
#define FLAGS_KEPT   (O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_LARGEFILE)

static struct pool file_pool = {.bytes = sizeof(struct file)};
static uint32_t file_count; /* open ones */
const char poll_channel[1] = {0};

/* `file` comes or goes: one writer more or fewer, if it is one. */
static void count_writer(const struct file *file, int32_t change)
{
    if (file->node != NULL && (file->flags & O_ACCMODE) != O_RDONLY) {
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
    if (node != NULL) {
        file_lock_drop(node, file);
    }
    file_discard(file);
    node_put(node); /* may sleep */
    node_put(directory);
}

void files_wake(const void *channel)
{
    wake_all(channel);
    wake_all(poll_channel);
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
    if (file->node != NULL) {
        file_lock_drop(file->node, table);
    }
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

static struct pool tables = {.bytes = sizeof(struct descriptor_table)};
static struct pool places_pool = {.bytes = sizeof(struct places)};

static struct node *get_if_any(struct node *node)
{
    return node == NULL ? NULL : node_get(node);
}

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
        get_if_any(places->root);
        get_if_any(places->directory);
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
    process->program = get_if_any(from->program);
    process->program_directory = get_if_any(from->program_directory);
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

/* ---- files ---- */

int32_t file_read_at(struct file *file, uint64_t offset, uint32_t to_user, uint32_t bytes)
{
    char buffer[BOUNCE_BYTES];
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t part = bytes - done < BOUNCE_BYTES ? bytes - done : BOUNCE_BYTES;
        int32_t got = node_read(file->node, offset + done, buffer, part);

        if (got <= 0) {
            return done > 0 ? (int32_t)done : got;
        }
        if (copy_to_user(to_user + done, buffer, (uint32_t)got) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        done += (uint32_t)got;
    }
    return (int32_t)done;
}

/* As Linux's "relatime": the time of the last access is kept if nobody has read since the last
 * change, or for a day. */
static void note_access(struct node *node)
{
    uint32_t now = seconds_now();

    if (!node->system->read_only &&
        (node->accessed <= node->modified || node->accessed <= node->changed ||
         now - node->accessed >= DAY) &&
        node->accessed != now) {
        node->accessed = now;
        node_changed(node);
    }
}

static int32_t regular_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    int32_t result = file_read_at(file, file->offset, to_user, bytes);

    if (result > 0) {
        file->offset += (uint32_t)result;
        note_access(file->node);
    }
    return result;
}

/* A write is no longer another user's program with that user's rights. */
static void drop_set_id(struct node *node)
{
    if ((node->mode & (S_ISUID | S_ISGID)) && current->euid != 0) {
        node->mode &= ~(S_ISUID | (node->mode & 0010 ? S_ISGID : 0));
        node_changed(node);
    }
}

static int32_t write_parts(struct file *file, uint64_t offset, uint32_t from_user, uint32_t bytes)
{
    char buffer[BOUNCE_BYTES];
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t part = bytes - done < BOUNCE_BYTES ? bytes - done : BOUNCE_BYTES;
        int32_t put;

        if (copy_from_user(buffer, from_user + done, part) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        put = node_write(file->node, offset + done, buffer, part);
        if (put <= 0) {
            return done > 0 ? (int32_t)done : put;
        }
        done += (uint32_t)put;
    }
    return (int32_t)done;
}

int32_t file_write_at(struct file *file, uint64_t offset, uint32_t from_user, uint32_t bytes)
{
    struct node *node = file->node;
    int32_t result;

    if (offset > (uint64_t)INT64_MAX - bytes) {
        return -EFBIG;
    }
    lock_take(&node->writing); /* the parts of one write stay together */
    result = write_parts(file, file->flags & O_APPEND ? node->size : offset, from_user, bytes);
    if (result > 0) {
        drop_set_id(node);
        if (file->flags & O_SYNC) {
            int32_t error = node_sync(node);

            result = error == 0 ? result : error;
        }
    }
    lock_give(&node->writing);
    return result;
}

static int32_t regular_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    struct node *node = file->node;
    int32_t result;

    lock_take(&node->writing);
    if (file->flags & O_APPEND) {
        file->offset = node->size;
    }
    result = file_write_at(file, file->offset, from_user, bytes);
    if (result > 0) {
        file->offset += (uint32_t)result;
    }
    lock_give(&node->writing);
    return result;
}

static const struct file_operations regular_operations = {
    .read = regular_read, .write = regular_write, .has_offset = true};

static int32_t directory_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    (void)file;
    (void)to_user;
    (void)bytes;
    return -EISDIR;
}

static const struct file_operations directory_operations = {.read = directory_read,
                                                            .has_offset = true};

/* ---- open ---- */

/* What open leads to, found or made: end->node, and in *made whether it is new. */
static int32_t find_or_create(struct node *from, const char *path, uint32_t flags, uint32_t mode,
                              struct path_end *end, bool *made)
{
    bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);
    int32_t result = path_walk(
        from, path, (flags & O_NOFOLLOW) == 0 && !exclusive ? WALK_FOLLOW : WALK_LINK, end);

    *made = false;
    if ((flags & O_CREAT) && (result == 0 || (result == -ENOENT && end->directory != NULL))) {
        if (result == 0 && exclusive) {
            return -EEXIST;
        }
        if (end->slash) {
            return -EISDIR;
        }
        if (result == -ENOENT) {
            result = node_create(end->directory, end->name,
                                 S_IFREG | (mode & 07777 & ~current->places->umask), 0, &end->node);
            *made = result == 0;
            if (result == -EEXIST && !exclusive) { /* somebody was quicker */
                path_release(end);
                return find_or_create(from, path, flags, mode, end, made);
            }
        }
    }
    return result;
}

bool node_is_program(const struct node *node)
{
    for (struct process *process = process_first; process != NULL; process = process->next) {
        if (process->program == node) {
            return true;
        }
    }
    return false;
}

/* Rights and kind. Who makes a file may open it, whatever rights it gets. */
static int32_t check_open(const struct node *node, uint32_t flags, bool made)
{
    static const uint32_t wanted[] = {R_OK, W_OK, R_OK | W_OK, R_OK | W_OK};
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    int32_t result = 0;

    if (S_ISDIR(node->mode) && (writes || (flags & (O_CREAT | O_TRUNC)))) {
        return -EISDIR;
    }
    if (!S_ISDIR(node->mode) && (flags & O_DIRECTORY)) {
        return -ENOTDIR;
    }
    if (S_ISLNK(node->mode)) {
        return -ELOOP;
    }
    if (!made) {
        result = node_permitted(node,
                                wanted[flags & O_ACCMODE] | (flags & O_TRUNC ? (uint32_t)W_OK : 0));
    }
    if (result == 0 && writes && S_ISREG(node->mode) && node->operations->write == NULL) {
        result = -EACCES;
    }
    if (result == 0 && (writes || (flags & O_TRUNC)) && node_is_program(node)) {
        result = -ETXTBSY;
    }
    if (result == 0 && S_ISREG(node->mode) && (flags & O_LARGEFILE) == 0 &&
        node->size > INT32_MAX) {
        result = -EOVERFLOW;
    }
    return result;
}

/* What an open file of this node can do; NULL: there is no such device. */
static const struct file_operations *operations_for(const struct node *node)
{
    switch (node->mode & S_IFMT) {
    case S_IFDIR:
        return &directory_operations;
    case S_IFREG:
        return &regular_operations;
    case S_IFCHR:
        return device_operations(node->device);
    case S_IFBLK:
        return block_operations(node->device);
    default:
        return NULL;
    }
}

static int32_t open_node(struct node *node, uint32_t flags, struct file **opened)
{
    const struct file_operations *operations = operations_for(node);
    int32_t result = 0;

    if (S_ISFIFO(node->mode)) {
        return pipe_open(node, flags, opened);
    }
    if (operations == NULL) {
        return -ENXIO;
    }
    if ((flags & O_TRUNC) && S_ISREG(node->mode)) {
        result = node_truncate(node, 0);
    }
    if (result == 0) {
        *opened = file_allocate(operations, node, flags & FLAGS_KEPT);
        result = *opened == NULL ? -ENFILE : 0;
    }
    if (result == 0 && operations == &terminal_operations) {
        result = terminal_open(*opened, flags);
        if (result != 0) {
            file_discard(*opened);
        }
    }
    if (result == 0) {
        node_get(node);
    }
    return result;
}

int32_t file_open(struct node *from, const char *path, uint32_t flags, uint32_t mode,
                  struct file **opened)
{
    struct path_end end;
    bool made;
    int32_t result = find_or_create(from, path, flags, mode, &end, &made);

    if (result == 0) {
        result = check_open(end.node, flags, made);
    }
    if (result == 0) {
        result = open_node(end.node, flags, opened);
    }
    if (result == 0 && !S_ISDIR(end.node->mode) && end.directory != NULL) {
        (*opened)->directory = node_get(end.directory);
    }
    path_release(&end);
    return result;
}
