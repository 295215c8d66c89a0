/* Writing the journal. Nothing here changes the machine; with no journal set it costs a test.
 * SPDX-License-Identifier: MIT */
#include "cpu/cpu_priv.h"

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
