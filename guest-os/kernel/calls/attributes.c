/* System calls that change what a file is like: permissions, owner, times, length. Interrupts are
 * on. See: chmod(2), chown(2), utimensat(2), truncate(2). SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"
#include "files/file.h"
#include "heart/system_call.h"

#define NANOSECONDS  1000000000u
#define MICROSECONDS 1000000u

/* The node open as `fd`, with a user. */
static int32_t node_of(uint32_t fd, struct node **node)
{
    struct file *file = file_of(fd);

    if (file == NULL) {
        return -EBADF;
    }
    *node = node_get(file->node);
    return 0;
}

/* After a change of a node that may change: note the time, keep it, give up the use. */
static int32_t finish(struct node *node)
{
    node->changed = seconds_now();
    node_changed(node);
    node_put(node);
    return 0;
}

/* 0: attributes of `node` may change, its owner permitting. */
static int32_t can_change(const struct node *node)
{
    if (node->system->read_only) {
        return -EROFS;
    }
    return node->operations->store == NULL ? -EPERM : 0;
}

/* ---- permissions ---- */

static int32_t change_mode(struct node *node, uint32_t mode)
{
    int32_t result = can_change(node);

    if (result == 0 && !process_owns(node)) {
        result = -EPERM;
    }
    if (result != 0) {
        node_put(node);
        return result;
    }
    if (current->euid != 0 && !process_has_group(current, node->group)) {
        mode &= ~S_ISGID;
    }
    node->mode = (node->mode & S_IFMT) | (mode & 07777);
    return finish(node);
}

static int32_t change_mode_at(int32_t fd, uint32_t path_at, uint32_t mode)
{
    struct node *node;
    int32_t result = node_argument(fd, path_at, 0, &node);

    return result != 0 ? result : change_mode(node, mode);
}

int32_t sys_chmod(struct trap_frame *frame)
{
    return change_mode_at(AT_FDCWD, frame->ebx, frame->ecx);
}

int32_t sys_fchmodat(struct trap_frame *frame)
{
    return change_mode_at((int32_t)frame->ebx, frame->ecx, frame->edx);
}

int32_t sys_fchmod(struct trap_frame *frame)
{
    struct node *node;
    int32_t result = node_of(frame->ebx, &node);

    return result != 0 ? result : change_mode(node, frame->ecx);
}

int32_t sys_umask(struct trap_frame *frame)
{
    uint32_t old = current->places->umask;

    current->places->umask = frame->ebx & 0777;
    return (int32_t)old;
}

/* ---- owners ---- */

/* Root gives files away; an owner chooses among the groups he is in. */
static bool may_give(const struct node *node, uint32_t owner, uint32_t group)
{
    if (current->euid == 0) {
        return true;
    }
    return current->euid == node->owner && (owner == UINT32_MAX || owner == node->owner) &&
           (group == UINT32_MAX || group == node->group || process_has_group(current, group));
}

/* UINT32_MAX: it stays as it is. */
static int32_t change_owner(struct node *node, uint32_t owner, uint32_t group)
{
    int32_t result = can_change(node);

    if (result == 0 && !may_give(node, owner, group)) {
        result = -EPERM;
    }
    if (result != 0) {
        node_put(node);
        return result;
    }
    if (!S_ISDIR(node->mode)) { /* a program for other users is none of the new owner's */
        node->mode &= ~(S_ISUID | (node->mode & 0010 ? S_ISGID : 0));
    }
    node->owner = owner == UINT32_MAX ? node->owner : owner;
    node->group = group == UINT32_MAX ? node->group : group;
    return finish(node);
}

static int32_t change_owner_at(int32_t fd, uint32_t path_at, uint32_t owner, uint32_t group,
                               uint32_t flags)
{
    struct node *node;
    int32_t result = flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
                         ? -EINVAL
                         : node_argument(fd, path_at, flags, &node);

    return result != 0 ? result : change_owner(node, owner, group);
}

int32_t sys_chown32(struct trap_frame *frame)
{
    return change_owner_at(AT_FDCWD, frame->ebx, frame->ecx, frame->edx, 0);
}

int32_t sys_lchown32(struct trap_frame *frame)
{
    return change_owner_at(AT_FDCWD, frame->ebx, frame->ecx, frame->edx, AT_SYMLINK_NOFOLLOW);
}

