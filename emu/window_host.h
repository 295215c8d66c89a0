/* The machine in the window: a session with its history, shown until the user leaves.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/elf_image.h"
#include "emu/machine.h"
#include "emu/options.h"

/* Returns the exit status; prints what the user must know on stderr. */
int window_host_run(struct machine *machine, const struct options *options,
                    const struct elf_symbols *symbols);
