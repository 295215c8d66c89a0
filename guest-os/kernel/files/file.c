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
            file_table[i] = (struct file){.operations = operations, .users = 1, .flags = flags, .node = node};
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
    return fd < DESCRIPTOR_LIMIT ? current->descriptors[fd] : NULL;
}

int32_t descriptor_add(struct file *file, uint32_t least, bool close_on_exec)
{
    for (uint32_t fd = least; fd < DESCRIPTOR_LIMIT; fd++) {
        if (current->descriptors[fd] == NULL) {
            current->descriptors[fd] = file;
            current->close_on_exec &= ~(1u << fd);
            current->close_on_exec |= (uint32_t)close_on_exec << fd;
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
    current->descriptors[fd] = NULL;
    file_put(file);
    return 0;
}

void files_inherit(struct process *child)
{
    for (uint32_t fd = 0; fd < DESCRIPTOR_LIMIT; fd++) {
        child->descriptors[fd] = current->descriptors[fd];
        if (child->descriptors[fd] != NULL) {
            child->descriptors[fd]->users++;
        }
    }
    child->close_on_exec = current->close_on_exec;
    child->umask = current->umask;
    child->directory = current->directory == NULL ? NULL : node_get(current->directory);
    child->program = current->program == NULL ? NULL : node_get(current->program);
}

static void close_those(struct process *process, uint32_t which)
{
    for (uint32_t fd = 0; fd < DESCRIPTOR_LIMIT; fd++) {
        if (process->descriptors[fd] != NULL && (which >> fd & 1)) {
            struct file *file = process->descriptors[fd];

            process->descriptors[fd] = NULL;
            file_put(file);
        }
    }
}

void files_exec(struct process *process)
{
    close_those(process, process->close_on_exec);
    process->close_on_exec = 0;
}

void files_exit(struct process *process)
{
    close_those(process, UINT32_MAX);
    node_put(process->directory);
    node_put(process->program);
    process->directory = process->program = NULL;
}

void files_for_init(struct process *init)
{
    struct file *file = NULL;

    init->umask = 022;
    init->directory = node_get(root);
    if (file_open(root, "/dev/console", O_RDWR, 0, &file) == 0) {
        file->users = 3;
        init->descriptors[0] = init->descriptors[1] = init->descriptors[2] = file;
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
                                        S_IFREG | (mode & 07777 & ~current->umask), node);
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
    if (result == 0 && (flags & O_TRUNC) && S_ISREG(node->mode) &&
        (flags & O_ACCMODE) != O_RDONLY) {
        result = node->operations->truncate(node);
    }
    if (result == 0) {
        *opened =
            file_allocate(operations_for(node), node, flags & (O_ACCMODE | O_APPEND | O_NONBLOCK));
        result = *opened == NULL ? -ENFILE : 0;
    }
    if (result == 0 && (*opened)->operations == &terminal_operations) {
        result = terminal_open(*opened, flags);
        if (result != 0) {
            (*opened)->operations = NULL; /* the slot is free again */
        }
    }
    if (result != 0) {
        node_put(node);
    }
    return result;
}
