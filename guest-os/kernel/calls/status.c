/* What files and file systems are like, for those who ask. Interrupts are on. See: stat(2),
 * statx(2), access(2), readlink(2), statfs(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "calls/path_argument.h"
#include "common/text.h"
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

int32_t status_give(const struct node *node, uint32_t to_user)
{
    struct stat64 status = status_of(node);

    return copy_to_user(to_user, &status, sizeof(status));
}

int32_t status_give_statx(const struct node *node, uint32_t flags, uint32_t mask, uint32_t to_user)
{
    struct stat64 status = status_of(node);
    struct statx to = {
        .stx_mask = STATX_BASIC_STATS,
        .stx_blksize = status.st_blksize,
        .stx_nlink = status.st_nlink,
        .stx_uid = status.st_uid,
        .stx_gid = status.st_gid,
        .stx_mode = (uint16_t)status.st_mode,
        .stx_ino = status.st_ino,
        .stx_size = (uint64_t)status.st_size,
        .stx_blocks = status.st_blocks,
        .stx_atime = {.tv_sec = status.st_atime},
        .stx_mtime = {.tv_sec = status.st_mtime},
        .stx_ctime = {.tv_sec = status.st_ctime},
        .stx_rdev_major = (uint32_t)status.st_rdev >> 8,
        .stx_rdev_minor = status.st_rdev & 0xFF,
        .stx_dev_major = (uint32_t)status.st_dev >> 8,
        .stx_dev_minor = status.st_dev & 0xFF,
    };

    return (flags & AT_STATX_SYNC) == AT_STATX_SYNC || (mask & STATX_RESERVED)
               ? -EINVAL
               : copy_to_user(to_user, &to, sizeof(to));
}

/* As the real user, not the effective one: what who started the program may do. */
int32_t sys_faccessat2(uint32_t fd, uint32_t path_at, uint32_t wanted, uint32_t flags)
{
    uint32_t euid = current->euid, egid = current->egid;
    struct node *node;
    int32_t result;

    if (wanted & ~(uint32_t)(R_OK | W_OK | X_OK)) {
        return -EINVAL;
    }
    if ((flags & AT_EACCESS) == 0) {
        current->euid = current->uid;
        current->egid = current->gid;
    }
    result = node_argument(fd, path_at, flags & ~AT_EACCESS, &node);
    if (result == 0) {
        result = node_permitted(node, wanted);
        node_put(node);
    }
    current->euid = euid;
    current->egid = egid;
    return result;
}

int32_t status_give_link(struct node *node, uint32_t to_user, uint32_t bytes)
{
    uint32_t page;
    int32_t result;

    if ((int32_t)bytes <= 0 || !S_ISLNK(node->mode)) {
        return -EINVAL;
    }
    page = frame_allocate();
    if (page == 0) {
        return -ENOMEM;
    }
    result = node_read(node, 0, physical_to_pointer(page), bytes < PATH_LIMIT ? bytes : PATH_LIMIT);
    if (result > 0 && copy_to_user(to_user, physical_to_pointer(page), (uint32_t)result) != 0) {
        result = -EFAULT;
    }
    frame_release(page);
    return result;
}

int32_t status_give_system(const struct node *node, uint32_t bytes, uint32_t to_user)
{
    struct file_system *system = node->system;
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
