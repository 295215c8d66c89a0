/* The file of --input: what is typed on COM1, and when.
 *
 *   @clock N     what follows is sent at clock N or later
 *   @wait TEXT   what follows is sent after the guest has printed TEXT on COM1
 *   @type TEXT   TEXT alone, without the line feed: keys such as Ctrl-C
 *   @@text       the line "@text"
 *   other lines  are sent as they are, line feed included
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"
#include "emu/machine.h"

struct input_script;

struct input_script *input_script_open(const char *path, struct err *err);
/* The same from a text; `name` is for messages. */
struct input_script *input_script_of_text(const char *text, const char *name, struct err *err);
void input_script_close(struct input_script *script);
/* A byte has left on COM1; true if that is what the script was waiting for. */
bool input_script_output(struct input_script *script, uint8_t byte);
/* Send what can be sent now. Returns the clock at which to come back; CLOCK_NEVER when the
 * script is at its end or waits for output. */
uint64_t input_script_feed(struct input_script *script, struct machine *machine);
/* 1: nothing is left to send. */
bool input_script_done(const struct input_script *script);
