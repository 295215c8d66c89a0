/* The debugger without a window: scripts (--script, -x), --break, and a command line on the
 * terminal (-x -). The console's loop runs the machine through it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/machine.h"
#include "emu/options.h"

struct console_debugger;

struct console_debugger_host {
    struct machine_sink sink; /* hears the bytes that leave the machine */
    void *context;
    void (*before_print)(void *context); /* put out what the guest has printed, end its line */
};

/* Whether the options ask for any of it. */
bool console_debugger_wanted(const struct options *options);
/* Whether standard input is for commands: -x -. */
bool console_debugger_reads_stdin(const struct options *options);
/* NULL with *err filled: a script that can not be read, an event that is none. */
struct console_debugger *console_debugger_open(struct machine *machine,
                                               const struct options *options,
                                               const struct elf_symbols *symbols,
                                               const struct console_debugger_host *host,
                                               struct err *err);
void console_debugger_close(struct console_debugger *debugger);
/* Go on to about `until`: with the next command, the move that it began, or the machine. As
 * machine_run(). */
enum machine_stop console_debugger_run(struct console_debugger *debugger, uint64_t until);
/* What --moment asks for at the end. */
bool console_debugger_save(struct console_debugger *debugger, struct err *err);
/* Whether to leave: `quit`, or a command of a script that could not be done; with which status. */
bool console_debugger_left(const struct console_debugger *debugger, int *status);
