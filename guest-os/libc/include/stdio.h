/* Streams: what the C library puts between a program and its descriptors. Input is read a buffer at
 * a time. Output to a terminal and to stderr is written at the end of each call, so that it is seen
 * at once; other output when the buffer is full, by fflush, or at the end of the program.
 * See: C11 7.21. SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

#include <stdbool.h>

#define EOF           (-1)
#define STREAM_BYTES  4096
#define BUFSIZ        STREAM_BYTES
#define UNGET_BYTES   4 /* ungetc has room for so many at least */
#define STREAM_BUFFER (UNGET_BYTES + STREAM_BYTES)

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

/* When output is written: */
#define _IOFBF 0 /* when the buffer is full */
#define _IOLBF 1 /* also when a line ends */
#define _IONBF 2 /* at the end of every call */

typedef struct stream {
    int fd;               /* descriptor */
    bool at_end, failed;  /* feof, ferror */
    bool is_output;       /* buffer[0..last) is to be written; else [first..last) was read */
    bool is_decided;      /* `buffering` is known (a terminal or not) */
    uint8_t buffering;    /* _IO... */
    uint32_t first, last; /* bytes in the buffer */
    int child;            /* process of popen, 0: none */
    struct stream *next;  /* of all that fopen made */
    char *buffer;         /* STREAM_BUFFER bytes */
} FILE;

extern FILE standard_streams[3];
#define stdin  (&standard_streams[0])
#define stdout (&standard_streams[1])
#define stderr (&standard_streams[2])

FILE *fopen(const char *path, const char *mode);
FILE *fdopen(int fd, const char *mode);
int fclose(FILE *stream);
int fileno(const FILE *stream);
int feof(const FILE *stream);
int ferror(const FILE *stream);
void clearerr(FILE *stream);
/* Write what waits; NULL: of all streams. Input that was read ahead is given back to the file. */
int fflush(FILE *stream);
/* `buffer` is not used: a stream has its own. */
int setvbuf(FILE *stream, char *buffer, int mode, size_t bytes);
int fseek(FILE *stream, int offset, int whence);
int ftell(FILE *stream);
void rewind(FILE *stream);

int fgetc(FILE *stream);
int getc(FILE *stream);
int getchar(void);
int ungetc(int c, FILE *stream);
char *fgets(char *to, int size, FILE *stream);
/* A whole line with its end in memory that grows (free it); its length, -1 at the end. */
int getline(char **line, size_t *size, FILE *stream);
int getdelim(char **line, size_t *size, int end, FILE *stream);
size_t fread(void *to, size_t bytes, size_t count, FILE *stream);

int fputc(int c, FILE *stream);
int putc(int c, FILE *stream);
int putchar(int c);
int fputs(const char *text, FILE *stream);
int puts(const char *text);
size_t fwrite(const void *from, size_t bytes, size_t count, FILE *stream);
int vfprintf(FILE *stream, const char *format, va_list arguments);
int fprintf(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
int vprintf(const char *format, va_list arguments);
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int sprintf(char *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "words: what errno means" on the error output. */
void perror(const char *words);

/* A command of the shell, whose output ("r") or input ("w") is the stream. */
FILE *popen(const char *command, const char *mode);
/* Its wait status. */
int pclose(FILE *stream);
