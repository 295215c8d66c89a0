/* Linear to physical: the modelled TLB, the page walk, Accessed and Dirty bits, page faults.
 * A 4 MiB page (CR4.PSE) comes into the TLB by parts of 4 KiB, which INVLPG drops together.
 * A hit whose rights do not suffice walks again, as a processor
 * that drops the entry on a page fault does, so loosened rights need no INVLPG.
 * See: 80386 PRM 5.2, 5.3, 6.4; i486 PRM 5.3, 6.4.3.
 * SPDX-License-Identifier: MIT */

#include "cpu/cpu_priv.h"

#define ERROR_CODE_PRESENT  1u
#define ERROR_CODE_RESERVED 8u

static void note_tlb(struct cpu *cpu, uint32_t kind, uint32_t linear, uint32_t physical)
{
    if (UNLIKELY(cpu->journal)) {
        struct journal_entry entry = {.kind = kind, .address = linear, .value = physical};
        journal_add(cpu, &entry);
    }
}

static void note_walk(struct cpu *cpu, uint32_t kind, uint32_t level, uint32_t physical,
                      uint32_t previous, uint32_t value)
{
    if (UNLIKELY(cpu->watch & WATCH_OBSERVED) && kind == JOURNAL_WALK_READ) {
        observe_walk(cpu, physical, 0, value, 0);
    }
    if (UNLIKELY(cpu->journal)) {
        struct journal_entry entry = {.kind = kind,
                                      .detail = level,
                                      .address = physical,
                                      .physical = physical,
                                      .value = value,
                                      .previous = previous,
                                      .size = 4,
                                      .system = 1};
        journal_add(cpu, &entry);
    }
}

static struct translation fault(struct cpu *cpu, uint32_t path, uint32_t present, uint32_t access,
                                uint32_t linear)
{
    const uint32_t code = page_fault_code(present, access);
    struct translation result = {0, trap_raise_page(cpu, path, code, linear)};
    return result;
}

/* Which right is missing for this access; rights: TLB_WRITABLE, TLB_USER of both levels. */
static uint32_t missing_right(const struct cpu *cpu, uint32_t rights, uint32_t access)
{
    if (access & ACCESS_USER) {
        if (!(rights & TLB_USER)) {
            return PATH_pf_user_supervisor;
        }
        if ((access & ACCESS_WRITE) && !(rights & TLB_WRITABLE)) {
            return PATH_pf_user_write;
        }
        return PATH_NONE;
    }
    if ((access & ACCESS_WRITE) && !(rights & TLB_WRITABLE) && (cpu->state.cr0 & CR0_WP)) {
        return PATH_pf_supervisor_write;
    }
    return PATH_NONE;
}

static void set_bits(struct cpu *cpu, uint32_t level, uint32_t physical, uint32_t entry,
                     uint32_t bits)
{
    if ((entry & bits) == bits) {
        return;
    }
    charge(cpu, cpu->timing->walk_write);
    note_walk(cpu, JOURNAL_WALK_WRITE, level, physical, entry, entry | bits);
    write_physical(cpu, physical, 4, entry | bits);
    if (UNLIKELY(cpu->watch & WATCH_OBSERVED)) {
        observe_walk(cpu, physical, entry, entry | bits, 1);
    }
}

/* A directory entry that is a page of 4 MiB itself. */
static struct translation walk_large(struct cpu *cpu, uint32_t pde_at, uint32_t pde,
                                     uint32_t linear, uint32_t access, struct tlb_entry_state *slot)
{
    if (pde & LARGE_PAGE_RESERVED) {
        return fault(cpu, PATH_pf_reserved, ERROR_CODE_PRESENT | ERROR_CODE_RESERVED, access,
                     linear);
    }
    const uint32_t missing = missing_right(cpu, pde, access);
    if (missing) {
        return fault(cpu, missing, ERROR_CODE_PRESENT, access, linear);
    }
    const uint32_t dirty = access & ACCESS_WRITE ? PAGE_DIRTY : 0;
    const uint32_t part = large_page_part(pde, linear);
    set_bits(cpu, 1, pde_at, pde, PAGE_ACCESSED | dirty);
    slot->linear = (linear & PAGE_MASK) | TLB_VALID;
    slot->physical = ((part | dirty) & tlb_kept_bits(cpu)) | TLB_LARGE;
    cpu->large_filled = 1;
    const struct translation result = {
        ((part & PAGE_MASK) | (linear & ~PAGE_MASK)) & cpu->state.a20_mask, PATH_NONE};
    return result;
}

