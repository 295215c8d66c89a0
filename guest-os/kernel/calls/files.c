/* System calls on descriptors: open, seek, duplicate, control. Interrupts are on.
 * See: open(2), lseek(2), dup(2), fcntl(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "calls/locks.h"
#include "calls/path_argument.h"
#include "common/text.h"
#include "heart/system_call.h"

int32_t sys_openat(uint32_t directory, uint32_t path_at, uint32_t flags, uint32_t mode)
{
    struct node *from;
    struct file *file;
    char *path;
    int32_t result = path_take(path_at, &path);

    if (result != 0) {
        return result;
    }
    result = flags & O_PATH ? -EINVAL : directory_argument(directory, path, &from);
    if (result == 0) {
        result = file_open(from, path, flags, mode, &file);
    }
    path_drop(path);
    return result != 0 ? result : descriptor_add(file, 0, (flags & O_CLOEXEC) != 0);
}

int32_t sys_pipe2(uint32_t to_user, uint32_t flags)
{
    struct file *reader, *writer;
    bool close_on_exec = (flags & O_CLOEXEC) != 0;
    int32_t fds[2];
    int32_t result;

    if (flags & ~(O_CLOEXEC | O_NONBLOCK)) {
        return -EINVAL;
    }
    result = pipe_create(&reader, &writer, flags);
    if (result != 0) {
        return result;
    }
    fds[0] = descriptor_add(reader, 0, close_on_exec);
    fds[1] = descriptor_add(writer, 0, close_on_exec);
    if (fds[0] >= 0 && fds[1] >= 0 && copy_to_user(to_user, fds, sizeof(fds)) == 0) {
        return 0;
    }
    result = fds[0] < 0 || fds[1] < 0 ? -EMFILE : -EFAULT;
    for (uint32_t i = 0; i < 2; i++) {
        if (fds[i] >= 0) {
            descriptor_close((uint32_t)fds[i]);
        }
    }
    return result;
}

/* ---- the offset ---- */

static int32_t seek(struct file *file, int64_t offset, uint32_t whence)
{
    if (!file->operations->has_offset) {
        return -ESPIPE;
    }
    if (whence == SEEK_CUR) {
        offset += (int64_t)file->offset;
    } else if (whence == SEEK_END) {
        offset += (int64_t)node_size(file->node);
    } else if (whence != SEEK_SET) {
        return -EINVAL;
    }
    if (offset < 0) {
        return -EINVAL;
    }
    file->offset = (uint64_t)offset;
    return 0;
}

int32_t file_seek(struct file *file, int64_t offset, uint32_t whence, uint32_t to_user)
{
    int32_t result = seek(file, offset, whence);

    return result != 0 ? result : copy_to_user(to_user, &file->offset, sizeof(file->offset));
}

int32_t file_seek_near(struct file *file, int32_t offset, uint32_t whence)
{
    int32_t result = seek(file, offset, whence);

    return result != 0 ? result : file->offset > INT32_MAX ? -EOVERFLOW : (int32_t)file->offset;
}

/* ---- descriptors ---- */

int32_t file_duplicate(struct file *file, uint32_t least, uint32_t flags)
{
    if (least >= DESCRIPTOR_LIMIT) {
        return -EINVAL;
    }
    file->users++;
    return descriptor_add(file, least, (flags & O_CLOEXEC) != 0);
}

int32_t file_duplicate_to(uint32_t from, uint32_t to, uint32_t flags)
{
    struct file *file = file_of(from);

    if (file == NULL || to >= DESCRIPTOR_LIMIT) {
        return -EBADF;
    }
    if (from == to) {
        return (int32_t)to;
    }
    file->users++;
    descriptor_close(to); /* EBADF: it was free */
    return descriptor_add(file, to, (flags & O_CLOEXEC) != 0);
}

int32_t sys_dup3(uint32_t from, uint32_t to, uint32_t flags)
{
    return from == to || (flags & ~O_CLOEXEC) ? -EINVAL : file_duplicate_to(from, to, flags);
}

int32_t file_control(struct file *file, uint32_t fd, uint32_t command, uint32_t argument)
{
    const uint32_t changeable = O_APPEND | O_NONBLOCK;

    switch (command) {
    case F_DUPFD:
        return file_duplicate(file, argument, 0);
    case F_DUPFD_CLOEXEC:
        return file_duplicate(file, argument, O_CLOEXEC);
    case F_GETFD:
        return descriptor_closes_on_exec(fd);
    case F_SETFD:
        descriptor_close_on_exec(fd, (argument & FD_CLOEXEC) != 0);
        return 0;
    case F_GETFL:
        return (int32_t)file->flags;
    case F_SETFL:
        file->flags = (file->flags & ~changeable) | (argument & changeable);
        file_set_async(file, (argument & O_ASYNC) != 0);
        return 0;
    case F_SETOWN:
    case F_GETOWN:
    case F_SETSIG:
    case F_GETSIG:
        return file_control_owner(file, command, argument);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_GETLK64:
    case F_SETLK64:
    case F_SETLKW64:
        return lock_range(file, command, argument);
    default:
        return -EINVAL;
    }
}
