/* Memory, environment, end of the program. SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *memory, size_t bytes);
void free(void *memory);
char *getenv(const char *name);
/* Give `name` a value in the environment of this program and those it starts. 0, -1: no memory. */
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
/* The number in `text` and where it ended; base 0: 0x and 0 choose. */
int32_t strtol(const char *text, char **end, int base);
void qsort(void *first, size_t count, size_t bytes, int (*compare)(const void *, const void *));
_Noreturn void exit(int status);
_Noreturn void abort(void);
