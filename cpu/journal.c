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
