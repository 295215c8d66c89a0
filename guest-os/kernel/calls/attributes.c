/* What a file is like, and how that is changed: permissions, owner, times, length. Interrupts are
 * on. See: chmod(2), chown(2), utimensat(2), truncate(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "calls/path_argument.h"
#include "heart/system_call.h"

/* May attributes of `node` be changed at all? */
static int32_t can_change(const struct node *node)
{
    if (node->system->read_only) {
        return -EROFS;
    }
    return node->operations->store == NULL ? -EPERM : 0;
}

/* After a change: note the time, and keep it. */
static int32_t note_change(struct node *node)
{
    node->changed = seconds_now();
    node_changed(node);
    return 0;
}

int32_t attributes_set_mode(struct node *node, uint32_t mode)
{
    int32_t result = can_change(node);

    if (result == 0 && !process_owns(node)) {
        result = -EPERM;
    }
    if (result != 0) {
        return result;
    }
    if (current->euid != 0 && !process_has_group(current, node->group)) {
        mode &= ~S_ISGID;
    }
    node->mode = (node->mode & S_IFMT) | (mode & 07777);
    return note_change(node);
}

int32_t sys_umask(uint32_t mask)
{
    uint32_t old = current->places->umask;

    current->places->umask = mask & 0777;
    return (int32_t)old;
}

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
int32_t attributes_set_owner(struct node *node, uint32_t owner, uint32_t group)
{
    int32_t result = can_change(node);

    if (result == 0 && !may_give(node, owner, group)) {
        result = -EPERM;
    }
    if (result != 0) {
        return result;
    }
    if (!S_ISDIR(node->mode)) { /* a program for other users is none of the new owner's */
        node->mode &= ~(S_ISUID | (node->mode & 0010 ? S_ISGID : 0));
    }
    node->owner = owner == UINT32_MAX ? node->owner : owner;
    node->group = group == UINT32_MAX ? node->group : group;
    return note_change(node);
}

/* ---- times ---- */

enum { ACCESSED, MODIFIED, TIMES };

/* What to set: seconds, or `now`, or nothing. */
struct time_wish {
    uint32_t seconds; /* since 1970 */
    bool now, omit;
};

/* Two times, one behind the other; address 0: now. */
static int32_t read_wishes(uint32_t address, enum time_format format,
                           struct time_wish wishes[TIMES])
{
    bool has_words = format == TIME_NANO || format == TIME_NANO_64; /* UTIME_NOW, UTIME_OMIT */
    uint32_t parts = format == TIME_MICRO ? MICROSECONDS : NANOSECONDS;

    for (uint32_t i = 0; i < TIMES; i++) {
        int64_t seconds = 0;
        uint32_t fraction = 0;
        int32_t bytes = address == 0 ? 0 : time_read(address, format, &seconds, &fraction);
        struct time_wish wish = {.now = address == 0 || (has_words && fraction == UTIME_NOW),
                                 .omit = has_words && fraction == UTIME_OMIT};

        if (bytes < 0 || (fraction >= parts && !wish.now && !wish.omit)) {
            return bytes < 0 ? bytes : -EINVAL;
        }
        wish.seconds = seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
        wishes[i] = wish;
        address += (uint32_t)bytes;
    }
    return 0;
}

static int32_t set_times(struct node *node, const struct time_wish wishes[TIMES])
{
    uint32_t *times[TIMES] = {&node->accessed, &node->modified};
    int32_t result = can_change(node);

    if (result == 0 && !process_owns(node)) {
        result = wishes[ACCESSED].now && wishes[MODIFIED].now ? node_permitted(node, W_OK) : -EPERM;
    }
    if (result != 0) {
        return result;
    }
    for (uint32_t i = 0; i < TIMES; i++) {
        if (!wishes[i].omit) {
            *times[i] = wishes[i].now ? seconds_now() : wishes[i].seconds;
        }
    }
    return note_change(node);
}

int32_t attributes_set_times(uint32_t fd, uint32_t path_at, uint32_t times_at,
                             enum time_format format, uint32_t flags)
{
    struct time_wish wishes[TIMES];
    struct node *node;
    int32_t result = read_wishes(times_at, format, wishes);

    if (result == 0) {
        result = path_at == 0 && fd != CWD ? open_node_argument(fd, &node)
                                           : node_argument(fd, path_at, flags, &node);
    }
    if (result == 0) {
        bool nothing = wishes[ACCESSED].omit && wishes[MODIFIED].omit;

        result = nothing ? 0 : set_times(node, wishes);
        node_put(node);
    }
    return result;
}

/* ---- length ---- */

static int32_t set_length(struct node *node, uint64_t length)
{
    int32_t result = length > node->size ? file_may_reach(node, length) : 0;

    return result != 0 ? result : node_truncate(node, length);
}

int32_t attributes_truncate(struct node *node, int64_t length)
{
    int32_t result;

    if (length < 0 || !S_ISREG(node->mode)) {
        return S_ISDIR(node->mode) && length >= 0 ? -EISDIR : -EINVAL;
    }
    result = node_permitted(node, W_OK);
    if (result == 0 && node_is_program(node)) {
        result = -ETXTBSY;
    }
    return result != 0 ? result : set_length(node, (uint64_t)length);
}

int32_t attributes_truncate_file(struct file *file, int64_t length)
{
    bool can_write = (file->flags & O_ACCMODE) != O_RDONLY;

    return length < 0 || !S_ISREG(file->node->mode) || !can_write
               ? -EINVAL
               : set_length(file->node, (uint64_t)length);
}
