/* A second task for tests: its TSS is SEL_TEST, its code HLT at TASK_CODE.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu_fixture.h"

#define TASK_TSS   0x40000u
#define TASK_CODE  0x10C00u
#define TASK_STACK 0x09000u /* its ESP */

enum task_field {
    TASK_LINK = 0x00,
    TASK_ESP0 = 0x04,
    TASK_CR3 = 0x1C,
    TASK_EIP = 0x20,
    TASK_EFLAGS = 0x24,
    TASK_EAX = 0x28,
    TASK_ESP = 0x38,
    TASK_EDI = 0x44,
    TASK_ES = 0x48,
    TASK_CS = 0x4C,
    TASK_SS = 0x50,
    TASK_DS = 0x54,
    TASK_GS = 0x5C,
    TASK_LDT = 0x60,
    TASK_TRAP = 0x64
};

/* A 386 TSS at `at` for code of level `cpl`. access: of its descriptor, 89h free, 8Bh busy. */
void put_task(struct fixture *f, uint32_t selector, uint32_t at, uint32_t cpl, uint32_t access);
/* The second task, free. */
void put_second_task(struct fixture *f);
/* A task gate to `tss` in the IDT. */
void put_task_gate(struct fixture *f, uint32_t vector, uint32_t tss, uint32_t dpl);
