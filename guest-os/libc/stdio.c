/* Streams over descriptors, and printf. SPDX-License-Identifier: MIT */
#include "libc/include/stdio.h"

#include "libc/include/errno.h"
#include "libc/include/fcntl.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/unistd.h"

#define PRINTF_BYTES 1024 /* longer output is cut */
#define LINE_BYTES   128  /* getline begins with so much */

FILE standard_streams[3] = {{.fd = STDIN_FILENO}, {.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};

FILE *fdopen(int fd, const char *mode)
{
    FILE *stream = calloc(1, sizeof(*stream));

    (void)mode;
    if (stream != NULL) {
        stream->fd = fd;
    }
    return stream;
}

FILE *fopen(const char *path, const char *mode)
{
    uint32_t flags = mode[0] == 'w'   ? O_WRONLY | O_CREAT | O_TRUNC
                     : mode[0] == 'a' ? O_WRONLY | O_CREAT | O_APPEND
                                      : O_RDONLY;
    FILE *stream;
    int fd;

    if (strchr(mode, '+') != NULL) {
        flags = (flags & ~O_ACCMODE) | O_RDWR;
    }
    fd = open(path, flags | (strchr(mode, 'e') != NULL ? O_CLOEXEC : 0), 0666u);
    if (fd < 0) {
        return NULL;
    }
    stream = fdopen(fd, mode);
    if (stream == NULL) {
        close(fd);
    }
    return stream;
}

int fclose(FILE *stream)
{
    int result = close(stream->fd);

    if (stream < standard_streams || stream > stderr) {
        free(stream);
    }
    return result;
}

int fileno(const FILE *stream)
{
    return stream->fd;
}

int feof(const FILE *stream)
{
    return stream->at_end;
}

int ferror(const FILE *stream)
{
    return stream->failed;
}

/* ---- input ---- */

static bool fill(FILE *stream)
{
    int got = read(stream->fd, stream->buffer, STREAM_BYTES);

    stream->first = 0;
    stream->last = got > 0 ? (uint32_t)got : 0;
    stream->at_end = stream->at_end || got == 0;
    stream->failed = stream->failed || got < 0;
    return got > 0;
}

int fgetc(FILE *stream)
{
    if (stream->first == stream->last && !fill(stream)) {
        return EOF;
    }
    return (uint8_t)stream->buffer[stream->first++];
}

char *fgets(char *to, int size, FILE *stream)
{
    int length = 0, c = 0;

    while (length < size - 1 && c != '\n' && (c = fgetc(stream)) != EOF) {
        to[length++] = (char)c;
    }
    to[length] = '\0';
    return length > 0 ? to : NULL;
}

int getline(char **line, size_t *size, FILE *stream)
{
    int length = 0, c = 0;

    while (c != '\n' && (c = fgetc(stream)) != EOF) {
        if (*line == NULL || (size_t)length + 2 > *size) {
            size_t more = *line == NULL ? LINE_BYTES : *size * 2;
            char *longer = realloc(*line, more);

            if (longer == NULL) {
                return -1;
            }
            *line = longer;
            *size = more;
        }
        (*line)[length++] = (char)c;
        (*line)[length] = '\0';
    }
    return length > 0 ? length : -1;
}

/* ---- output ---- */

size_t fwrite(const void *from, size_t bytes, size_t count, FILE *stream)
{
    size_t done = 0;

    while (done < bytes * count) {
        int put = write(stream->fd, (const char *)from + done, bytes * count - done);

        if (put < 0 && errno != EINTR) {
            stream->failed = true;
            break;
        }
        done += put > 0 ? (size_t)put : 0;
    }
    return bytes == 0 ? 0 : done / bytes;
}

int vfprintf(FILE *stream, const char *format, va_list arguments)
{
    char text[PRINTF_BYTES];
    int length = vsnprintf(text, sizeof(text), format, arguments);

    length = length < PRINTF_BYTES ? length : PRINTF_BYTES - 1;
    return fwrite(text, 1, (size_t)length, stream) == (size_t)length ? length : -1;
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

int printf(const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vfprintf(stdout, format, arguments);
    va_end(arguments);
    return length;
}

int fputs(const char *text, FILE *stream)
{
    size_t length = strlen(text);

    return fwrite(text, 1, length, stream) == length ? 0 : EOF;
}

int puts(const char *text)
{
    return printf("%s\n", text);
}

int fputc(int c, FILE *stream)
{
    char byte = (char)c;

    return fwrite(&byte, 1, 1, stream) == 1 ? (uint8_t)byte : EOF;
}

int putchar(int c)
{
    return fputc(c, stdout);
}

void perror(const char *words)
{
    fprintf(stderr, "%s: %s\n", words, strerror(errno));
}
