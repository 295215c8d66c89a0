/* Processes, descriptors and memory. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

extern char **environ;

/* Move the end of the heap; the old end, or (void *)-1 with errno = ENOMEM. */
void *sbrk(int32_t bytes);

unsigned int sleep(unsigned int seconds);

/* The path of the current directory in to[0..size); NULL on an error. */
char *getcwd(char *to, size_t size);

/* Is it a terminal? */
int isatty(int fd);

/* execve along PATH, if there is no slash in `name`; comes back only with an error. */
int execvp(const char *name, char *const *argv);
