/* The processor as a part: memory layout, reset, save and load, what follows from a mode.
 * See: 80386 PRM 10.1 (state after reset).
 * SPDX-License-Identifier: MIT */

#include "cpu/block.h"
#include "cpu/fpu_stack.h"
#include "cpu/timing.h"

#define ARENA_SLOTS 262144u

static size_t round_up(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

size_t cpu_bytes(uint32_t ram_bytes)
{
    size_t pages = ram_bytes / PAGE_BYTES;
    return round_up(sizeof(struct cpu)) + 2 * round_up(pages * sizeof(uint32_t)) + round_up(pages) +
           ARENA_SLOTS * sizeof(union uop_slot);
}

struct cpu *cpu_init(void *memory, const struct cpu_config *config, const struct cpu_bus *bus)
{
    struct cpu *cpu = memory;
    uint8_t *at = (uint8_t *)memory + round_up(sizeof(struct cpu));
    cpu->config = *config;
    cpu->bus = *bus;
    cpu->timing = &timing_models[config->timing];
    cpu->ram_pages = bus->ram_bytes / PAGE_BYTES;
    cpu->page_blocks = (uint32_t *)(void *)at;
    at += round_up(cpu->ram_pages * sizeof(uint32_t));
    cpu->page_chunks = (uint32_t *)(void *)at;
    at += round_up(cpu->ram_pages * sizeof(uint32_t));
    cpu->page_drops = at;
    at += round_up(cpu->ram_pages);
    cpu->arena = (union uop_slot *)(void *)at;
    cpu->arena_slots = ARENA_SLOTS;
    cpu->arena_used = 1;
    cpu->data_filled = 1; /* zeroed memory is not a dropped mirror */
    cpu->fetch_filled = 1;
    blocks_drop_all(cpu);
    cpu_reset(cpu);
    return cpu;
}

static void reset_segments(struct cpu_state *state)
{
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        struct segment_state data = {.limit = 0xFFFF,
                                     .attributes = ATTR_PRESENT | ATTR_SEGMENT | ATTR_WRITABLE |
                                                   ATTR_ACCESSED,
                                     .usable = 1};
        state->segments[i] = data;
    }
    state->segments[SEG_CS].selector = 0xF000;
    state->segments[SEG_CS].base = 0xFFFF0000;
    state->segments[SEG_CS].attributes |= ATTR_CODE;
    struct segment_state ldtr = {.limit = 0xFFFF, .attributes = ATTR_PRESENT | 0x02};
    struct segment_state tr = {.limit = 0xFFFF, .attributes = ATTR_PRESENT | 0x0B};
    state->ldtr = ldtr;
    state->tr = tr;
}

void cpu_reset(struct cpu *cpu)
{
    static const uint32_t signature[] = {
        [CPU_I386] = 0x0308, [CPU_I486] = 0x0404, [CPU_I586] = 0x0513, [CPU_I686] = 0x0617};
    struct cpu_state fresh = {.eip = 0xFFF0,
                              .eflags = EFLAGS_ONE,
                              .idtr = {.base = 0, .limit = 0x3FF},
                              .a20_mask = cpu->state.a20_mask ? cpu->state.a20_mask : 0xFFFFFFFFu,
                              .interrupt_line = cpu->state.interrupt_line,
                              .clock = cpu->state.clock,
                              .time_stamp = cpu->config.time_stamp,
                              .instructions = cpu->state.instructions,
                              .deliveries = cpu->state.deliveries};
    memcpy(fresh.delivered, cpu->state.delivered, sizeof fresh.delivered);
    memcpy(fresh.vectors, cpu->state.vectors, sizeof fresh.vectors);
    fresh.gpr[REG_EDX] = signature[cpu->config.level];
    fresh.cr0 = cpu->config.level == CPU_I386 ? 0 : CR0_CD | CR0_NW | CR0_ET;
    fresh.dr[6] = 0xFFFF0FF0;
    fresh.dr[7] = cpu->config.level == CPU_I386 ? 0 : 0x400;
    fresh.gdtr.limit = 0xFFFF;
    reset_segments(&fresh);
    fpu_initialize(&fresh.fpu); /* as after the built-in self-test */
    cpu_load(cpu, &fresh);
}

/* ---- what follows from the state ---- */

void segment_changed(struct cpu *cpu, enum segment segment)
{
    const struct segment_state *seg = &cpu->state.segments[segment];
    segment_cache_fill(cpu, segment, seg->base, seg->limit, seg->attributes, seg->usable);
}

