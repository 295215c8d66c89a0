/* The journal of the next step: do it for real with recording on, then put everything back.
 * RAM is put back from the journal's own record of each write; where that might be cut short
 * (a REP instruction that no deadline can split) from a copy of the touched pages.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_observe.h"
#include "devices/platform_map.h"
#include "emu/machine.h"
#include "emu/machine_priv.h"

#define INSTRUCTION_BYTES_MAX 15

/* Whether a REP or REPNE prefix stands before the next instruction. */
static bool next_is_repeated(struct machine *machine, const struct cpu_state *cpu)
{
    uint32_t linear = cpu->segments[SEG_CS].base + cpu->eip;

    for (uint32_t i = 0; i < INSTRUCTION_BYTES_MAX; i++) {
        uint8_t byte;

        if (!machine_read_linear(machine, linear + i, &byte, 1)) {
            return false;
        }
        switch (byte) {
        case 0xF2:
        case 0xF3:
            return true;
        case 0x26:
        case 0x2E:
        case 0x36:
        case 0x3E:
        case 0x64:
        case 0x65:
        case 0x66:
        case 0x67:
        case 0xF0:
            break;
        default:
            return false;
        }
    }
    return false;
}

/* Copy of all pages that may differ from zero. */
struct page_copies {
    uint8_t *bytes;  /* touched pages, one after the other */
    uint8_t *copied; /* per page: 1 = in bytes */
};

static bool pages_copy(struct machine *machine, struct page_copies *copies)
{
    const uint8_t *touched = machine_pages_touched(machine);
    size_t count = 0;

    for (uint32_t page = 0; page < machine->pages; page++) {
        count += touched[page];
    }
    copies->bytes = malloc(count * MACHINE_PAGE_BYTES + 1);
    copies->copied = malloc(machine->pages);
    if (!copies->bytes || !copies->copied) {
        free(copies->bytes);
        free(copies->copied);
        return false;
    }
    memcpy(copies->copied, touched, machine->pages);
    count = 0;
    for (uint32_t page = 0; page < machine->pages; page++) {
        if (touched[page]) {
            memcpy(copies->bytes + count++ * MACHINE_PAGE_BYTES,
                   machine->ram + (size_t)page * MACHINE_PAGE_BYTES, MACHINE_PAGE_BYTES);
        }
    }
    return true;
}

static void pages_put_back(struct machine *machine, struct page_copies *copies)
{
    size_t count = 0;

    for (uint32_t page = 0; page < machine->pages; page++) {
        if (copies->copied[page]) {
            machine_put_page(machine, page, copies->bytes + count++ * MACHINE_PAGE_BYTES);
        } else if (machine->page_written[page]) {
            machine_put_page(machine, page, NULL);
        }
    }
    free(copies->bytes);
    free(copies->copied);
}

static void writes_put_back(struct machine *machine, const struct journal *journal)
{
    for (uint32_t i = journal->count; i-- > 0;) {
        const struct journal_entry *entry = &journal->entries[i];

        if (entry->kind == JOURNAL_MEMORY_WRITE || entry->kind == JOURNAL_WALK_WRITE) {
            machine_write_physical(machine, entry->physical, &entry->previous, entry->size);
        }
    }
}

/* ---- registers that nobody has written an entry for ---- */

/* A REP instruction is charged in advance and refunded: nothing in it ends after itself. */
static void clamp_clocks(struct journal *journal, uint64_t end)
{
    for (uint32_t i = 0; i < journal->count; i++) {
        if (journal->entries[i].clock > end) {
            journal->entries[i].clock = end;
        }
    }
}

void machine_journal_next(struct machine *machine, struct journal *journal,
                          struct cpu_step_info *info, struct machine_state *after)
{
    struct cpu_step_info step = {0};
    struct page_copies copies = {0};
    struct machine_state *before = malloc(sizeof(*before));
    struct machine_disks disks;
    bool copied = false;

    journal->count = 0;
    journal->dropped = 0;
    if (!before) {
        return;
    }
    machine_settle(machine);
    *before = *machine_state(machine);
    machine_hold_disks(machine, &disks);
    if (machine->config.timing == TIMING_UNIT && next_is_repeated(machine, &before->cpu)) {
        copied = pages_copy(machine, &copies);
    }
    machine->muted = 1;
    cpu_mute_observer(machine->cpu, true);
    cpu_set_journal(machine->cpu, journal);
    machine_step_iteration(machine, &step);
    cpu_set_journal(machine->cpu, NULL);
    clamp_clocks(journal, machine_clock(machine));
    if (after) {
        *after = *machine_state(machine);
    }
    if (copied) {
        pages_put_back(machine, &copies);
    } else {
        writes_put_back(machine, journal);
    }
    machine_load_state(machine, before, NULL);
    machine_put_disks(machine, &disks);
    machine_release_disks(&disks);
    cpu_mute_observer(machine->cpu, false);
    machine->muted = 0;
    if (info) {
        *info = step;
    }
    free(before);
}
