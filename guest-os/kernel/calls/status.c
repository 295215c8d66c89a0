/* System calls that ask about files and file systems. Interrupts are on. See: stat(2), statx(2),
 * access(2), readlink(2), statfs(2). SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"
#include "common/text.h"
#include "files/file.h"
#include "heart/system_call.h"

/* What all forms of stat tell. */
static struct stat64 status_of(const struct node *node)
{
    return (struct stat64){
        .st_dev = node->system->number,
        .st_ino_low = node->number,
        .st_ino = node->number,
        .st_mode = node->mode,
        .st_nlink = node->links,
        .st_uid = node->owner,
        .st_gid = node->group,
        .st_rdev = node->device,
        .st_size = (int64_t)node->size,
        .st_blocks = node->sectors,
        .st_atime = node->accessed,
        .st_mtime = node->modified,
        .st_ctime = node->changed,
        .st_blksize = PAGE_SIZE,
    };
}

static int32_t give_status(const struct node *node, uint32_t to_user)
{
    struct stat64 status = status_of(node);

    return copy_to_user(to_user, &status, sizeof(status));
}

static int32_t status_of_path(int32_t fd, uint32_t path_at, uint32_t flags, uint32_t to_user)
{
    struct node *node;
    int32_t result = node_argument(fd, path_at, flags, &node);

    if (result == 0) {
        result = give_status(node, to_user);
        node_put(node);
    }
    return result;
}

int32_t sys_stat64(struct trap_frame *frame)
{
    return status_of_path(AT_FDCWD, frame->ebx, 0, frame->ecx);
}

int32_t sys_lstat64(struct trap_frame *frame)
{
    return status_of_path(AT_FDCWD, frame->ebx, AT_SYMLINK_NOFOLLOW, frame->ecx);
}

int32_t sys_fstatat64(struct trap_frame *frame)
{
    if (frame->esi & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) {
        return -EINVAL;
    }
    return status_of_path((int32_t)frame->ebx, frame->ecx, frame->esi, frame->edx);
}

int32_t sys_fstat64(struct trap_frame *frame)
{
    struct file *file = file_of(frame->ebx);

    return file == NULL ? -EBADF : give_status(file->node, frame->ecx);
}

int32_t sys_statx(struct trap_frame *frame)
{
    struct node *node;
    struct stat64 status;
    struct statx to = {.stx_mask = STATX_BASIC_STATS};
    int32_t result;

    if ((frame->edx & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC)) ||
        (frame->edx & AT_STATX_SYNC) == AT_STATX_SYNC || (frame->esi & STATX_RESERVED)) {
        return -EINVAL;
    }
    result = node_argument((int32_t)frame->ebx, frame->ecx, frame->edx, &node);
    if (result != 0) {
        return result;
    }
    status = status_of(node);
    node_put(node);
    to.stx_blksize = status.st_blksize;
    to.stx_nlink = status.st_nlink;
    to.stx_uid = status.st_uid;
    to.stx_gid = status.st_gid;
    to.stx_mode = (uint16_t)status.st_mode;
    to.stx_ino = status.st_ino;
    to.stx_size = (uint64_t)status.st_size;
    to.stx_blocks = status.st_blocks;
    to.stx_atime.tv_sec = status.st_atime;
    to.stx_mtime.tv_sec = status.st_mtime;
    to.stx_ctime.tv_sec = status.st_ctime;
    to.stx_rdev_major = (uint32_t)status.st_rdev >> 8;
    to.stx_rdev_minor = status.st_rdev & 0xFF;
    to.stx_dev_major = (uint32_t)status.st_dev >> 8;
    to.stx_dev_minor = status.st_dev & 0xFF;
    return copy_to_user(frame->edi, &to, sizeof(to));
}

/* As the real user, not the effective one: what who started the program may do. */
static int32_t access_at(int32_t fd, uint32_t path_at, uint32_t wanted, uint32_t flags)
{
    uint32_t euid = current->euid, egid = current->egid;
    struct node *node;
    int32_t result;

    if ((wanted & ~(uint32_t)(R_OK | W_OK | X_OK)) ||
        (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))) {
        return -EINVAL;
    }
    if ((flags & AT_EACCESS) == 0) {
        current->euid = current->uid;
        current->egid = current->gid;
    }
    result = node_argument(fd, path_at, flags, &node);
    if (result == 0) {
        result = node_permitted(node, wanted);
        node_put(node);
    }
    current->euid = euid;
    current->egid = egid;
    return result;
}

int32_t sys_access(struct trap_frame *frame)
{
    return access_at(AT_FDCWD, frame->ebx, frame->ecx, 0);
}

int32_t sys_faccessat(struct trap_frame *frame)
{
    return access_at((int32_t)frame->ebx, frame->ecx, frame->edx, 0);
}

int32_t sys_faccessat2(struct trap_frame *frame)
{
    return access_at((int32_t)frame->ebx, frame->ecx, frame->edx, frame->esi);
}

static int32_t read_link_at(int32_t fd, uint32_t path_at, uint32_t to_user, uint32_t bytes)
{
    struct node *node;
    int32_t result =
        (int32_t)bytes <= 0 ? -EINVAL : node_argument(fd, path_at, AT_SYMLINK_NOFOLLOW, &node);
    uint32_t page;

    if (result != 0) {
        return result;
    }
    page = frame_allocate();
    result = page == 0 ? -ENOMEM : -EINVAL;
    if (page != 0 && S_ISLNK(node->mode)) {
        result =
            node_read(node, 0, physical_to_pointer(page), bytes < PATH_LIMIT ? bytes : PATH_LIMIT);
    }
    if (result > 0 && copy_to_user(to_user, physical_to_pointer(page), (uint32_t)result) != 0) {
        result = -EFAULT;
    }
    if (page != 0) {
        frame_release(page);
    }
    node_put(node);
    return result;
}

int32_t sys_readlink(struct trap_frame *frame)
{
    return read_link_at(AT_FDCWD, frame->ebx, frame->ecx, frame->edx);
}

int32_t sys_readlinkat(struct trap_frame *frame)
{
    return read_link_at((int32_t)frame->ebx, frame->ecx, frame->edx, frame->esi);
}

/* ---- file systems ---- */

static int32_t give_system_status(struct file_system *system, uint32_t bytes, uint32_t to_user)
{
    struct statfs64 status = {
        .f_type = system->kind->magic,
        .f_bsize = PAGE_SIZE,
        .f_namelen = NAME_LIMIT - 1,
        .f_flags = ST_VALID | (system->read_only ? ST_RDONLY : 0),
    };

    if (bytes != sizeof(status)) {
        return -EINVAL;
    }
    if (system->kind->statfs != NULL) {
        lock_take(&system->lock);
        system->kind->statfs(system, &status);
        lock_give(&system->lock);
    }
    status.f_frsize = status.f_bsize;
    return copy_to_user(to_user, &status, sizeof(status));
}

int32_t sys_statfs64(struct trap_frame *frame)
{
    struct node *node;
    int32_t result = node_argument(AT_FDCWD, frame->ebx, 0, &node);

    if (result == 0) {
        result = give_system_status(node->system, frame->ecx, frame->edx);
        node_put(node);
    }
    return result;
}

int32_t sys_fstatfs64(struct trap_frame *frame)
{
    struct file *file = file_of(frame->ebx);

    if (file == NULL) {
        return -EBADF;
    }
    return give_system_status(file->node->system, frame->ecx, frame->edx);
}
