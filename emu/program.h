/* From the command line to a machine that is ready to run: the images it names are opened, the
 * bundled ones found, the kernel loaded.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "emu/boot.h"
#include "emu/bundle.h"
#include "emu/elf_image.h"
#include "emu/machine.h"
#include "emu/moment.h"
#include "emu/options.h"
#include "emu/rom.h"
#include "emu/trace.h"

struct program {
    struct trace *trace; /* NULL without --trace */
    struct options options;
    struct bundle bundle;
    struct boot boot;
    struct elf_symbols *symbols;
    struct rom *firmware;   /* NULL: a kernel is loaded */
    struct rom *option_rom; /* NULL: none */
    struct machine *machine;
    struct moment_origin origin; /* what the machine is made of, for moments and results */
};

/* `program` is zero but for its options. false with *err filled; close it all the same. */
bool program_open(struct program *program, struct err *err);
void program_close(struct program *program);
/* The kernel's executable, for its debug information; NULL: not known. */
const char *program_kernel_file(const struct program *program);
/* Note in the configuration what the machine is made of; for program_open(). */
bool program_origin_fill(struct program *program, struct err *err);