int32_t sys_fchownat(struct trap_frame *frame)
{
    return change_owner_at((int32_t)frame->ebx, frame->ecx, frame->edx, frame->esi, frame->edi);
}

int32_t sys_fchown32(struct trap_frame *frame)
{
    struct node *node;
    int32_t result = node_of(frame->ebx, &node);

    return result != 0 ? result : change_owner(node, frame->ecx, frame->edx);
}

/* ---- the calls of the time when users' numbers had 16 bits; 65535 is the -1 of those ---- */

static uint32_t from_16_bits(uint32_t number)
{
    return (uint16_t)number == UINT16_MAX ? UINT32_MAX : (uint16_t)number;
}

int32_t sys_chown(struct trap_frame *frame)
{
    return change_owner_at(AT_FDCWD, frame->ebx, from_16_bits(frame->ecx), from_16_bits(frame->edx),
                           0);
}

int32_t sys_lchown(struct trap_frame *frame)
{
    return change_owner_at(AT_FDCWD, frame->ebx, from_16_bits(frame->ecx), from_16_bits(frame->edx),
                           AT_SYMLINK_NOFOLLOW);
}

int32_t sys_fchown(struct trap_frame *frame)
{
    struct node *node;
    int32_t result = node_of(frame->ebx, &node);

    return result != 0 ? result
                       : change_owner(node, from_16_bits(frame->ecx), from_16_bits(frame->edx));
}

/* ---- times ---- */

enum { ACCESSED, MODIFIED, TIMES };

/* What to set: seconds, or `now`, or nothing. */
struct time_wish {
    uint32_t seconds; /* since 1970 */
    bool now, omit;
};

static int32_t change_times(struct node *node, const struct time_wish wishes[TIMES])
{
    bool nothing = wishes[ACCESSED].omit && wishes[MODIFIED].omit;
    bool now = wishes[ACCESSED].now && wishes[MODIFIED].now;
    int32_t result = nothing ? 0 : can_change(node);

    if (result == 0 && !nothing && !process_owns(node)) {
        result = !now ? -EPERM : node_permitted(node, W_OK);
    }
    if (result != 0 || nothing) {
        node_put(node);
        return result;
    }
    for (uint32_t i = 0; i < TIMES; i++) {
        uint32_t *time = i == ACCESSED ? &node->accessed : &node->modified;

        if (!wishes[i].omit) {
            *time = wishes[i].now ? seconds_now() : wishes[i].seconds;
        }
    }
    return finish(node);
}

/* One time with its fraction, of which `parts` make a second. */
static int32_t make_wish(int64_t seconds, uint32_t fraction, uint32_t parts, struct time_wish *wish)
{
    wish->now = parts == NANOSECONDS && fraction == UTIME_NOW;
    wish->omit = parts == NANOSECONDS && fraction == UTIME_OMIT;
    if (fraction >= parts && !wish->now && !wish->omit) {
        return -EINVAL;
    }
    wish->seconds = seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
    return 0;
}

