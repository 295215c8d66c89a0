/* Decoded blocks: how they are found on the fast path.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_priv.h"

/* The head that unknown links point to: no budget can pay its clocks. */
extern const union uop_slot unresolved_block;
#define UNRESOLVED_CLOCKS 0x7FFFFFFFu
/* Longest stretch one budget covers, clocks; smaller than UNRESOLVED_CLOCKS. */
#define SLICE_CLOCKS 0x40000000u

INLINE uint32_t block_hash_index(uint32_t physical, uint32_t key)
{
    return (physical ^ (physical >> 11) ^ (key << 6)) % BLOCK_HASH_ENTRIES;
}
#define BLOCK_KEY_EMPTY 0xFFFFFFFFu

/* The decoded block that begins at `physical` for the present mode, or NULL. */
INLINE const union uop_slot *block_lookup(const struct cpu *cpu, uint32_t physical, uint32_t key)
{
    const struct block_entry *entry = &cpu->block_hash[block_hash_index(physical, key)];
    return LIKELY(entry->physical == physical && entry->key == key) ? entry->head : NULL;
}

/* The block at this EIP, if fetch mirror and hash table know it: nothing to charge or note. */
INLINE const union uop_slot *block_at_linear(const struct cpu *cpu, uint32_t linear)
{
    const struct fetch_mirror *mirror = &cpu->fetch[tlb_instruction_index(linear)];
    if (UNLIKELY(mirror->tag != (linear & PAGE_MASK))) {
        return NULL;
    }
    return block_lookup(cpu, mirror->physical | (linear & ~PAGE_MASK), cpu->key);
}
INLINE const union uop_slot *block_at(const struct cpu *cpu, uint32_t eip)
{
    return block_at_linear(cpu, cpu->state.segments[SEG_CS].base + eip);
}

/* Find or build, for an address that has been translated; NULL if it must be decoded each time. */
const union uop_slot *block_kept(struct cpu *cpu, uint32_t linear, uint32_t physical, uint32_t key);

/* Micro-ops [first, end) of a block are all it has: those whose flags nobody can see are made to
 * set none. unflagged.c */
void flags_drop_unread(union uop_slot *slots, uint32_t first, uint32_t end);

/* May this pair of neighbours run as one handler? NULL, or the handler for the first of them. */
handler *fused_handler(uint16_t first_id, uint16_t second_id);
/* The same where the first is a flat variant. */
handler *fused_handler_flat(uint16_t first_id, uint16_t second_id);

/* True if `linear` is one of the breakpoints. */
bool is_breakpoint(const struct cpu *cpu, uint32_t linear);
/* True if any of the observer's places has the same offset in its page. */
bool place_near(const struct cpu *cpu, uint32_t linear);
/* True if any breakpoint has the same offset in its page. */
bool breakpoint_near(const struct cpu *cpu, uint32_t linear);
const struct uop *uop_breakpoint(struct cpu *cpu, const struct uop *uop);
