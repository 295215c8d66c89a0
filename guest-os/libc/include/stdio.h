/* Output and lines of input; there are no streams, every call is one write(2) or read(2).
 * SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int puts(const char *text);
int putchar(int c);
