/* System calls: the careful entry points. Each sys_<name> gets its arguments from the caller's
 * registers (EBX, ECX, EDX, ESI, EDI, EBP), addresses as numbers, checks them, and returns a result
 * or -E... The other registers are in current->frame. Interrupts are on.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/trap.h"

/* Run the call that the frame's EAX names and put its result there. */
void system_call(struct trap_frame *frame);

/* The name of a call, NULL if there is none with this number. */
const char *system_call_name(int32_t number);
/* How often it was used; the call exists. */
uint32_t system_call_count(uint32_t number);

#define CALL0(number, call, ...) int32_t sys_##call(void);
#define CALL1(number, call, ...) int32_t sys_##call(uint32_t);
#define CALL2(number, call, ...) int32_t sys_##call(uint32_t, uint32_t);
#define CALL3(number, call, ...) int32_t sys_##call(uint32_t, uint32_t, uint32_t);
#define CALL4(number, call, ...) int32_t sys_##call(uint32_t, uint32_t, uint32_t, uint32_t);
#define CALL5(number, call, ...)                                                                   \
    int32_t sys_##call(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
#define CALL6(number, call, ...)                                                                   \
    int32_t sys_##call(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
#include "include/system_calls.def"
#undef CALL0
#undef CALL1
#undef CALL2
#undef CALL3
#undef CALL4
#undef CALL5
#undef CALL6
