/* Unicorn's processor as the other side: one instruction in 16-bit code, and what the manual
 * says happens around it that Unicorn leaves to its caller (delivery through the vector table)
 * or does not know (limits of segments).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <unicorn/unicorn.h>

#include "tests/unicorn/piece.h"

struct peer {
    uc_engine *engine;
    uc_context *context; /* before the first piece */
    uint8_t *ram;        /* RAM_BYTES */
    uint32_t runs;       /* so far */
    /* of the run under way */
    const struct piece *piece;
    struct outcome *out;
    uint32_t linear;  /* of the instruction */
    uint32_t begun;   /* how often it began: iterations of a REP */
    uint32_t stopped; /* 1: before the next instruction, which is at */
    uint32_t next;    /* this linear address */
    uint32_t beyond;  /* vector of the first access that no segment holds, or NO_VECTOR */
    uint32_t faulted; /* 1: what was raised is a fault, not INT n */
    uint32_t unclear; /* 1: nobody can tell which segment an access was meant for */
};

/* "" or why there is no such processor here. */
const char *peer_open(struct peer *peer);
/* RAM holds the code already. false: a case in which Unicorn is of no use. */
bool peer_run(struct peer *peer, const struct piece *piece, struct outcome *out);
