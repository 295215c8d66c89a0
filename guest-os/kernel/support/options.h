/* The kernel's command line: words of the form name=value. The kernel takes its own (hz, slice,
 * mode, init, panic, root, console, quiet, mmu, room); all others become the environment of
 * init. Words without "=" mean nothing: a boot loader may put the kernel's file name first; but
 * `quiet` and `single` mean quiet=1 and single=1. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define OPTION_WORDS 32

/* Keep a copy of the command line, cut into words. */
void options_read(const char *command_line);

/* The n-th value of name=... (0: the first), NULL if there are fewer. */
const char *option_nth(const char *name, uint32_t n);

/* The value of name=..., `otherwise` if it is not there. */
const char *option_text(const char *name, const char *otherwise);

/* The same as a number; outside least..most it says so and takes `otherwise`. */
uint32_t option_number(const char *name, uint32_t otherwise, uint32_t least, uint32_t most);

/* All name=value words but the kernel's own, ending with NULL. */
char *const *options_for_init(void);
