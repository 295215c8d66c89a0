/* Writing the journal. Nothing here changes the machine; with no journal set it costs a test.
 * SPDX-License-Identifier: MIT */
#include "cpu/eflags.h"

/* Entries without a clock are stamped with the present one. */
void journal_add(struct cpu *cpu, const struct journal_entry *entry)
{
    struct journal *journal = cpu->journal;
    if (LIKELY(!journal)) {
        return;
    }
    if (journal->count >= JOURNAL_CAPACITY) {
        journal->dropped++;
        return;
    }
    struct journal_entry *added = &journal->entries[journal->count++];
    *added = *entry;
    if (!added->clock) {
        added->clock = cpu->deadline - (uint64_t)cpu->budget;
    }
    /* an instruction that faults has been given its static clocks back in between */
    if (journal->count > 1 && added->clock < added[-1].clock) {
        added->clock = added[-1].clock;
    }
}

void journal_note_register(struct cpu *cpu, uint32_t reg, uint32_t previous, uint32_t value)
{
    if (previous != value) {
        const struct journal_entry entry = {
            .kind = JOURNAL_REGISTER, .detail = reg, .value = value, .previous = previous};
        journal_add(cpu, &entry);
    }
}

void journal_note_step(struct cpu *cpu, uint32_t kind, uint32_t detail, uint32_t value)
{
    const struct journal_entry entry = {.kind = kind, .detail = detail, .value = value};
    journal_add(cpu, &entry);
}

uint32_t journal_fpu_register(const struct fpu_state *fpu, uint32_t reg)
{
    const uint32_t words[] = {
        fpu->control,     fpu->status,        fpu->occupied,
        fpu->opcode,      fpu->code_offset,   fpu->code_selector,
        fpu->data_offset, fpu->data_selector, fpu->error_line | (uint32_t)fpu->ignore_errors << 1};
    if (reg < JREG_FPU_REGISTERS) {
        return words[reg - JREG_FPU_CONTROL];
    }
    const uint32_t number = (reg - JREG_FPU_REGISTERS) / 3;
    switch ((reg - JREG_FPU_REGISTERS) % 3) {
    case 0:
        return (uint32_t)fpu->significand[number];
    case 1:
        return (uint32_t)(fpu->significand[number] >> 32);
    default:
        return fpu->sign_exponent[number];
    }
}

static void put_fpu_value(struct fpu_state *fpu, uint32_t index, uint32_t value)
{
    uint64_t *significand = &fpu->significand[index / 3];
    switch (index % 3) {
    case 0:
        *significand = (*significand & UINT64_C(0xFFFFFFFF00000000)) | value;
        break;
    case 1:
        *significand = (uint32_t)*significand | (uint64_t)value << 32;
        break;
    default:
        fpu->sign_exponent[index / 3] = (uint16_t)value;
        break;
    }
}

void journal_put_fpu_register(struct fpu_state *fpu, uint32_t reg, uint32_t value)
{
    uint16_t *const words[] = {
        &fpu->control,       &fpu->status, &fpu->occupied,      &fpu->opcode, NULL,
        &fpu->code_selector, NULL,         &fpu->data_selector, NULL};
    if (reg >= JREG_FPU_REGISTERS) {
        put_fpu_value(fpu, reg - JREG_FPU_REGISTERS, value);
    } else if (reg == JREG_FPU_CODE) {
        fpu->code_offset = value;
    } else if (reg == JREG_FPU_DATA) {
        fpu->data_offset = value;
    } else if (reg == JREG_FPU_PINS) {
        fpu->error_line = value & 1;
        fpu->ignore_errors = value >> 1 & 1;
    } else {
        *words[reg - JREG_FPU_CONTROL] = (uint16_t)value;
    }
}

void journal_registers(const struct cpu *cpu, uint32_t values[JREG_COUNT])
{
    const struct cpu_state *state = &cpu->state;
    for (uint32_t i = 0; i <= JREG_EDI - JREG_EAX; i++) {
        values[JREG_EAX + i] = state->gpr[i];
    }
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        values[JREG_ES + i] = state->segments[i].selector;
    }
    values[JREG_EIP] = state->eip;
    values[JREG_EFLAGS] = eflags_read(cpu);
    values[JREG_CPL] = state->cpl;
    values[JREG_LDTR] = state->ldtr.selector;
    values[JREG_TR] = state->tr.selector;
    values[JREG_GDTR_BASE] = state->gdtr.base;
    values[JREG_GDTR_LIMIT] = state->gdtr.limit;
    values[JREG_IDTR_BASE] = state->idtr.base;
    values[JREG_IDTR_LIMIT] = state->idtr.limit;
    values[JREG_CR0] = state->cr0;
    values[JREG_CR2] = state->cr2;
    values[JREG_CR3] = state->cr3;
    values[JREG_CR4] = state->cr4;
    for (uint32_t reg = JREG_FPU_CONTROL; reg < JREG_COUNT; reg++) {
        values[reg] = journal_fpu_register(&state->fpu, reg);
    }
}

void journal_differences(struct cpu *cpu, uint32_t first, uint32_t values[JREG_COUNT])
{
    uint32_t after[JREG_COUNT];
    journal_registers(cpu, after);
    for (uint32_t i = first; i < cpu->journal->count; i++) {
        const struct journal_entry *entry = &cpu->journal->entries[i];
        if (entry->kind == JOURNAL_REGISTER) {
            values[entry->detail] = entry->value;
        }
    }
    for (uint32_t reg = 0; reg < JREG_COUNT; reg++) {
        journal_register(cpu, reg, values[reg], after[reg]);
    }
}
