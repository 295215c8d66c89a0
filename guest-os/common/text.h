/* Memory, strings and formatting, compiled once for the kernel and once for the C library.
 * Not the whole of <string.h>: what the kernel and the programs here use.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strchr(const char *text, int wanted);
size_t strspn(const char *text, const char *set);
size_t strcspn(const char *text, const char *set);
char *strpbrk(const char *text, const char *set);
char *strrchr(const char *text, int wanted);
char *strstr(const char *text, const char *wanted);
char *strcat(char *to, const char *from);
char *strcpy(char *to, const char *from);

/* Copy at most size - 1 bytes of `from` and always end with a null byte. */
void copy_text(char *to, const char *from, size_t size);

/* The decimal number at the start of `text`, after an optional minus sign; 0 if there is none. */
int atoi(const char *text);

/* Format into to[0..size): %d %i %u %o %x %X %c %s %p %%, flags '-' '0' '+' ' ' '#', width and
 * precision (both may be `*`), h hh l ll j z t. No floating point.
 * out: the number of bytes the whole text has, as in C; at most size - 1 are stored, and a null. */
int vsnprintf(char *to, size_t size, const char *format, va_list arguments);
int snprintf(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