/* Two times at `times_at`, 0: now. Each is a pair of 32 bits, or (`wide`) of 64. */
static int32_t read_times(uint32_t times_at, uint32_t parts, bool wide,
                          struct time_wish wishes[TIMES])
{
    for (uint32_t i = 0; i < TIMES; i++) {
        int64_t long_pair[2] = {0};
        int32_t pair[2] = {0};
        int32_t result = 0;

        if (times_at == 0) {
            wishes[i] = (struct time_wish){.now = true};
            continue;
        }
        result = wide ? copy_from_user(long_pair, times_at + i * 16, 16)
                      : copy_from_user(pair, times_at + i * 8, 8);
        if (result == 0) {
            result = wide ? make_wish(long_pair[0], (uint32_t)long_pair[1], parts, &wishes[i])
                          : make_wish(pair[0], (uint32_t)pair[1], parts, &wishes[i]);
        }
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

/* The path at `path_at`, or with 0 there what is open as `fd`. */
static int32_t change_times_at(int32_t fd, uint32_t path_at, const struct time_wish wishes[TIMES],
                               uint32_t flags)
{
    struct node *node;
    int32_t result = flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) ? -EINVAL : 0;

    if (result == 0) {
        result = path_at == 0 && fd != AT_FDCWD ? node_of((uint32_t)fd, &node)
                                                : node_argument(fd, path_at, flags, &node);
    }
    return result != 0 ? result : change_times(node, wishes);
}

int32_t sys_utime(struct trap_frame *frame)
{
    struct time_wish wishes[TIMES] = {{.now = true}, {.now = true}};
    int32_t times[TIMES];

    if (frame->ecx != 0) {
        if (copy_from_user(times, frame->ecx, sizeof(times)) != 0) {
            return -EFAULT;
        }
        make_wish(times[ACCESSED], 0, NANOSECONDS, &wishes[ACCESSED]);
        make_wish(times[MODIFIED], 0, NANOSECONDS, &wishes[MODIFIED]);
    }
    return change_times_at(AT_FDCWD, frame->ebx, wishes, 0);
}

int32_t sys_utimes(struct trap_frame *frame)
{
    struct time_wish wishes[TIMES];
    int32_t result = read_times(frame->ecx, MICROSECONDS, false, wishes);

    return result != 0 ? result : change_times_at(AT_FDCWD, frame->ebx, wishes, 0);
}

int32_t sys_futimesat(struct trap_frame *frame)
{
    struct time_wish wishes[TIMES];
    int32_t result = read_times(frame->edx, MICROSECONDS, false, wishes);

    return result != 0 ? result : change_times_at((int32_t)frame->ebx, frame->ecx, wishes, 0);
}

int32_t sys_utimensat(struct trap_frame *frame)
{
    struct time_wish wishes[TIMES];
    int32_t result = read_times(frame->edx, NANOSECONDS, false, wishes);

    return result != 0 ? result
                       : change_times_at((int32_t)frame->ebx, frame->ecx, wishes, frame->esi);
}

int32_t sys_utimensat_time64(struct trap_frame *frame)
{
    struct time_wish wishes[TIMES];
    int32_t result = read_times(frame->edx, NANOSECONDS, true, wishes);

    return result != 0 ? result
                       : change_times_at((int32_t)frame->ebx, frame->ecx, wishes, frame->esi);
}

/* ---- length ---- */

static int32_t set_length_of_path(uint32_t path_at, int64_t length)
{
    struct node *node;
    int32_t result = length < 0 ? -EINVAL : node_argument(AT_FDCWD, path_at, 0, &node);

    if (result != 0) {
        return result;
    }
    if (!S_ISREG(node->mode)) {
        result = S_ISDIR(node->mode) ? -EISDIR : -EINVAL;
    } else {
        result = node_permitted(node, W_OK);
    }
    if (result == 0 && node_is_program(node)) {
        result = -ETXTBSY;
    }
    if (result == 0 && (uint64_t)length > node->size) {
        result = file_may_reach(node, (uint64_t)length);
    }
    if (result == 0) {
        result = node_truncate(node, (uint64_t)length);
    }
    node_put(node);
    return result;
}

static int32_t set_length_of_file(uint32_t fd, int64_t length)
{
    struct file *file = file_of(fd);
    struct node *node;
    int32_t result;

    if (file == NULL || length < 0) {
        return file == NULL ? -EBADF : -EINVAL;
    }
    if (!S_ISREG(file->node->mode) || (file->flags & O_ACCMODE) == O_RDONLY) {
        return -EINVAL;
    }
    node = node_get(file->node);
    result = (uint64_t)length > node->size ? file_may_reach(node, (uint64_t)length) : 0;
    result = result != 0 ? result : node_truncate(node, (uint64_t)length);
    node_put(node);
    return result;
}

static int64_t from_halves(uint32_t low, uint32_t high)
{
    return (int64_t)((uint64_t)high << 32 | low);
}

int32_t sys_truncate(struct trap_frame *frame)
{
    return set_length_of_path(frame->ebx, (int32_t)frame->ecx);
}

int32_t sys_ftruncate(struct trap_frame *frame)
{
    return set_length_of_file(frame->ebx, (int32_t)frame->ecx);
}

int32_t sys_truncate64(struct trap_frame *frame)
{
    return set_length_of_path(frame->ebx, from_halves(frame->ecx, frame->edx));
}

int32_t sys_ftruncate64(struct trap_frame *frame)
{
    return set_length_of_file(frame->ebx, from_halves(frame->ecx, frame->edx));
}
