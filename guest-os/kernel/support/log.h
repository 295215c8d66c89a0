/* What the kernel says: messages on the console, a ring of the last events, and the panic that ends
 * the run when the kernel itself is broken. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/trap.h"

/* Formatted text to the console (serial and screen); from anywhere. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

enum event_kind {
    EVENT_NONE,
    EVENT_SWITCH,    /* to pid; detail: from pid */
    EVENT_FORK,      /* pid; detail: child's pid */
    EVENT_EXEC,      /* pid; detail: entry point */
    EVENT_EXIT,      /* pid; detail: wait status */
    EVENT_EXCEPTION, /* pid; detail: vector */
    EVENT_SIGNAL,    /* to pid; detail: signal */
    EVENT_STOP       /* pid; detail: signal */
};

/* Remember an event; costs a few stores. */
void log_event(enum event_kind kind, int32_t pid, uint32_t detail);

/* The kernel can not go on: say why, with stack and last events, and end the run with status 74.
 * Never for what a program does: that is an errno or a signal. */
_Noreturn void panic(const char *format, ...);

/* The same with the registers of a trap frame. */
_Noreturn void panic_with_frame(const struct trap_frame *frame, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
