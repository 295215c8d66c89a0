/* Error lines of programs. SPDX-License-Identifier: MIT */
#include "libc/include/err.h"

#include "libc/include/errno.h"
#include "libc/include/stdio.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"

#define LINE_BYTES 512

const char *program_name = "?";

/* As one write, so that lines of different processes do not mix. */
static void complain(const char *format, va_list arguments, const char *reason)
{
    char line[LINE_BYTES];

    fflush(stdout);
    vsnprintf(line, sizeof(line), format, arguments);
    fprintf(stderr, "%s: %s%s%s\n", program_name, line, *reason == '\0' ? "" : ": ", reason);
}

void warn(const char *format, ...)
{
    const char *reason = strerror(errno);
    va_list arguments;

    va_start(arguments, format);
    complain(format, arguments, reason);
    va_end(arguments);
}

void warnx(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    complain(format, arguments, "");
    va_end(arguments);
}

_Noreturn void err(int status, const char *format, ...)
{
    const char *reason = strerror(errno);
    va_list arguments;

    va_start(arguments, format);
    complain(format, arguments, reason);
    va_end(arguments);
    exit(status);
}

_Noreturn void errx(int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    complain(format, arguments, "");
    va_end(arguments);
    exit(status);
}

_Noreturn void usage(int status, const char *words)
{
    fprintf(stderr, "usage: %s\n", words);
    exit(status);
}

int finish_output(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        warn("output");
        return 1;
    }
    return status;
}
