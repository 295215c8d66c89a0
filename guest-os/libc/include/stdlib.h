/* Memory, environment, numbers, sorting, other programs, end of the program. See: C11 7.22.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "common/text.h"

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX     0x7FFFFFFF

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *memory, size_t bytes);
void free(void *memory);

char *getenv(const char *name);
/* Give `name` a value in the environment of this program and those it starts. 0, -1: no memory. */
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
/* "name=value", which is not copied. */
int putenv(char *entry);
int clearenv(void);

/* The number in `text` and where it ended; base 0: 0x and 0 choose. Too large: the largest, ERANGE.
 */
int32_t strtol(const char *text, char **end, int base);
uint32_t strtoul(const char *text, char **end, int base);
int64_t strtoll(const char *text, char **end, int base);
uint64_t strtoull(const char *text, char **end, int base);
int abs(int value);
int rand(void);
void srand(uint32_t seed);

/* A new pseudo terminal: the descriptor of its master, to which unlockpt() and then open(ptsname())
 * give the terminal. */
int posix_openpt(int flags);
int grantpt(int fd);
int unlockpt(int fd);
/* The terminal's path, in memory that the next call changes; NULL: `fd` is no master. */
char *ptsname(int fd);

void qsort(void *first, size_t count, size_t bytes, int (*compare)(const void *, const void *));
void *bsearch(const void *wanted, const void *first, size_t count, size_t bytes,
              int (*compare)(const void *, const void *));

/* Run a command of the shell: fork, exec, wait. Its wait status, -1: no process. NULL: 1. */
int system(const char *command);

/* Call `last` at the end; -1: there are too many already. */
int atexit(void (*last)(void));
/* The end: what atexit was told, then streams are flushed, then _exit(). */
_Noreturn void exit(int status);
_Noreturn void abort(void);