/* Read both levels, check, set A and D, fill *slot. Nothing is written on a fault. */
static struct translation walk(struct cpu *cpu, uint32_t linear, uint32_t access,
                               struct tlb_entry_state *slot)
{
    uint32_t pde_at = ((cpu->state.cr3 & PAGE_MASK) + (linear >> 22) * 4) & cpu->state.a20_mask;
    charge(cpu, cpu->timing->tlb_miss);
    uint32_t pde = read_physical(cpu, pde_at, 4);
    note_walk(cpu, JOURNAL_WALK_READ, 1, pde_at, 0, pde);
    if (!(pde & PAGE_PRESENT)) {
        return fault(cpu, PATH_pf_not_present_directory, 0, access, linear);
    }
    if (is_large_page(cpu, pde)) {
        return walk_large(cpu, pde_at, pde, linear, access, slot);
    }

    uint32_t pte_at = ((pde & PAGE_MASK) + ((linear >> 12) & 0x3FF) * 4) & cpu->state.a20_mask;
    uint32_t pte = read_physical(cpu, pte_at, 4);
    note_walk(cpu, JOURNAL_WALK_READ, 2, pte_at, 0, pte);
    if (!(pte & PAGE_PRESENT)) {
        return fault(cpu, PATH_pf_not_present_table, 0, access, linear);
    }

    uint32_t rights = pde & pte & (TLB_WRITABLE | TLB_USER);
    uint32_t missing = missing_right(cpu, rights, access);
    if (missing) {
        return fault(cpu, missing, ERROR_CODE_PRESENT, access, linear);
    }

    uint32_t dirty = access & ACCESS_WRITE ? PAGE_DIRTY : 0;
    set_bits(cpu, 1, pde_at, pde, PAGE_ACCESSED);
    /* a table that maps itself may have been changed by the line above */
    set_bits(cpu, 2, pte_at, pte_at == pde_at ? pde | PAGE_ACCESSED : pte, PAGE_ACCESSED | dirty);
    slot->linear = (linear & PAGE_MASK) | TLB_VALID;
    slot->physical = (pte & tlb_kept_bits(cpu) & ~(TLB_WRITABLE | TLB_USER)) | rights | dirty;
    struct translation result = {((pte & PAGE_MASK) | (linear & ~PAGE_MASK)) & cpu->state.a20_mask,
                                 PATH_NONE};
    return result;
}

_Static_assert(TLB_WRITABLE == PAGE_WRITABLE && TLB_USER == PAGE_USER && TLB_DIRTY == PAGE_DIRTY,
               "rights are taken over as they stand");

static void drop_data_mirror(struct cpu *cpu, uint32_t index)
{
    for (uint32_t user = 0; user < 2; user++) {
        cpu->data_mirrors[user][index].read_tag = MIRROR_INVALID;
        cpu->data_mirrors[user][index].write_tag = MIRROR_INVALID;
    }
}

void tlb_drop_data(struct cpu *cpu, uint32_t index)
{
    drop_data_mirror(cpu, index);
    cpu->state.tlb_data[index].linear = 0;
    cpu->state.tlb_data[index].physical = 0;
}

static void drop_fetch_mirror(struct cpu *cpu, uint32_t index)
{
    cpu->fetch_mirrors[0][index].tag = MIRROR_INVALID;
    cpu->fetch_mirrors[1][index].tag = MIRROR_INVALID;
}

struct translation translate_data(struct cpu *cpu, uint32_t linear, uint32_t access)
{
    if (!(cpu->state.cr0 & CR0_PG)) {
        struct translation same = {linear & cpu->state.a20_mask, PATH_NONE};
        return same;
    }
    uint32_t index = tlb_data_index(linear);
    struct tlb_entry_state *slot = &cpu->state.tlb_data[index];
    if (slot->linear == ((linear & PAGE_MASK) | TLB_VALID) &&
        !missing_right(cpu, slot->physical, access) &&
        (!(access & ACCESS_WRITE) || (slot->physical & TLB_DIRTY))) {
        uint32_t physical =
            ((slot->physical & PAGE_MASK) | (linear & ~PAGE_MASK)) & cpu->state.a20_mask;
        note_tlb(cpu, JOURNAL_TLB_HIT, linear, physical);
        struct translation hit = {physical, PATH_NONE};
        return hit;
    }
    note_tlb(cpu, JOURNAL_TLB_MISS, linear, 0);
    tlb_drop_data(cpu, index);
    return walk(cpu, linear, access, slot);
}

