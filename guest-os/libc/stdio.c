/* Streams over descriptors: opening, buffers, input. Output is in output.c.
 * SPDX-License-Identifier: MIT */
#include "libc/include/stdio.h"

#include "libc/include/errno.h"
#include "libc/include/fcntl.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/include/unistd.h"

#define LINE_BYTES 128 /* getline begins with so much */

static char standard_buffers[3][STREAM_BUFFER];
FILE standard_streams[3] = {
    {.fd = STDIN_FILENO, .buffer = standard_buffers[0]},
    {.fd = STDOUT_FILENO, .buffer = standard_buffers[1]},
    {.fd = STDERR_FILENO, .buffer = standard_buffers[2], .is_decided = true, .buffering = _IONBF},
};
static FILE *opened; /* by fopen, fdopen, popen */

FILE *fdopen(int fd, const char *mode)
{
    FILE *stream = malloc(sizeof(*stream) + STREAM_BUFFER);

    (void)mode;
    if (stream != NULL) {
        *stream = (FILE){.fd = fd, .next = opened, .buffer = (char *)(stream + 1)};
        opened = stream;
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

/* ---- buffers ---- */

static int write_waiting(FILE *stream)
{
    uint32_t done = 0;

    while (done < stream->last) {
        int put = write(stream->fd, stream->buffer + done, stream->last - done);

        if (put < 0 && errno != EINTR) {
            stream->failed = true;
            break;
        }
        done += put > 0 ? (uint32_t)put : 0;
    }
    stream->first = stream->last = 0;
    return stream->failed ? EOF : 0;
}

int fflush(FILE *stream)
{
    int result = 0;

    if (stream == NULL) {
        for (stream = opened; stream != NULL; stream = stream->next) {
            result |= stream->is_output ? write_waiting(stream) : 0;
        }
        return result | (stdout->is_output ? write_waiting(stdout) : 0);
    }
    if (stream->is_output) {
        return write_waiting(stream);
    }
    if (stream->first < stream->last) {
        int error = errno;

        lseek(stream->fd, (int)(stream->first - stream->last), SEEK_CUR);
        errno = error; /* a pipe can not go back: what was read is lost */
        stream->first = stream->last = 0;
    }
    return 0;
}

int setvbuf(FILE *stream, char *buffer, int mode, size_t bytes)
{
    (void)buffer;
    (void)bytes;
    stream->is_decided = true;
    stream->buffering = (uint8_t)mode;
    return 0;
}

static void forget(FILE *stream)
{
    for (FILE **at = &opened; *at != NULL; at = &(*at)->next) {
        if (*at == stream) {
            *at = stream->next;
            free(stream);
            return;
        }
    }
}

int fclose(FILE *stream)
{
    int result = fflush(stream);

    result |= close(stream->fd);
    forget(stream);
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

void clearerr(FILE *stream)
{
    stream->at_end = stream->failed = false;
}

int fseek(FILE *stream, int offset, int whence)
{
    fflush(stream);
    stream->at_end = false;
    return lseek(stream->fd, offset, whence) < 0 ? -1 : 0;
}

int ftell(FILE *stream)
{
    int place = lseek(stream->fd, 0, SEEK_CUR);

    if (place < 0) {
        return -1;
    }
    return stream->is_output ? place + (int)stream->last
                             : place - (int)(stream->last - stream->first);
}

void rewind(FILE *stream)
{
    fseek(stream, 0, SEEK_SET);
    clearerr(stream);
}

/* ---- input ---- */

static bool fill(FILE *stream)
{
    int got;

    if (stream->is_output) {
        write_waiting(stream);
        stream->is_output = false;
    }
    if (stream == stdin && stdout->is_output) {
        write_waiting(stdout); /* a question is seen before the answer is waited for */
    }
    do {
        got = read(stream->fd, stream->buffer + UNGET_BYTES, STREAM_BYTES);
    } while (got < 0 && errno == EINTR);
    stream->first = UNGET_BYTES;
    stream->last = UNGET_BYTES + (got > 0 ? (uint32_t)got : 0);
    stream->at_end = stream->at_end || got == 0;
    stream->failed = stream->failed || got < 0;
    return got > 0;
}

int fgetc(FILE *stream)
{
    if ((stream->is_output || stream->first == stream->last) && !fill(stream)) {
        return EOF;
    }
    return (uint8_t)stream->buffer[stream->first++];
}

int getc(FILE *stream)
{
    return fgetc(stream);
}

int getchar(void)
{
    return fgetc(stdin);
}

int ungetc(int c, FILE *stream)
{
    if (c == EOF || stream->is_output) {
        return EOF;
    }
    if (stream->first == stream->last && stream->first == 0) {
        stream->first = stream->last = UNGET_BYTES;
    }
    if (stream->first == 0) {
        return EOF;
    }
    stream->buffer[--stream->first] = (char)c;
    stream->at_end = false;
    return c;
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

int getdelim(char **line, size_t *size, int end, FILE *stream)
{
    int length = 0, c = EOF;

    do {
        c = fgetc(stream);
        if (c == EOF) {
            break;
        }
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
    } while (c != end);
    return length > 0 ? length : -1;
}

int getline(char **line, size_t *size, FILE *stream)
{
    return getdelim(line, size, '\n', stream);
}

size_t fread(void *to, size_t bytes, size_t count, FILE *stream)
{
    size_t done = 0;
    int c;

    while (done < bytes * count && (c = fgetc(stream)) != EOF) {
        uint32_t more = stream->last - stream->first;

        ((char *)to)[done++] = (char)c;
        more = more < bytes * count - done ? more : (uint32_t)(bytes * count - done);
        memcpy((char *)to + done, stream->buffer + stream->first, more);
        stream->first += more;
        done += more;
    }
    return bytes == 0 ? 0 : done / bytes;
}
