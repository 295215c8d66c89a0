/* Streams. Input is buffered; output is not: every call is one write(2), so lines of different
 * processes do not mix. SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

#include <stdbool.h>

#define EOF          (-1)
#define STREAM_BYTES 512

typedef struct {
    int fd;                    /* descriptor */
    bool at_end, failed;       /* feof, ferror */
    uint32_t first, last;      /* bytes read and not yet given out */
    char buffer[STREAM_BYTES]; /* of input */
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

int fgetc(FILE *stream);
char *fgets(char *to, int size, FILE *stream);
/* A whole line with its newline in memory that grows (free it); its length, -1 at the end. */
int getline(char **line, size_t *size, FILE *stream);

int fputc(int c, FILE *stream);
int fputs(const char *text, FILE *stream);
size_t fwrite(const void *from, size_t bytes, size_t count, FILE *stream);
int vfprintf(FILE *stream, const char *format, va_list arguments);
int fprintf(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int puts(const char *text);
int putchar(int c);
/* "words: what errno means" on the error output. */
void perror(const char *words);
