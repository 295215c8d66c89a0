/* Does the journal of a step tell all that the step changed? Its writes, applied to memory and
 * registers as they were before, must give them as they are after.
 * SPDX-License-Identifier: MIT */
#include "tests/lockstep/journal_check.h"

#include <string.h>

void journal_check_begin(struct journal_check *check, struct machine *m)
{
    check->state = *m->api->save(m->cpu);
    memcpy(check->ram, m->ram, RAM_BYTES);
    check->transfers = m->transfers;
}

static bool in_ram(uint32_t physical)
{
    return physical < RAM_BYTES && (physical < HOLE_FIRST || physical >= HOLE_END);
}

static void put_bytes(struct journal_check *check, struct machine *m,
                      const struct journal_entry *entry)
{
    for (uint32_t i = 0; i < entry->size; i++) {
        uint32_t at = entry->physical + i;
        bool second = ((entry->address + i) ^ entry->address) & ~0xFFFu;
        if (second && entry->kind == JOURNAL_MEMORY_WRITE &&
            !cpu_peek_linear(m->cpu, entry->address + i, &at)) {
            continue;
        }
        if (in_ram(at)) {
            check->ram[at] = (uint8_t)(entry->value >> (8 * i));
        }
    }
}

static const char *check_registers(const uint32_t *was, const uint32_t *is)
{
    static const char *const wrong[] = {
        "journal: EAX",        "journal: ECX",       "journal: EDX",        "journal: EBX",
        "journal: ESP",        "journal: EBP",       "journal: ESI",        "journal: EDI",
        "journal: EIP",        "journal: EFLAGS",    "journal: CPL",        "journal: ES",
        "journal: CS",         "journal: SS",        "journal: DS",         "journal: FS",
        "journal: GS",         "journal: LDTR",      "journal: TR",         "journal: GDTR base",
        "journal: GDTR limit", "journal: IDTR base", "journal: IDTR limit", "journal: CR0",
        "journal: CR2",        "journal: CR3",       "journal: CR4"};
    for (uint32_t i = 0; i < JREG_COUNT; i++) {
        if (was[i] != is[i]) {
            return i >= JREG_FPU_CONTROL ? "journal: x87" : wrong[i];
        }
    }
    return NULL;
}

static void registers_of(const struct cpu_state *state, uint32_t *values)
{
    memcpy(values, state->gpr, 8 * sizeof *values);
    values[JREG_EIP] = state->eip;
    values[JREG_EFLAGS] = state->eflags;
    values[JREG_CPL] = state->cpl;
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        values[JREG_ES + i] = state->segments[i].selector;
    }
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
    for (uint32_t i = JREG_FPU_CONTROL; i < JREG_COUNT; i++) {
        values[i] = journal_fpu_register(&state->fpu, i);
    }
}

const char *journal_check_end(struct journal_check *check, struct machine *m)
{
    uint32_t was[JREG_COUNT], is[JREG_COUNT];
    const struct cpu_state *now = m->api->save(m->cpu);
    if (m->journal->dropped || m->transfers != check->transfers) {
        return NULL; /* told in part only; or a device wrote to RAM */
    }
    registers_of(&check->state, was);
    registers_of(now, is);
    for (uint32_t i = 0; i < m->journal->count; i++) {
        const struct journal_entry *entry = &m->journal->entries[i];
        if (entry->kind == JOURNAL_MEMORY_WRITE || entry->kind == JOURNAL_WALK_WRITE) {
            put_bytes(check, m, entry);
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail < JREG_COUNT) {
            /* EFLAGS and EIP have moved on before a delivery within the step notes them */
            bool moving = entry->detail == JREG_EFLAGS || entry->detail == JREG_EIP;
            if (!moving && was[entry->detail] != entry->previous) {
                return "journal: a previous value is wrong";
            }
            was[entry->detail] = entry->value;
        }
        if (entry->clock < check->state.clock) {
            return "journal: a clock before the step's begin";
        }
    }
    if (memcmp(check->ram, m->ram, RAM_BYTES) != 0) {
        return "journal: a memory write is missing";
    }
    return check_registers(was, is);
}
