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

/* The path of the terminal, valid until the next call; NULL: it is none, or /proc does not tell. */
const char *ttyname(int fd);

/* execve in its other forms; they come back only with an error. p: along PATH, if there is no slash
 * in `name`; l: the arguments one by one, then a null; e: with an environment behind that. */
int execv(const char *path, char *const *argv);
int execvp(const char *name, char *const *argv);
int execl(const char *path, const char *first, ...);
int execlp(const char *name, const char *first, ...);
int execle(const char *path, const char *first, ...);

/* The next option letter in argv, '?' for one that `options` does not have (or whose argument is
 * missing; ':' then, if `options` begins with one), -1: no more. See: POSIX.1-2017, getopt(). */
int getopt(int argc, char *const *argv, const char *options);
extern char *optarg;       /* argument of the option */
extern int optind, optopt; /* next word; the letter that was wrong */
extern int opterr;         /* 0: getopt says nothing about errors */

/* How willing a process is to let others run, -20..19; -1 may be an error (errno). `kind` 0: of the
 * process `id` (0: this one). */
int getpriority(uint32_t kind, uint32_t id);
/* Add to the own one; the new one. */
int nice(int by);
