/* The table of system calls and its use. SPDX-License-Identifier: MIT */
#include "heart/system_call.h"

#include "calls/ptrace.h"
#include "heart/process.h"
#include "include/abi.h"
#include "support/call_trace.h"

struct call {
    int32_t (*handler)(struct trap_frame *frame);
    const char *name; /* as in the manual, section 2 */
};

#define CALL0(number, call, ...) [SYSTEM_CALL_ROW(number)] = {sys_##call, #call},
#define CALL1                    CALL0
#define CALL2                    CALL0
#define CALL3                    CALL0
#define CALL4                    CALL0
#define CALL5                    CALL0
#define CALL6                    CALL0
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

static int32_t run(struct trap_frame *frame)
{
    uint32_t row = SYSTEM_CALL_ROW(frame->eax);

    if (row == SYSTEM_CALL_LIMIT || calls[row].handler == NULL) {
        return -ENOSYS;
    }
    counts[row]++;
    return calls[row].handler(frame);
}

/* As run, with a line on the debug port. */
static int32_t run_traced(struct trap_frame *frame)
{
    bool returns = frame->eax != SYS_exit && frame->eax != SYS_exit_group;
    char line[CALL_TRACE_BYTES];
    int32_t result;

    call_trace_begin(frame, line);
    if (!returns) {
        call_trace_end_without_result(line);
    }
    result = run(frame);
    call_trace_end(line, result);
    return result;
}

void system_call(struct trap_frame *frame)
{
    current->call_number = (int32_t)frame->eax;
    ptrace_before_call(frame);
    frame->eax = (uint32_t)(call_trace_is_on() ? run_traced(frame) : run(frame));
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
