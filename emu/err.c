/* Host-side failures in words.
 * SPDX-License-Identifier: MIT */
#include "emu/err.h"

#include <stdarg.h>
#include <stdio.h>

/* What is quoted (a file's name, a parser's words about a file) may hold anything; a message is one
 * line and moves no terminal's cursor. */
static void one_line(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            *text = ' ';
        }
    }
}

bool err_set(struct err *err, const char *format, ...)
{
    if (err) {
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(err->message, sizeof(err->message), format, arguments);
        va_end(arguments);
        one_line(err->message);
        err->status = 2;
    }
    return false;
}
