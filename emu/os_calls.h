/* The system calls of the bundled kernel, out of its own list (system_calls.def);
 * up to 1000h they are Linux's for i386. Names of errors and signals are Linux's too.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define OS_ARGUMENTS_MAX 6u

struct os_call {
    uint32_t number;                         /* in EAX */
    uint32_t count;                          /* of arguments, 0..6, in EBX ECX EDX ESI EDI EBP */
    const char *name;                        /* "read" */
    const char *result;                      /* C type */
    const char *types[OS_ARGUMENTS_MAX + 1]; /* C types; NULL after the last */
    const char *names[OS_ARGUMENTS_MAX + 1]; /* NULL after the last */
};

/* By number; NULL: there is no such call. */
const struct os_call *os_call(uint32_t number);
/* By name, `length` bytes of it; NULL: none is called so. */
const struct os_call *os_call_named(const char *name, size_t length);
/* In the order of their numbers; NULL behind the last. */
const struct os_call *os_call_row(size_t index);
/* "ENOENT" of 2, "SIGINT" of 2; NULL: no name. */
const char *os_error_name(uint32_t number);
const char *os_signal_name(uint32_t number, char text[16]);
