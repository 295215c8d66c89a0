/* System calls: the careful entry points. Each sys_<name> finds its arguments in the caller's
 * registers (EBX, ECX, EDX, ESI, EDI of the frame), checks them, and returns a result or -E...
 * Interrupts are on. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/trap.h"

/* Run the call that the frame's EAX names and put its result there. */
void system_call(struct trap_frame *frame);

/* The name of a call, NULL if there is none with this number. */
const char *system_call_name(int32_t number);
/* How often it was used; the call exists. */
uint32_t system_call_count(uint32_t number);

#define CALL0(number, call, ...) int32_t sys_##call(struct trap_frame *frame);
#define CALL1                    CALL0
#define CALL2                    CALL0
#define CALL3                    CALL0
#define CALL4                    CALL0
#define CALL5                    CALL0
#define CALL6                    CALL0
#include "include/system_calls.def"
#undef CALL0
#undef CALL1
#undef CALL2
#undef CALL3
#undef CALL4
#undef CALL5
#undef CALL6
