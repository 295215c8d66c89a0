/* Users and groups of users: whose a process is. Root (effective user 0) may change everything,
 * others only choose among the numbers they have. Interrupts are on; no interrupt handler looks at
 * these fields. See: credentials(7), setuid(2), setreuid(2), setresuid(2), getgroups(2).
 * SPDX-License-Identifier: MIT */
#include "calls/forms.h"
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
int32_t credentials_set_one(uint32_t ids[KINDS], uint32_t wanted)
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

int32_t credentials_set_two(uint32_t ids[KINDS], uint32_t real, uint32_t effective)
{
    bool is_for_good = real != UNCHANGED || (effective != UNCHANGED && effective != ids[REAL]);

    if (!is_root() && (!is_one_of(ids, real, 1 << REAL | 1 << EFFECTIVE) ||
                       !is_one_of(ids, effective, 1 << REAL | 1 << EFFECTIVE | 1 << SAVED))) {
        return -EPERM;
    }
    ids[REAL] = real == UNCHANGED ? ids[REAL] : real;
    ids[EFFECTIVE] = effective == UNCHANGED ? ids[EFFECTIVE] : effective;
    ids[SAVED] = is_for_good ? ids[EFFECTIVE] : ids[SAVED];
    return 0;
}

/* setresuid, setresgid: each for itself. */
int32_t credentials_set_three(uint32_t ids[KINDS], const uint32_t wanted[KINDS])
{
    const uint32_t any = 1 << REAL | 1 << EFFECTIVE | 1 << SAVED;

    for (uint32_t kind = 0; kind < KINDS; kind++) {
        if (!is_root() && !is_one_of(ids, wanted[kind], any)) {
            return -EPERM;
        }
    }
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        ids[kind] = wanted[kind] == UNCHANGED ? ids[kind] : wanted[kind];
    }
    return 0;
}

int32_t credentials_get_three(const uint32_t ids[KINDS], const uint32_t to_user[KINDS])
{
    int32_t result = 0;

    for (uint32_t kind = 0; kind < KINDS && result == 0; kind++) {
        result = copy_to_user(to_user[kind], &ids[kind], sizeof(ids[kind]));
    }
    return result;
}

/* A number that 16 bits can not hold looks like nobody's. */
int32_t credentials_in_16_bits(uint32_t id)
{
    return id > 0xFFFF ? 65534 : (int32_t)id;
}

/* `room`: numbers at `to_user`; 0 only asks how many there are. */
int32_t sys_getgroups32(uint32_t room, uint32_t to_user)
{
    uint32_t count = current->groups_count;

    if (room != 0 && (room < count || room > INT32_MAX)) {
        return -EINVAL;
    }
    if (room != 0 &&
        copy_to_user(to_user, current->groups, count * sizeof(current->groups[0])) != 0) {
        return -EFAULT;
    }
    return (int32_t)count;
}

int32_t sys_setgroups32(uint32_t count, uint32_t groups_at)
{
    uint32_t groups[GROUPS_LIMIT];

    if (!is_root() || count > GROUPS_LIMIT) {
        return is_root() ? -EINVAL : -EPERM;
    }
    if (copy_from_user(groups, groups_at, count * sizeof(groups[0])) != 0) {
        return -EFAULT;
    }
    memcpy(current->groups, groups, count * sizeof(groups[0]));
    current->groups_count = count;
    return 0;
}
