/* Host-side failures in words.
 * SPDX-License-Identifier: MIT */
#include "emu/err.h"

#include <stdarg.h>
#include <stdio.h>

bool err_set(struct err *err, const char *format, ...)
{
    if (err) {
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(err->message, sizeof(err->message), format, arguments);
        va_end(arguments);
        err->status = 2;
    }
    return false;
}
