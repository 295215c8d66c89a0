/* Does the journal of a step tell all that the step changed?
 * SPDX-License-Identifier: MIT */
#pragma once

#include "tests/lockstep/machine.h"

struct journal_check {
    struct cpu_state state; /* before the step */
    uint64_t transfers;     /* before the step */
    uint8_t ram[RAM_BYTES]; /* before the step */
};

void journal_check_begin(struct journal_check *check, struct machine *machine);
/* NULL, or what is wrong. */
const char *journal_check_end(struct journal_check *check, struct machine *machine);
