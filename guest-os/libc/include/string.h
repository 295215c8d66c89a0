/* Strings and memory, and the words for errors and signals. See: C11 7.24.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

void *memchr(const void *memory, int wanted, size_t bytes);
size_t strnlen(const char *text, size_t most);
char *strncpy(char *to, const char *from, size_t bytes);
char *strncat(char *to, const char *from, size_t most);
char *strtok(char *text, const char *between);
char *strtok_r(char *text, const char *between, char **rest);

/* A copy in memory of its own (free it). */
char *strdup(const char *text);
char *strndup(const char *text, size_t most);

/* The part behind the last slash; the whole if that is empty. */
const char *path_name(const char *path);

const char *strerror(int error);
const char *strsignal(int signal_number);
