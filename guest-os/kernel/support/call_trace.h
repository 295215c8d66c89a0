/* trace=calls: every system call as a line on the debug port, in strace's manner.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/trap.h"

#define CALL_TRACE_BYTES 200

/* Look whether the command line asks for it. */
void call_trace_initialise(void);

bool call_trace_is_on(void);

/* Before a call: its name and arguments as they are now, into CALL_TRACE_BYTES of `line`. */
void call_trace_begin(const struct trap_frame *frame, char *line);

/* After it: write the line with the result. */
void call_trace_end(const char *line, int32_t result);

/* The call will not return. */
void call_trace_end_without_result(const char *line);
