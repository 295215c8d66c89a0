/* Random pieces of user-mode code whose memory operands stay inside the shared window.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_BYTES  0x3000u /* from ORACLE_DATA: three pages */
#define CODE_CAPACITY 1024u

struct generator {
    uint64_t seed;  /* state of the random numbers, never 0 */
    bool small;     /* DS and ES have base ORACLE_SEGMENT: 16-bit addresses may be used */
    uint32_t count; /* bytes in code[] */
    uint8_t code[CODE_CAPACITY];
    uint32_t undefined; /* EFLAGS bits that the last instruction leaves undefined */
};

uint32_t random32(struct generator *gen);
/* A value as tests like them: small, all ones, a single bit, the edge of a sign, or anything. */
uint32_t random_value(struct generator *gen);
/* Fill code[] with about `instructions` of them (and what sets up their operands). */
void generate(struct generator *gen, uint32_t instructions);
