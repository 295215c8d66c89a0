/* System calls that lock files: flock, and three commands of fcntl in two sizes. Interrupts are on.
 * See: flock(2), fcntl_locking(2). SPDX-License-Identifier: MIT */
#include "calls/locks.h"

#include "files/file_lock.h"
#include "heart/system_call.h"

/* The range that `request` means, as first and last byte. */
static int32_t range_of(const struct file *file, const struct flock64 *request,
                        struct file_lock *lock)
{
    int64_t start = request->l_start, end;

    if (request->l_whence > SEEK_END) {
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
    return 0;
}

static int32_t read_request(uint32_t user, bool wide, struct flock64 *request)
{
    struct flock small;

    if (wide) {
        return copy_from_user(request, user, sizeof(*request));
    }
    if (copy_from_user(&small, user, sizeof(small)) != 0) {
        return -EFAULT;
    }
    *request =
        (struct flock64){small.l_type, small.l_whence, small.l_start, small.l_len, small.l_pid};
    return 0;
}

/* F_GETLK: what is in the way, if anything. */
static int32_t tell_conflict(const struct node *node, const struct file_lock *wish,
                             struct flock64 *request, bool wide, uint32_t user)
{
    const struct file_lock *conflict = file_lock_conflict(node, wish);
    struct flock small;

    if (conflict == NULL) {
        request->l_type = F_UNLCK;
    } else {
        *request = (struct flock64){
            .l_type = (uint16_t)conflict->kind,
            .l_whence = SEEK_SET,
            .l_start = (int64_t)conflict->first,
            .l_len =
                conflict->last == INT64_MAX ? 0 : (int64_t)(conflict->last - conflict->first + 1),
            .l_pid = conflict->pid,
        };
    }
    if (wide) {
        return copy_to_user(user, request, sizeof(*request));
    }
    if (request->l_start > INT32_MAX || request->l_len > INT32_MAX) {
        return -EOVERFLOW;
    }
    small = (struct flock){request->l_type, request->l_whence, (int32_t)request->l_start,
                           (int32_t)request->l_len, request->l_pid};
    return copy_to_user(user, &small, sizeof(small));
}

int32_t lock_range(struct file *file, uint32_t command, uint32_t user)
{
    bool wide = command >= F_GETLK64;
    uint32_t access = file->flags & O_ACCMODE;
    struct file_lock wish = {.owner = current->descriptors, .pid = current->pid};
    struct flock64 request;
    struct node *node;
    int32_t result;

    command -= wide ? F_GETLK64 - F_GETLK : 0;
    result = read_request(user, wide, &request);
    if (result == 0) {
        result = request.l_type > F_UNLCK ? -EINVAL : range_of(file, &request, &wish);
    }
    if (result != 0) {
        return result;
    }
    wish.kind = request.l_type;
    if (command == F_GETLK) {
        return wish.kind == F_UNLCK ? -EINVAL
                                    : tell_conflict(file->node, &wish, &request, wide, user);
    }
    if ((wish.kind == F_RDLCK && access == O_WRONLY) ||
        (wish.kind == F_WRLCK && access == O_RDONLY)) {
        return -EBADF;
    }
    node = node_get(file->node);
    result = file_lock_set(node, &wish, command == F_SETLKW);
    node_put(node);
    return result;
}

int32_t sys_flock(struct trap_frame *frame)
{
    static const uint32_t kinds[] = {F_UNLCK, F_RDLCK, F_WRLCK, F_UNLCK, F_UNLCK,
                                     F_UNLCK, F_UNLCK, F_UNLCK, F_UNLCK};
    struct file *file = file_of(frame->ebx);
    uint32_t operation = frame->ecx & ~LOCK_NB;
    struct file_lock wish = {.owner = file, .pid = current->pid, .whole = true, .last = INT64_MAX};
    int32_t result;

    if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN) {
        return -EINVAL;
    }
    if (file == NULL) {
        return -EBADF;
    }
    wish.kind = kinds[operation];
    file->users++;
    result = file_lock_set(file->node, &wish, (frame->ecx & LOCK_NB) == 0);
    file_put(file);
    return result;
}
