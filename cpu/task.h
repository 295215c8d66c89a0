/* Hardware tasks: from one task state segment to another, by JMP, CALL, IRET, an interrupt or
 * exception through a task gate.
 *
 *   look    the new TSS (present, free or busy, long enough), every byte that will be touched
 *   commit  old registers saved, busy bits, back link, TR, CR0.TS, CR3, new registers
 *   load    LDT, code, stack, data segments, each with its checks; EIP; the error code
 *
 * A fault while looking is the old task's, with nothing changed. One after the commit is the new
 * task's, before its first instruction: cpu->task_switched is then 1 and state.eip is the new one.
 * See: 80386 PRM 7 (table 7-1), 17 pages CALL, JMP, IRET, INT; 14.5.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/segment.h"
#include "cpu/timing.h"

struct task_switch {
    struct segment_load tss; /* the new one, found by one of the task_find functions */
    uint32_t cause;          /* enum timing_task_cause */
    uint32_t via_gate;       /* 1: through a task gate */
    uint32_t ext;            /* bit 0 of error codes */
    uint32_t eip;            /* to be saved in the old TSS */
    uint32_t eflags;         /* likewise */
    uint32_t has_error;      /* 1: push error_code on the new stack */
    uint32_t error_code;     /* as pushed */
    uint32_t clocks;         /* out: the term ts */
};

/* The TSS of a JMP or CALL; task->tss holds the descriptor of the selector. DPL is checked. */
uint32_t task_find_direct(struct cpu *cpu, struct task_switch *task, uint32_t selector);
/* The TSS that a task gate names; the gate itself has been checked. */
uint32_t task_find_by_gate(struct cpu *cpu, struct task_switch *task, uint32_t selector);
/* The TSS that the back link of the current one names: IRET with NT set. */
uint32_t task_find_by_link(struct cpu *cpu, struct task_switch *task);
/* Go there. returns PATH_NONE or the path of a fault raised, see above. */
uint32_t task_switch(struct cpu *cpu, struct task_switch *task);
