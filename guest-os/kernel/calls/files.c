/* System calls on descriptors: open, close, seek, duplicate, control. Interrupts are on.
 * See: open(2), lseek(2), dup(2), fcntl(2), ioctl(2). SPDX-License-Identifier: MIT */
#include "files/file.h"

#include "calls/locks.h"
#include "calls/path_argument.h"
#include "common/text.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/system_call.h"

/* ---- open and close ---- */

static int32_t open_at(int32_t directory_fd, uint32_t path_at, uint32_t flags, uint32_t mode)
{
    struct node *from;
    struct file *file;
    char *path;
    int32_t result = path_take(path_at, &path);

    if (result != 0) {
        return result;
    }
    result = flags & O_PATH ? -EINVAL : directory_argument(directory_fd, path, &from);
    if (result == 0) {
        result = file_open(from, path, flags, mode, &file);
    }
    path_drop(path);
    return result != 0 ? result : descriptor_add(file, 0, (flags & O_CLOEXEC) != 0);
}

int32_t sys_open(struct trap_frame *frame)
{
    return open_at(AT_FDCWD, frame->ebx, frame->ecx, frame->edx);
}

int32_t sys_creat(struct trap_frame *frame)
{
    return open_at(AT_FDCWD, frame->ebx, O_CREAT | O_WRONLY | O_TRUNC, frame->ecx);
}

int32_t sys_openat(struct trap_frame *frame)
{
    return open_at((int32_t)frame->ebx, frame->ecx, frame->edx, frame->esi);
}

int32_t sys_close(struct trap_frame *frame)
{
    return descriptor_close(frame->ebx);
}

static int32_t make_pipe(uint32_t to_user, uint32_t flags)
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

int32_t sys_pipe(struct trap_frame *frame)
{
    return make_pipe(frame->ebx, 0);
}

int32_t sys_pipe2(struct trap_frame *frame)
{
    return make_pipe(frame->ebx, frame->ecx);
}

/* ---- the offset ---- */

static int32_t seek(uint32_t fd, int64_t offset, uint32_t whence, int64_t *now)
{
    struct file *file = file_of(fd);

    if (file == NULL) {
        return -EBADF;
    }
    if (!file->operations->has_offset) {
        return -ESPIPE;
    }
    switch (whence) {
    case SEEK_SET:
        break;
    case SEEK_CUR:
        offset += (int64_t)file->offset;
        break;
    case SEEK_END:
        offset += (int64_t)node_size(file->node);
        break;
    default:
        return -EINVAL;
    }
    if (offset < 0) {
        return -EINVAL;
    }
    file->offset = (uint64_t)offset;
    *now = offset;
    return 0;
}

int32_t sys_lseek(struct trap_frame *frame)
{
    int64_t now = 0;
    int32_t result = seek(frame->ebx, (int32_t)frame->ecx, frame->edx, &now);

    return result != 0 ? result : now > INT32_MAX ? -EOVERFLOW : (int32_t)now;
}

int32_t sys__llseek(struct trap_frame *frame)
{
    int64_t now;
    int32_t result =
        seek(frame->ebx, (int64_t)((uint64_t)frame->ecx << 32 | frame->edx), frame->edi, &now);

    return result != 0 ? result : copy_to_user(frame->esi, &now, sizeof(now));
}

/* ---- descriptors ---- */

static int32_t duplicate(uint32_t fd, uint32_t least, bool close_on_exec)
{
    struct file *file = file_of(fd);

    if (file == NULL) {
        return -EBADF;
    }
    if (least >= DESCRIPTOR_LIMIT) {
        return -EINVAL;
    }
    file->users++;
    return descriptor_add(file, least, close_on_exec);
}

static int32_t duplicate_to(uint32_t from, uint32_t to, bool close_on_exec)
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
    return descriptor_add(file, to, close_on_exec);
}

int32_t sys_dup(struct trap_frame *frame)
{
    return duplicate(frame->ebx, 0, false);
}

int32_t sys_dup2(struct trap_frame *frame)
{
    return duplicate_to(frame->ebx, frame->ecx, false);
}

int32_t sys_dup3(struct trap_frame *frame)
{
    if (frame->ebx == frame->ecx || (frame->edx & ~O_CLOEXEC) != 0) {
        return -EINVAL;
    }
    return duplicate_to(frame->ebx, frame->ecx, (frame->edx & O_CLOEXEC) != 0);
}

int32_t sys_fcntl64(struct trap_frame *frame)
{
    uint32_t fd = frame->ebx;
    struct file *file = file_of(fd);

    if (file == NULL) {
        return -EBADF;
    }
    switch (frame->ecx) {
    case F_DUPFD:
        return duplicate(fd, frame->edx, false);
    case F_DUPFD_CLOEXEC:
        return duplicate(fd, frame->edx, true);
    case F_GETFD:
        return descriptor_closes_on_exec(fd);
    case F_SETFD:
        descriptor_close_on_exec(fd, (frame->edx & FD_CLOEXEC) != 0);
        return 0;
    case F_GETFL:
        return (int32_t)file->flags;
    case F_SETFL:
        file->flags =
            (file->flags & ~(O_APPEND | O_NONBLOCK)) | (frame->edx & (O_APPEND | O_NONBLOCK));
        file_set_async(file, (frame->edx & O_ASYNC) != 0);
        return 0;
    case F_SETOWN:
    case F_GETOWN:
    case F_SETSIG:
    case F_GETSIG:
        return file_control_owner(file, frame->ecx, frame->edx);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_GETLK64:
    case F_SETLK64:
    case F_SETLKW64:
        return lock_range(file, frame->ecx, frame->edx);
    default:
        return -EINVAL;
    }
}

/* Without the 64-bit forms of locks. */
int32_t sys_fcntl(struct trap_frame *frame)
{
    return frame->ecx >= F_GETLK64 && frame->ecx <= F_SETLKW64 ? -EINVAL : sys_fcntl64(frame);
}

int32_t sys_ioctl(struct trap_frame *frame)
{
    struct file *file = file_of(frame->ebx);

    if (file == NULL) {
        return -EBADF;
    }
    return file->operations->control == NULL
               ? -ENOTTY
               : file->operations->control(file, frame->ecx, frame->edx);
}