struct translation translate_fetch(struct cpu *cpu, uint32_t linear)
{
    if (!(cpu->state.cr0 & CR0_PG)) {
        struct translation same = {linear & cpu->state.a20_mask, PATH_NONE};
        return same;
    }
    uint32_t access = cpu->state.cpl == 3 ? ACCESS_USER : 0;
    uint32_t index = tlb_instruction_index(linear);
    struct tlb_entry_state *slot = &cpu->state.tlb_instruction[index];
    if (slot->linear == ((linear & PAGE_MASK) | TLB_VALID) &&
        !missing_right(cpu, slot->physical, access)) {
        uint32_t physical =
            ((slot->physical & PAGE_MASK) | (linear & ~PAGE_MASK)) & cpu->state.a20_mask;
        note_tlb(cpu, JOURNAL_TLB_HIT, linear, physical);
        struct translation hit = {physical, PATH_NONE};
        return hit;
    }
    note_tlb(cpu, JOURNAL_TLB_MISS, linear, 0);
    drop_fetch_mirror(cpu, index);
    slot->linear = 0;
    slot->physical = 0;
    return walk(cpu, linear, access, slot);
}

void mirrors_drop(struct cpu *cpu)
{
    if (cpu->data_filled) {
        for (uint32_t index = 0; index < TLB_DATA_ENTRIES; index++) {
            drop_data_mirror(cpu, index);
        }
        cpu->data_filled = 0;
    }
    if (cpu->fetch_filled) {
        for (uint32_t index = 0; index < TLB_INSTRUCTION_ENTRIES; index++) {
            drop_fetch_mirror(cpu, index);
        }
        cpu->fetch_filled = 0;
    }
}

void tlb_flush(struct cpu *cpu)
{
    memset(cpu->state.tlb_data, 0, sizeof cpu->state.tlb_data);
    memset(cpu->state.tlb_instruction, 0, sizeof cpu->state.tlb_instruction);
    cpu->large_filled = 0;
    mirrors_drop(cpu);
}

/* Global ones stay. */
static void drop_local(struct tlb_entry_state *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!(entries[i].physical & TLB_GLOBAL)) {
            entries[i].linear = 0;
            entries[i].physical = 0;
        }
    }
}

void tlb_flush_local(struct cpu *cpu)
{
    if (!(cpu->state.cr4 & CR4_PGE)) {
        tlb_flush(cpu);
        return;
    }
    drop_local(cpu->state.tlb_data, TLB_DATA_ENTRIES);
    drop_local(cpu->state.tlb_instruction, TLB_INSTRUCTION_ENTRIES);
    mirrors_drop(cpu);
}

/* All parts of the 4 MiB page that has `linear`. */
static bool drop_large(struct tlb_entry_state *entries, uint32_t count, uint32_t linear)
{
    bool found = false;
    for (uint32_t i = 0; i < count; i++) {
        if ((entries[i].physical & TLB_LARGE) && entries[i].linear >> 22 == linear >> 22) {
            entries[i].linear = 0;
            entries[i].physical = 0;
            found = true;
        }
    }
    return found;
}

/* INVLPG drops all of a 4 MiB page. */
static COLD bool flush_large(struct cpu *cpu, uint32_t linear)
{
    const bool data_found = drop_large(cpu->state.tlb_data, TLB_DATA_ENTRIES, linear);
    const bool code_found = drop_large(cpu->state.tlb_instruction, TLB_INSTRUCTION_ENTRIES, linear);
    if (data_found || code_found) {
        mirrors_drop(cpu);
    }
    return data_found || code_found;
}

bool tlb_flush_page(struct cpu *cpu, uint32_t linear)
{
    const uint32_t tag = (linear & PAGE_MASK) | TLB_VALID;
    const uint32_t data = tlb_data_index(linear), instruction = tlb_instruction_index(linear);
    bool found = UNLIKELY(cpu->large_filled) && flush_large(cpu, linear);
    if (cpu->state.tlb_data[data].linear == tag) {
        tlb_drop_data(cpu, data);
    }
    if (cpu->state.tlb_instruction[instruction].linear == tag) {
        memset(&cpu->state.tlb_instruction[instruction], 0,
               sizeof cpu->state.tlb_instruction[instruction]);
        drop_fetch_mirror(cpu, instruction);
        found = true;
    }
    return found;
}
