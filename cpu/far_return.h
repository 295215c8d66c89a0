/* Returning to another code segment: what IRET and RETF share.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/segment.h"

/* What is popped and where it leads. */
struct far_return {
    uint32_t width;       /* bytes of a frame slot, 2 or 4 */
    uint32_t has_flags;   /* 1: IRET */
    uint32_t release;     /* RETF n: bytes dropped from both stacks */
    uint32_t next_eip;    /* IRET: of the instruction after it, for a task left by it */
    uint32_t outer;       /* out: 1 if it went to an outer level */
    uint32_t to_virtual;  /* out: 1 if it went to virtual-8086 mode */
    uint32_t to_task;     /* out: 1 if it went to another task */
    uint32_t task_clocks; /* out: the term ts of that */
};

/* Pop CS:EIP (and EFLAGS, and SS:ESP when leaving for an outer level), check all, commit all.
 * returns PATH_NONE with state.eip set, or the path raised and nothing changed (of a task switch:
 * see task.h). far_return.c */
uint32_t far_return(struct cpu *cpu, struct far_return *how);
