/* The result of a run, as --json writes it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "emu/err.h"
#include "emu/machine.h"
#include "emu/machine_counters.h"

struct result {
    const char *reason; /* one word: exit, power-off, panic, reset, shutdown, halted, limit, ... */
    int exit_status;    /* of the process */
    int exec;           /* 1: exit_value is how a program ended, as job_decode() reads it */
    char text[1024];    /* explanation for people */
    const struct machine_counters *counters; /* NULL: nobody has counted */
};

/* The word for a stop. */
const char *result_stop_word(enum machine_stop stop);
bool result_write(const struct result *result, struct machine *machine, const char *path,
                  struct err *err);
