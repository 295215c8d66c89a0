/* Our processor as the subject of the test: one step in 16-bit code.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu.h"
#include "tests/unicorn/piece.h"

struct subject {
    struct cpu *cpu;
    uint8_t *ram; /* RAM_BYTES */
    struct journal journal;
};

void subject_open(struct subject *subject);
/* RAM holds the code already. */
void subject_run(struct subject *subject, const struct piece *piece, struct outcome *out);
