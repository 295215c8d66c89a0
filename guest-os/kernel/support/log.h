/* What the kernel says: messages on the console, and the panic that ends the run when the kernel
 * itself is broken. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/trap.h"

/* Formatted text to the console (serial and screen); from anywhere. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The kernel can not go on: say why, with the stack, and end the run with status 74.
 * Never for what a program does: that is an errno or a signal. */
_Noreturn void panic(const char *format, ...);

/* The same with the registers of a trap frame. */
_Noreturn void panic_with_frame(const struct trap_frame *frame, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
