/* System calls that lock files: flock, and three commands of fcntl in two sizes. Interrupts are on.
 * See: flock(2), fcntl_locking(2). SPDX-License-Identifier: MIT */
#include "calls/locks.h"

#include "calls/path_argument.h"
#include "files/file_lock.h"
#include "heart/system_call.h"

static int32_t read_request(uint32_t user, bool is_wide, struct flock64 *request)
{
    struct flock small;

    if (is_wide) {
        return copy_from_user(request, user, sizeof(*request));
    }
    if (copy_from_user(&small, user, sizeof(small)) != 0) {
        return -EFAULT;
    }
    *request =
        (struct flock64){small.l_type, small.l_whence, small.l_start, small.l_len, small.l_pid};
    return 0;
}

static int32_t store_request(uint32_t user, bool is_wide, const struct flock64 *request)
{
    struct flock small = {request->l_type, request->l_whence, (int32_t)request->l_start,
                          (int32_t)request->l_len, request->l_pid};

    if (is_wide) {
        return copy_to_user(user, request, sizeof(*request));
    }
    return request->l_start > INT32_MAX || request->l_len > INT32_MAX
               ? -EOVERFLOW
               : copy_to_user(user, &small, sizeof(small));
}

/* The range that `request` means, as first and last byte. */
static int32_t range_of(const struct file *file, const struct flock64 *request,
                        struct file_lock *lock)
{
    int64_t start = request->l_start, end;

    if (request->l_whence > SEEK_END || request->l_type > F_UNLCK) {
        return -EINVAL;
    }
    start += request->l_whence == SEEK_CUR   ? (int64_t)file->offset
             : request->l_whence == SEEK_END ? (int64_t)file->node->size
                                             : 0;
    end = request->l_len == 0 ? INT64_MAX : start + request->l_len - 1;
    if (request->l_len < 0) { /* the bytes before `start` */
        end = start - 1;
        start += request->l_len;
    }
    if (start < 0 || end < start) {
        return start < 0 ? -EINVAL : -EOVERFLOW;
    }
    lock->first = (uint64_t)start;
    lock->last = (uint64_t)end;
    lock->kind = request->l_type;
    return 0;
}

/* F_GETLK: what is in the way, if anything. */
static void find_conflict(const struct node *node, const struct file_lock *wish,
                          struct flock64 *request)
{
    const struct file_lock *conflict = file_lock_conflict(node, wish);

    if (conflict == NULL) {
        request->l_type = F_UNLCK;
        return;
    }
    *request = (struct flock64){
        .l_type = (uint16_t)conflict->kind,
        .l_whence = SEEK_SET,
        .l_start = (int64_t)conflict->first,
        .l_len = conflict->last == INT64_MAX ? 0 : (int64_t)(conflict->last - conflict->first + 1),
        .l_pid = conflict->pid,
    };
}

int32_t lock_range(struct file *file, uint32_t command, uint32_t user)
{
    bool is_wide = command >= F_GETLK64;
    uint32_t access = file->flags & O_ACCMODE;
    struct file_lock wish = {.owner = current->descriptors, .pid = current->pid};
    struct flock64 request;
    int32_t result;

    command -= is_wide ? F_GETLK64 - F_GETLK : 0;
    result = read_request(user, is_wide, &request);
    result = result != 0 ? result : range_of(file, &request, &wish);
    if (result != 0) {
        return result;
    }
    if (command == F_GETLK) {
        find_conflict(file->node, &wish, &request);
        return wish.kind == F_UNLCK ? -EINVAL : store_request(user, is_wide, &request);
    }
    if ((wish.kind == F_RDLCK && access == O_WRONLY) ||
        (wish.kind == F_WRLCK && access == O_RDONLY)) {
        return -EBADF;
    }
    return file_lock_set(file->node, &wish, command == F_SETLKW);
}

int32_t sys_flock(uint32_t fd, uint32_t operation)
{
    struct file_lock wish = {.pid = current->pid, .whole = true, .last = INT64_MAX};
    struct file *file;
    int32_t result = -EBADF;

    switch (operation & ~LOCK_NB) {
    case LOCK_SH:
        wish.kind = F_RDLCK;
        break;
    case LOCK_EX:
        wish.kind = F_WRLCK;
        break;
    case LOCK_UN:
        wish.kind = F_UNLCK;
        break;
    default:
        return -EINVAL;
    }
    file = file_hold(fd);
    if (file != NULL) {
        wish.owner = file;
        result = file_lock_set(file->node, &wish, (operation & LOCK_NB) == 0);
        file_put(file);
    }
    return result;
}
