/* The host's own processor, one instruction at a time, in small segments: a child with an LDT that
 * is stepped by ptrace(2). Memory is shared with it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <asm/ldt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "cpu/cpu_state.h"

#define SHARED       0x200000u /* code | data | stacks, 64 KiB each */
#define SHARED_BYTES 0x030000u
#define NO_SIGNAL    0

/* Entries of the LDT, the same on both sides. */
enum { DATA, SHORT, DOWN, READONLY, CODE16, CODE32, XONLY, BIG, ABSENT, SHORTCODE, SEGMENTS };
extern const struct user_desc host_ldt[SEGMENTS];

struct registers {
    uint32_t gpr[8];
    uint16_t selectors[SEG_COUNT];
    uint32_t eip, eflags;
};

/* Eight bytes of a table. */
static inline void put64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

struct host_step {
    pid_t child;
    uint8_t *shared;     /* SHARED_BYTES at SHARED */
    int signal;          /* of the last instruction; NO_SIGNAL: none */
    uint32_t hits;       /* of the last step: DR6 bits 0-3 */
    uint32_t watches[5]; /* DR0-DR3 and DR7 in force, all 0: none */
};

/* NULL, or why this host can not do it. */
const char *host_step_open(struct host_step *step);
/* One instruction; repeats: it traps after each iteration. after: EFLAGS arithmetic and DF only.
 * false: the kernel does not take these registers. */
bool host_step_run(struct host_step *step, const struct registers *before, bool repeats,
                   struct registers *after);
/* Data breakpoints for the steps that follow. false: the kernel refuses them. */
bool host_step_watch(struct host_step *step, const uint32_t dr[4], uint32_t dr7);
void host_step_close(struct host_step *step);
