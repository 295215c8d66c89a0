/* Memory, environment, end of the program. SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void free(void *memory);
char *getenv(const char *name);
_Noreturn void exit(int status);
_Noreturn void abort(void);
