/* The machine in the window: a session with its history, shown until the user leaves.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/elf_image.h"
#include "emu/machine.h"
#include "emu/options.h"

/* Returns the exit status; prints what the user must know on stderr. */
typedef int window_runner(struct machine *machine, const struct options *options,
                          const struct elf_symbols *symbols);
/* What runs a machine in the window. In the program that has no window (window_away.c) the one that
 * has starts anew with the same arguments in its place; NULL with *err filled if it can not. */
window_runner *window_host_runner(char **arguments, struct err *err);
