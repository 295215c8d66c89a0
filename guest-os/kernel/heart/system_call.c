/* The table of system calls and its use. SPDX-License-Identifier: MIT */
#include "heart/system_call.h"

#include "heart/process.h"
#include "include/abi.h"

struct call {
    int32_t (*handler)(struct trap_frame *frame);
    const char *name; /* as in the manual, section 2 */
};

#define CALL0(number, call, ...) [number] = {sys_##call, #call},
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

void system_call(struct trap_frame *frame)
{
    uint32_t number = frame->eax;

    current->call_number = (int32_t)number;
    if (number >= SYSTEM_CALL_LIMIT || calls[number].handler == NULL) {
        frame->eax = (uint32_t)-ENOSYS;
        return;
    }
    frame->eax = (uint32_t)calls[number].handler(frame);
}

const char *system_call_name(int32_t number)
{
    return number >= 0 && number < SYSTEM_CALL_LIMIT ? calls[number].name : NULL;
}