static void all_segments_changed(struct cpu *cpu)
{
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        segment_changed(cpu, i);
    }
}

static void table_changed(struct cpu *cpu, const struct table_state *table,
                          struct table_cache *cache)
{
    const uint32_t in_page = PAGE_BYTES - (table->base & ~PAGE_MASK);
    const uint32_t bytes = table->limit + 1 < in_page ? table->limit + 1 : in_page;
    cache->base = table->base;
    cache->mirror = &cpu->data_mirrors[0][tlb_data_index(table->base)];
    cache->tag = table->base & PAGE_MASK;
    cache->reach = table->base & 3 ? 0 : bytes & ~7u;
}

void tables_changed(struct cpu *cpu)
{
    table_changed(cpu, &cpu->state.gdtr, &cpu->gdt);
    table_changed(cpu, &cpu->state.idtr, &cpu->idt);
}

static uint32_t key_of(const struct cpu_state *state)
{
    const struct segment_state *cs = &state->segments[SEG_CS];
    uint32_t key = state->cpl << 4;
    key |= cs->attributes & ATTR_BIG ? BLOCK_KEY_CODE32 : 0;
    key |= state->segments[SEG_SS].attributes & ATTR_BIG ? BLOCK_KEY_STACK32 : 0;
    key |= state->cr0 & CR0_PE ? BLOCK_KEY_PE : 0;
    key |= state->eflags & EFLAGS_VM ? BLOCK_KEY_VM : 0;
    key |= !(cs->attributes & ATTR_BIG) && cs->limit > 0xFFFF ? BLOCK_KEY_ODD : 0;
    return key;
}

/* Where the code segment ends inside a page, that page's blocks are others' (their segments may
 * reach further): it is not to be found in the mirror, so nothing enters them there. */
static void odd_page_settle(struct cpu *cpu)
{
    const struct segment_state *cs = &cpu->state.segments[SEG_CS];
    const uint32_t last = cs->base + cs->limit;
    cpu->odd_page = (last + 1) & ~PAGE_MASK ? last & PAGE_MASK : MIRROR_INVALID;
    if (cpu->odd_page != MIRROR_INVALID) {
        const uint32_t index = tlb_instruction_index(cpu->odd_page);
        cpu->fetch_mirrors[0][index].tag = MIRROR_INVALID;
        cpu->fetch_mirrors[1][index].tag = MIRROR_INVALID;
    }
}

void mode_settle(struct cpu *cpu)
{
    cpu->mode_stale = 0;
    const struct cpu_state *state = &cpu->state;
    uint32_t user = state->cpl == 3;
    uint32_t mapping = state->cr0 & (CR0_PG | CR0_WP);
    uint32_t rights_mode = (state->cr0 & CR0_PE) | (state->eflags & EFLAGS_VM);
    if (rights_mode != cpu->rights_mode) {
        cpu->rights_mode = rights_mode;
        all_segments_changed(cpu);
    }
    cpu->cs_limit = state->segments[SEG_CS].limit;
    cpu->key = key_of(state) | key_of_segments(cpu);
    cpu->mirror = cpu->data_mirrors[user];
    cpu->fetch = cpu->fetch_mirrors[user];
    odd_page_settle(cpu);
    if (mapping != cpu->mapping) {
        cpu->mapping = mapping;
        mirrors_drop(cpu);
    }
}

/* ---- save and load ---- */

const struct cpu_state *cpu_save(struct cpu *cpu)
{
    cpu->state.eflags = (cpu->state.eflags & ~EFLAGS_ARITHMETIC) | flags_get(&cpu->flags);
    return &cpu->state;
}

void cpu_load(struct cpu *cpu, const struct cpu_state *state)
{
    cpu->state = *state;
    flags_put(&cpu->flags, state->eflags);
    cpu->faulted = 0;
    cpu->leave = 0;
    cpu->task_switched = 0;
    cpu->large_filled = 1;
    mirrors_drop(cpu);
    all_segments_changed(cpu);
    tables_changed(cpu);
    mode_settle(cpu);
    watch_changed(cpu);
}

uint64_t cpu_clock(const struct cpu *cpu)
{
    return cpu->in_slice ? clock_in(cpu, cpu->uop) : cpu->state.clock;
}

/* ---- from outside ---- */

