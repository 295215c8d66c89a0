/* Users and groups of users: whose a process is. Root (effective user 0) may change everything,
 * others only choose among the numbers they have. Interrupts are on; no interrupt handler looks at
 * these fields. See: credentials(7), setuid(2), setreuid(2), setresuid(2), getgroups(2).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/process.h"
#include "heart/system_call.h"

enum { REAL, EFFECTIVE, SAVED, KINDS };

#define UNCHANGED UINT32_MAX /* -1 as an argument */

bool process_has_group(const struct process *process, uint32_t group)
{
    for (uint32_t i = 0; i < process->groups_count; i++) {
        if (process->groups[i] == group) {
            return true;
        }
    }
    return process->egid == group;
}

static bool is_root(void)
{
    return current->euid == 0;
}

/* Is `wanted` one of the numbers of `ids` that `kinds` (bits 1 << REAL...) names? */
static bool is_one_of(const uint32_t ids[KINDS], uint32_t wanted, uint32_t kinds)
{
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        if ((kinds >> kind & 1) && ids[kind] == wanted) {
            return true;
        }
    }
    return wanted == UNCHANGED;
}

/* setuid, setgid: root becomes another user for good, others change who they act as. */
static int32_t set_one(uint32_t ids[KINDS], uint32_t wanted)
{
    if (wanted == UNCHANGED) {
        return -EINVAL;
    }
    if (is_root()) {
        ids[REAL] = ids[EFFECTIVE] = ids[SAVED] = wanted;
        return 0;
    }
    if (!is_one_of(ids, wanted, 1 << REAL | 1 << SAVED)) {
        return -EPERM;
    }
    ids[EFFECTIVE] = wanted;
    return 0;
}

static int32_t set_two(uint32_t ids[KINDS], uint32_t real, uint32_t effective)
{
    if (!is_root() && (!is_one_of(ids, real, 1 << REAL | 1 << EFFECTIVE) ||
                       !is_one_of(ids, effective, 1 << REAL | 1 << EFFECTIVE | 1 << SAVED))) {
        return -EPERM;
    }
    bool is_for_good = real != UNCHANGED || (effective != UNCHANGED && effective != ids[REAL]);

    ids[REAL] = real == UNCHANGED ? ids[REAL] : real;
    ids[EFFECTIVE] = effective == UNCHANGED ? ids[EFFECTIVE] : effective;
    ids[SAVED] = is_for_good ? ids[EFFECTIVE] : ids[SAVED];
    return 0;
}

/* setresuid, setresgid: each for itself. */
static int32_t set_three(uint32_t ids[KINDS], const struct trap_frame *frame)
{
    const uint32_t wanted[KINDS] = {frame->ebx, frame->ecx, frame->edx};
    const uint32_t any = 1 << REAL | 1 << EFFECTIVE | 1 << SAVED;
    const uint32_t old[KINDS] = {ids[REAL], ids[EFFECTIVE], ids[SAVED]};

    for (uint32_t kind = 0; kind < KINDS; kind++) {
        if (!is_root() && !is_one_of(old, wanted[kind], any)) {
            return -EPERM;
        }
    }
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        ids[kind] = wanted[kind] == UNCHANGED ? old[kind] : wanted[kind];
    }
    return 0;
}

static int32_t get_three(const uint32_t ids[KINDS], const struct trap_frame *frame)
{
    const uint32_t to[KINDS] = {frame->ebx, frame->ecx, frame->edx};

    for (uint32_t kind = 0; kind < KINDS; kind++) {
        if (copy_to_user(to[kind], &ids[kind], sizeof(ids[kind])) != 0) {
            return -EFAULT;
        }
    }
    return 0;
}

int32_t sys_getuid32(struct trap_frame *frame)
{
    (void)frame;
    return (int32_t)current->uid;
}

int32_t sys_geteuid32(struct trap_frame *frame)
{
    (void)frame;
    return (int32_t)current->euid;
}

int32_t sys_getgid32(struct trap_frame *frame)
{
    (void)frame;
    return (int32_t)current->gid;
}

int32_t sys_getegid32(struct trap_frame *frame)
{
    (void)frame;
    return (int32_t)current->egid;
}

int32_t sys_setuid32(struct trap_frame *frame)
{
    return set_one(current->users, frame->ebx);
}

int32_t sys_setgid32(struct trap_frame *frame)
{
    return set_one(current->user_groups, frame->ebx);
}

int32_t sys_setreuid32(struct trap_frame *frame)
{
    return set_two(current->users, frame->ebx, frame->ecx);
}

int32_t sys_setregid32(struct trap_frame *frame)
{
    return set_two(current->user_groups, frame->ebx, frame->ecx);
}

int32_t sys_setresuid32(struct trap_frame *frame)
{
    return set_three(current->users, frame);
}

int32_t sys_setresgid32(struct trap_frame *frame)
{
    return set_three(current->user_groups, frame);
}

int32_t sys_getresuid32(struct trap_frame *frame)
{
    return get_three(current->users, frame);
}

int32_t sys_getresgid32(struct trap_frame *frame)
{
    return get_three(current->user_groups, frame);
}

/* The user for files is the effective one here and can not be changed alone; the answer is who it
 * was, as these calls have no other. */
int32_t sys_setfsuid32(struct trap_frame *frame)
{
    return sys_geteuid32(frame);
}

int32_t sys_setfsgid32(struct trap_frame *frame)
{
    return sys_getegid32(frame);
}

int32_t sys_getgroups32(struct trap_frame *frame)
{
    uint32_t bytes = current->groups_count * sizeof(current->groups[0]);

    if (frame->ebx == 0) {
        return (int32_t)current->groups_count;
    }
    if (frame->ebx < current->groups_count || frame->ebx > INT32_MAX) {
        return -EINVAL;
    }
    if (copy_to_user(frame->ecx, current->groups, bytes) != 0) {
        return -EFAULT;
    }
    return (int32_t)current->groups_count;
}

int32_t sys_setgroups32(struct trap_frame *frame)
{
    uint32_t groups[GROUPS_LIMIT];
    uint32_t count = frame->ebx;

    if (!is_root()) {
        return -EPERM;
    }
    if (count > GROUPS_LIMIT) {
        return -EINVAL;
    }
    if (copy_from_user(groups, frame->ecx, count * sizeof(groups[0])) != 0) {
        return -EFAULT;
    }
    memcpy(current->groups, groups, count * sizeof(groups[0]));
    current->groups_count = count;
    return 0;
}

/* ---- the calls of the time when numbers had 16 bits ---- */

/* A number that 16 bits can not hold looks like nobody's. */
static int32_t in_16_bits(uint32_t id)
{
    return id > 0xFFFF ? 65534 : (int32_t)id;
}

int32_t sys_getuid(struct trap_frame *frame)
{
    (void)frame;
    return in_16_bits(current->uid);
}

int32_t sys_geteuid(struct trap_frame *frame)
{
    (void)frame;
    return in_16_bits(current->euid);
}

int32_t sys_getgid(struct trap_frame *frame)
{
    (void)frame;
    return in_16_bits(current->gid);
}

int32_t sys_getegid(struct trap_frame *frame)
{
    (void)frame;
    return in_16_bits(current->egid);
}

int32_t sys_setuid(struct trap_frame *frame)
{
    return set_one(current->users, frame->ebx & 0xFFFF);
}

int32_t sys_setgid(struct trap_frame *frame)
{
    return set_one(current->user_groups, frame->ebx & 0xFFFF);
}
