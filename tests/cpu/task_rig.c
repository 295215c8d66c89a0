/* See task_rig.h. SPDX-License-Identifier: MIT */
#include "task_rig.h"

void put_task(struct fixture *f, uint32_t selector, uint32_t at, uint32_t cpl, uint32_t access)
{
    const uint32_t data = cpl ? SEL_DATA3 : SEL_DATA0;
    put_descriptor(f, DESC_AT(selector), at, TSS_LIMIT, access, 0);
    memset(f->ram + at, 0, TSS_LIMIT + 1);
    put32(f, at + TASK_ESP0, RING0_TOP);
    put32(f, at + TASK_ESP0 + 4, SEL_DATA0);
    put32(f, at + TASK_CR3, DIRECTORY_AT);
    put32(f, at + TASK_EIP, TASK_CODE);
    put32(f, at + TASK_EFLAGS, EFLAGS_ONE);
    for (uint32_t i = 0; i < 8; i++) {
        put32(f, at + TASK_EAX + 4 * i, 0xA0 + i);
    }
    put32(f, at + TASK_ESP, TASK_STACK);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        put32(f, at + TASK_ES + 4 * i, data);
    }
    put32(f, at + TASK_CS, cpl ? SEL_CODE3 : SEL_CODE0);
}

void put_second_task(struct fixture *f)
{
    put_task(f, SEL_TEST, TASK_TSS, 0, 0x89);
}

void put_task_gate(struct fixture *f, uint32_t vector, uint32_t tss, uint32_t dpl)
{
    put_gate(f, vector, tss, 0, 0x85u | ACC_DPL(dpl));
}
