/* gdb beside the console: the machine moves as gdb wants.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/machine.h"
#include "emu/options.h"

struct console_gdb;

struct console_gdb_host {
    struct machine_sink sink; /* hears the bytes that leave the machine */
    void *context;
    void (*flush)(void *context);                      /* put out what the guest has printed */
    void (*wait)(void *context, uint64_t nanoseconds); /* at most, for input */
};

/* Listen where --gdb says. `kernel` (NULL: not known) is the file with the kernel's debug
 * information. NULL with *err filled. */
struct console_gdb *console_gdb_open(struct machine *machine, const struct options *options,
                                     const struct elf_symbols *symbols, const char *kernel,
                                     const struct console_gdb_host *host, struct err *err);
void console_gdb_close(struct console_gdb *gdb);
/* Go on to about `until` if gdb wants that, else wait a little for packets; as machine_run(). */
enum machine_stop console_gdb_run(struct console_gdb *gdb, uint64_t until);
/* gdb has said kill. */
bool console_gdb_killed(const struct console_gdb *gdb);
/* The machine has gone forward by itself, at the pace of its own: what is typed may reach it. */
bool console_gdb_in_past(const struct console_gdb *gdb);
/* 1: the last turn was no plain way forward, so that the guest's clock and the host's are to be
 * compared afresh. */
bool console_gdb_jumped(const struct console_gdb *gdb);