void cpu_set_interrupt_line(struct cpu *cpu, uint32_t level)
{
    if (cpu->state.interrupt_line != level) {
        cpu->state.interrupt_line = level;
        cpu->leave |= cpu->executing ? LEAVE_EVENT : 0;
    }
}

void cpu_set_ignore_errors(struct cpu *cpu, uint32_t level)
{
    cpu->state.fpu.ignore_errors = level != 0;
}

void cpu_raise_nmi(struct cpu *cpu)
{
    cpu->state.nmi_pending = 1;
    cpu->leave |= cpu->executing ? LEAVE_EVENT : 0;
}

void cpu_set_a20(struct cpu *cpu, uint32_t enabled)
{
    uint32_t mask = enabled ? 0xFFFFFFFFu : 0xFFEFFFFFu;
    if (mask != cpu->state.a20_mask) {
        cpu->state.a20_mask = mask;
        mirrors_drop(cpu);
        cpu->leave |= cpu->executing ? LEAVE_EVENT : 0;
    }
}

void cpu_request_stop(struct cpu *cpu)
{
    cpu->leave |= LEAVE_STOP;
}

void cpu_ram_written(struct cpu *cpu, uint32_t physical, uint32_t bytes)
{
    if (cpu->bus.page_written && bytes) {
        uint32_t last = (physical + bytes - 1) / PAGE_BYTES;
        for (uint32_t page = physical / PAGE_BYTES; page <= last && page < cpu->ram_pages; page++) {
            cpu->bus.page_written[page] = 1;
        }
    }
    blocks_written(cpu, physical, bytes);
}

void cpu_watch_writes(struct cpu *cpu)
{
    for (uint32_t i = 0; i < TLB_DATA_ENTRIES; i++) {
        cpu->data_mirrors[0][i].write_tag = MIRROR_INVALID;
        cpu->data_mirrors[1][i].write_tag = MIRROR_INVALID;
    }
}

void cpu_drop_caches(struct cpu *cpu)
{
    blocks_drop_all(cpu);
    mirrors_drop(cpu);
}

bool cpu_peek_linear(const struct cpu *cpu, uint32_t linear, uint32_t *physical)
{
    const struct cpu_state *state = &cpu->state;
    if (!(state->cr0 & CR0_PG)) {
        *physical = linear & state->a20_mask;
        return true;
    }
    const struct tlb_entry_state *slot = &state->tlb_data[tlb_data_index(linear)];
    uint32_t frame = slot->physical;
    if (slot->linear != ((linear & PAGE_MASK) | TLB_VALID)) {
        uint32_t pde, pte;
        uint32_t pde_at = ((state->cr3 & PAGE_MASK) + (linear >> 22) * 4) & state->a20_mask;
        if (!is_ram(cpu, pde_at)) {
            return false;
        }
        memcpy(&pde, cpu->bus.ram + pde_at, 4);
        uint32_t pte_at = ((pde & PAGE_MASK) + ((linear >> 12) & 0x3FF) * 4) & state->a20_mask;
        const bool large = is_large_page(cpu, pde);
        if (!(pde & 1) || (!large && !is_ram(cpu, pte_at))) {
            return false;
        }
        pte = large_page_part(pde, linear);
        if (!large) {
            memcpy(&pte, cpu->bus.ram + pte_at, 4);
        }
        if (!(pte & 1)) {
            return false;
        }
        frame = pte;
    }
    *physical = ((frame & PAGE_MASK) | (linear & ~PAGE_MASK)) & state->a20_mask;
    return true;
}

void cpu_set_journal(struct cpu *cpu, struct journal *journal)
{
    cpu->journal = journal;
}

/* ---- breakpoints ---- */

void cpu_set_breakpoints(struct cpu *cpu, const uint32_t *linear, uint32_t count)
{
    cpu->breakpoints = linear;
    cpu->breakpoint_count = count;
    blocks_drop_all(cpu);
}

bool is_breakpoint(const struct cpu *cpu, uint32_t linear)
{
    uint32_t low = 0, high = cpu->breakpoint_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (cpu->breakpoints[middle] == linear) {
            return true;
        }
        if (cpu->breakpoints[middle] < linear) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool breakpoint_near(const struct cpu *cpu, uint32_t linear)
{
    for (uint32_t i = 0; i < cpu->breakpoint_count; i++) {
        if (!((cpu->breakpoints[i] ^ linear) & ~PAGE_MASK)) {
            return true;
        }
    }
    return false;
}
