/* Output through streams, printf among it. SPDX-License-Identifier: MIT */
#include "libc/include/errno.h"
#include "libc/include/stdio.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/unistd.h"

#define PRINTF_BYTES 512 /* longer output of one printf needs memory of malloc */

static void begin(FILE *stream)
{
    if (!stream->is_decided) {
        int error = errno;

        stream->buffering = isatty(stream->fd) ? _IONBF : _IOFBF;
        stream->is_decided = true;
        errno = error;
    }
    if (!stream->is_output) {
        fflush(stream);
        stream->is_output = true;
        stream->first = stream->last = 0;
    }
}

static int put(FILE *stream, const char *from, size_t bytes)
{
    while (bytes > 0) {
        size_t room = STREAM_BUFFER - stream->last;
        size_t part = bytes < room ? bytes : room;

        memcpy(stream->buffer + stream->last, from, part);
        stream->last += (uint32_t)part;
        from += part;
        bytes -= part;
        if (stream->last == STREAM_BUFFER && fflush(stream) != 0) {
            return EOF;
        }
    }
    return 0;
}

/* At the end of a call: write it now, or later? */
static int finish(FILE *stream, bool line_ends)
{
    if (stream->buffering == _IONBF || (stream->buffering == _IOLBF && line_ends)) {
        return fflush(stream);
    }
    return 0;
}

size_t fwrite(const void *from, size_t bytes, size_t count, FILE *stream)
{
    size_t length = bytes * count;
    bool line_ends = false;

    begin(stream);
    for (size_t i = 0; i < length && !line_ends && stream->buffering == _IOLBF; i++) {
        line_ends = ((const char *)from)[i] == '\n';
    }
    return put(stream, from, length) == 0 && finish(stream, line_ends) == 0 ? count : 0;
}

int fputc(int c, FILE *stream)
{
    char byte = (char)c;

    return fwrite(&byte, 1, 1, stream) == 1 ? (uint8_t)byte : EOF;
}

int putc(int c, FILE *stream)
{
    return fputc(c, stream);
}

int putchar(int c)
{
    return fputc(c, stdout);
}

int fputs(const char *text, FILE *stream)
{
    size_t length = strlen(text);

    return fwrite(text, 1, length, stream) == length ? 0 : EOF;
}

int puts(const char *text)
{
    begin(stdout);
    return put(stdout, text, strlen(text)) == 0 && put(stdout, "\n", 1) == 0 ? finish(stdout, true)
                                                                             : EOF;
}

int vfprintf(FILE *stream, const char *format, va_list arguments)
{
    char text[PRINTF_BYTES], *whole = text;
    int length = vsnprintf(text, sizeof(text), format, arguments);
    size_t done;

    if (length >= PRINTF_BYTES) {
        whole = malloc((size_t)length + 1);
        if (whole == NULL) {
            return -1;
        }
        vsnprintf(whole, (size_t)length + 1, format, arguments);
    }
    done = fwrite(whole, 1, (size_t)length, stream);
    if (whole != text) {
        free(whole);
    }
    return done == (size_t)length ? length : -1;
}

int fprintf(FILE *stream, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vfprintf(stream, format, arguments);
    va_end(arguments);
    return length;
}

int vprintf(const char *format, va_list arguments)
{
    return vfprintf(stdout, format, arguments);
}

int printf(const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vfprintf(stdout, format, arguments);
    va_end(arguments);
    return length;
}

int sprintf(char *to, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(to, INT32_MAX, format, arguments);
    va_end(arguments);
    return length;
}

void perror(const char *words)
{
    fprintf(stderr, "%s: %s\n", words, strerror(errno));
}
