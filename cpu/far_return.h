/* Returning to another code segment: what IRET and RETF share.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/segment.h"

/* What is popped and where it leads. */
struct far_return {
    uint32_t width;     /* bytes of a frame slot, 2 or 4 */
    uint32_t has_flags; /* 1: IRET */
    uint32_t release;   /* RETF n: bytes dropped from both stacks */
    uint32_t outer;     /* out: 1 if it went to an outer level */
};

/* Pop CS:EIP (and EFLAGS, and SS:ESP when leaving for an outer level), check all, commit all.
 * returns PATH_NONE with state.eip set, or the path raised and nothing changed. far_return.c */
uint32_t far_return(struct cpu *cpu, struct far_return *how);
