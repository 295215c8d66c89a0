/* The table of system calls and its use. SPDX-License-Identifier: MIT */
#include "heart/system_call.h"

#include "calls/ptrace.h"
#include "heart/process.h"
#include "include/abi.h"

/* Arguments are on the stack, the first one on top, and the caller takes them away again (System V
 * ABI i386): a handler with fewer of them just does not see the others. */
typedef int32_t handler(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);

struct call {
    handler *handler; /* sys_<name>; NULL: no such call */
    const char *name; /* as in the manual, section 2 */
};

#define CALL0(number, call, ...)                                                                   \
    [SYSTEM_CALL_ROW(number)] = {(handler *)(void (*)(void))sys_##call, #call},
#define CALL1 CALL0
#define CALL2 CALL0
#define CALL3 CALL0
#define CALL4 CALL0
#define CALL5 CALL0
#define CALL6 CALL0
static const struct call calls[SYSTEM_CALL_LIMIT] = {
#include "include/system_calls.def"
};
#undef CALL0
#undef CALL1
#undef CALL2
#undef CALL3
#undef CALL4
#undef CALL5
#undef CALL6

static uint32_t counts[SYSTEM_CALL_LIMIT]; /* uses since the start */

void system_call(struct trap_frame *frame)
{
    int32_t result = -ENOSYS;
    uint32_t row;

    current->call_number = (int32_t)frame->eax;
    ptrace_before_call(frame);
    row = SYSTEM_CALL_ROW(frame->eax); /* a tracer may have changed it */
    if (row < SYSTEM_CALL_LIMIT && calls[row].handler != NULL) {
        counts[row]++;
        result = calls[row].handler(frame->ebx, frame->ecx, frame->edx, frame->esi, frame->edi,
                                    frame->ebp);
    }
    frame->eax = (uint32_t)result;
    current->is_restarted = false;
    ptrace_after_call();
}

const char *system_call_name(int32_t number)
{
    uint32_t row = SYSTEM_CALL_ROW((uint32_t)number);

    return row < SYSTEM_CALL_LIMIT ? calls[row].name : NULL;
}

uint32_t system_call_count(uint32_t number)
{
    return counts[SYSTEM_CALL_ROW(number)];
}
