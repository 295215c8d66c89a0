/* The list of system calls, for people.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strerrorname_np, sigabbrev_np */
#include "emu/os_calls.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#define CALL0(n, call, r, stub) {n, 0, #call, #r, {NULL}, {NULL}},
#define CALL1(n, call, r, stub, t1, a1) {n, 1, #call, #r, {#t1}, {#a1}},
#define CALL2(n, call, r, stub, t1, a1, t2, a2) {n, 2, #call, #r, {#t1, #t2}, {#a1, #a2}},
#define CALL3(n, call, r, stub, t1, a1, t2, a2, t3, a3)                                            \
    {n, 3, #call, #r, {#t1, #t2, #t3}, {#a1, #a2, #a3}},
#define CALL4(n, call, r, stub, t1, a1, t2, a2, t3, a3, t4, a4)                                    \
    {n, 4, #call, #r, {#t1, #t2, #t3, #t4}, {#a1, #a2, #a3, #a4}},
#define CALL5(n, call, r, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                            \
    {n, 5, #call, #r, {#t1, #t2, #t3, #t4, #t5}, {#a1, #a2, #a3, #a4, #a5}},
#define CALL6(n, call, r, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)                    \
    {n, 6, #call, #r, {#t1, #t2, #t3, #t4, #t5, #t6}, {#a1, #a2, #a3, #a4, #a5, #a6}},
/* clang-format on */
static const struct os_call calls[] = {
#include "emu/system_calls.def"
};
#undef CALL0
#undef CALL1
#undef CALL2
#undef CALL3
#undef CALL4
#undef CALL5
#undef CALL6

#define CALLS (sizeof(calls) / sizeof(calls[0]))

const struct os_call *os_call_row(size_t index)
{
    return index < CALLS ? &calls[index] : NULL;
}

const struct os_call *os_call(uint32_t number)
{
    size_t low = 0;
    size_t high = CALLS;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (calls[middle].number == number) {
            return &calls[middle];
        }
        if (calls[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct os_call *os_call_named(const char *name, size_t length)
{
    for (size_t i = 0; length && i < CALLS; i++) {
        if (strlen(calls[i].name) == length && strncmp(calls[i].name, name, length) == 0) {
            return &calls[i];
        }
    }
    return NULL;
}

const char *os_error_name(uint32_t number)
{
    return number < 4096 ? strerrorname_np((int)number) : NULL;
}

const char *os_signal_name(uint32_t number, char text[16])
{
    const char *name = number < 32 ? sigabbrev_np((int)number) : NULL;

    if (!name) {
        return NULL;
    }
    snprintf(text, 16, "SIG%s", name);
    return text;
}
