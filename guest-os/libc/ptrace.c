/* ptrace as programs call it: a peek returns its word. SPDX-License-Identifier: MIT */
#include "libc/include/sys/ptrace.h"

#include "libc/include/errno.h"

int ptrace(uint32_t request, int pid, uint32_t address, void *data)
{
    int word = 0, result;

    if (request < PTRACE_PEEKTEXT || request > PTRACE_PEEKUSER) {
        return ptrace_raw(request, pid, (void *)address, data);
    }
    result = ptrace_raw(request, pid, (void *)address, &word);
    if (result == 0) {
        errno = 0;
    }
    return result == 0 ? word : result;
}
