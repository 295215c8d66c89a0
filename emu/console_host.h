/* Headless mode: the machine with its serial ports on the host's standard input and output.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/elf_image.h"
#include "emu/machine.h"
#include "emu/options.h"

/* 1: exec gives the program pipes: input from --input, or standard input or output is no terminal.
 */
bool console_exec_pipes(const struct options *options);
/* Run to the end; returns the exit status. Prints what the user must know on stderr. `kernel`
 * (NULL: not known) is the file with the kernel's debug information, for --gdb. */
int console_host_run(struct machine *machine, const struct options *options,
                     const struct elf_symbols *symbols, const char *kernel);
