/* Error lines of programs: "program: words: what errno means". SPDX-License-Identifier: MIT */
#pragma once

/* The name this program was started by, without folders. */
extern const char *program_name;

void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Without what errno means. */
void warnx(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, and the end with `status`. */
_Noreturn void err(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void errx(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "usage: words" and the end with `status`. */
_Noreturn void usage(int status, const char *words);
/* For the end of main: `status`, or 1 if what was printed could not be written. */
int finish_output(int status);
