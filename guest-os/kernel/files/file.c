/* The table of open files, the descriptors of processes, and files and directories as open files.
 * SPDX-License-Identifier: MIT */
#include "files/file.h"

#include "common/text.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"

#define BOUNCE_BYTES 512 /* moved across the border at once */

static struct file file_table[FILE_LIMIT];
const char poll_channel[1] = {0};

struct file *file_allocate(const struct file_operations *operations, struct node *node,
                           uint32_t flags)
{
    for (uint32_t i = 0; i < FILE_LIMIT; i++) {
        if (file_table[i].operations == NULL) {
            file_table[i] = (struct file){operations, 1, flags, 0, node, NULL};
            return &file_table[i];
        }
    }
    return NULL;
}

void file_put(struct file *file)
{
    file->users--;
    if (file->users > 0) {
        return;
    }
    if (file->operations->close != NULL) {
        file->operations->close(file);
    }
    node_put(file->node);
    file->operations = NULL;
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

int32_t descriptor_close(uint32_t fd)
{
    struct file *file = file_of(fd);

    if (file == NULL) {
        return -EBADF;
    }
    current->descriptors->files[fd] = NULL;
    file_put(file);
    return 0;
}

/* ---- what processes share and copy ---- */

static struct descriptor_table *copy_descriptors(const struct descriptor_table *from)
{
    struct descriptor_table *table = object_allocate(sizeof(*table));

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
            file_put(file);
        }
    }
}

static void leave_descriptors(struct process *process)
{
    struct descriptor_table *table = process->descriptors;

    process->descriptors = NULL;
    if (table != NULL && --table->users == 0) {
        close_all(table, false);
        object_free(table);
    }
}

static struct places *copy_places(const struct places *from)
{
    struct places *places = object_allocate(sizeof(*places));

    if (places != NULL) {
        *places = *from;
        places->users = 1;
        if (places->directory != NULL) {
            node_get(places->directory);
        }
    }
    return places;
}

static void leave_places(struct process *process)
{
    struct places *places = process->places;

    process->places = NULL;
    if (places != NULL && --places->users == 0) {
        node_put(places->directory);
        object_free(places);
    }
}

int32_t files_share(struct process *process, struct process *from, uint32_t clone_flags)
{
    process->program = from->program == NULL ? NULL : node_get(from->program);
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
    process->program = NULL;
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

static int32_t regular_read(struct file *file, uint32_t to_user, uint32_t bytes)
{
    char buffer[BOUNCE_BYTES];
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t part = bytes - done < BOUNCE_BYTES ? bytes - done : BOUNCE_BYTES;
        int32_t got = file->node->operations->read(file->node, file->offset, buffer, part);

        if (got <= 0) {
            return done > 0 ? (int32_t)done : got;
        }
        if (copy_to_user(to_user + done, buffer, (uint32_t)got) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        file->offset += (uint32_t)got;
        done += (uint32_t)got;
    }
    return (int32_t)done;
}

static int32_t regular_write(struct file *file, uint32_t from_user, uint32_t bytes)
{
    const struct node_operations *operations = file->node->operations;
    char buffer[BOUNCE_BYTES];
    uint32_t done = 0;

    if (operations->write == NULL) {
        return -EINVAL;
    }
    if (file->flags & O_APPEND) {
        file->offset = file->node->size;
    }
    while (done < bytes) {
        uint32_t part = bytes - done < BOUNCE_BYTES ? bytes - done : BOUNCE_BYTES;
        int32_t put;

        if (copy_from_user(buffer, from_user + done, part) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
        put = operations->write(file->node, file->offset, buffer, part);
        if (put <= 0) {
            return done > 0 ? (int32_t)done : put;
        }
        file->offset += (uint32_t)put;
        done += (uint32_t)put;
    }
    return (int32_t)done;
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

/* The node for open: found, or made. */
static int32_t find_or_create(struct node *from, const char *path, uint32_t flags, uint32_t mode,
                              struct node **node)
{
    bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);
    struct path_end end;
    int32_t result = path_walk(from, path, (flags & O_NOFOLLOW) == 0 && !exclusive, &end);

    if (result == 0 && exclusive) {
        result = -EEXIST;
    } else if (result == 0) {
        *node = node_get(end.node);
    } else if (result == -ENOENT && end.directory != NULL && (flags & O_CREAT)) {
        const struct node_operations *operations = end.directory->operations;

        result = -EACCES;
        if (operations->create != NULL) {
            result = operations->create(end.directory, end.name,
                                        S_IFREG | (mode & 07777 & ~current->places->umask), node);
        }
    }
    path_release(&end);
    return result;
}

static int32_t check_open(const struct node *node, uint32_t flags)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY;

    if (S_ISLNK(node->mode)) {
        return -ELOOP;
    }
    if (S_ISDIR(node->mode)) {
        return writes || (flags & O_CREAT) ? -EISDIR : 0;
    }
    if (flags & O_DIRECTORY) {
        return -ENOTDIR;
    }
    if (S_ISCHR(node->mode)) {
        return device_operations(node->device) == NULL ? -ENXIO : 0;
    }
    return writes && node->operations->write == NULL ? -EACCES : 0;
}

static const struct file_operations *operations_for(const struct node *node)
{
    if (S_ISDIR(node->mode)) {
        return &directory_operations;
    }
    return S_ISCHR(node->mode) ? device_operations(node->device) : &regular_operations;
}

int32_t file_open(struct node *from, const char *path, uint32_t flags, uint32_t mode,
                  struct file **opened)
{
    struct node *node;
    int32_t result = find_or_create(from, path, flags, mode, &node);

    if (result != 0) {
        return result;
    }
    result = check_open(node, flags);
    if (result == 0 && node->device == DEVICE_TTY && S_ISCHR(node->mode) &&
        !current->has_terminal) {
        result = -ENXIO;
    }
    if (result == 0 && (flags & O_TRUNC) && S_ISREG(node->mode) &&
        (flags & O_ACCMODE) != O_RDONLY) {
        result = node->operations->truncate(node);
    }
    if (result == 0) {
        *opened =
            file_allocate(operations_for(node), node, flags & (O_ACCMODE | O_APPEND | O_NONBLOCK));
        result = *opened == NULL ? -ENFILE : 0;
    }
    if (result != 0) {
        node_put(node);
    }
    return result;
}
