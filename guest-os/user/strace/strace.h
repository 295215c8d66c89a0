/* strace's parts. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define ARGUMENTS_MOST 6

/* A row of include/system_calls.def. */
struct call {
    uint32_t number, count;
    const char *name, *result;             /* C type */
    const char *types[ARGUMENTS_MOST + 1]; /* C types */
    const char *names[ARGUMENTS_MOST + 1];
};

/* Write to the line; how long it is, is counted. */
void put(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* By number; NULL: there is no such call. */
const struct call *call_of(uint32_t number);
/* Is there a call with this name, `length` bytes of it? */
bool is_call_name(const char *name, size_t length);
/* "ENOENT"; NULL: no name. */
const char *error_name(uint32_t error);

void write_signal(uint32_t number);
/* Argument i of a call of process `pid`, which has returned `result` if the argument is one. */
void write_argument(int pid, const struct call *call, const uint32_t *values, uint32_t i,
                    int32_t result);
bool is_result(const struct call *call, uint32_t i);
uint32_t argument_count(const struct call *call, const uint32_t *values);
