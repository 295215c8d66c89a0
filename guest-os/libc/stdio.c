/* printf and its relatives. Each call is one write, so lines of different processes do not mix.
 * SPDX-License-Identifier: MIT */
#include "libc/include/stdio.h"

#include "libc/include/unistd.h"

#define PRINTF_BYTES 1024 /* longer output is cut */

int printf(const char *format, ...)
{
    char text[PRINTF_BYTES];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    length = length < PRINTF_BYTES ? length : PRINTF_BYTES - 1;
    return write(STDOUT_FILENO, text, (size_t)length);
}

int puts(const char *text)
{
    return printf("%s\n", text);
}

int putchar(int c)
{
    char byte = (char)c;

    return write(STDOUT_FILENO, &byte, 1) == 1 ? (uint8_t)byte : -1;
}
