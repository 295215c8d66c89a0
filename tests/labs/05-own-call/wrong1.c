/* loses: output contains "address of the kernel: EFAULT\n"
 * It writes through the program's pointer.
 * SPDX-License-Identifier: MIT */
#include "heart/process.h"
#include "heart/system_call.h"

int32_t sys_ancestors(uint32_t pids, uint32_t asked)
{
    int32_t count = (int32_t)asked;
    int32_t number = 0;

    if (count < 0) {
        return -EINVAL;
    }
    for (const struct process *one = current->leader->parent; one != NULL; one = one->parent) {
        if (number < count) {
            ((int32_t *)pids)[number] = one->pid;
        }
        number++;
    }
    return number;
}
