/* The everyday case of loading a segment register and of a ring change, in short: flat 32-bit
 * segments, present and accessed already, in a mode that is flat and stays so; tables, TSS and
 * stack in pages that the mirrors know. Each looks at everything first and changes nothing unless
 * all of it is the simple case; for the rest the long way is asked, which is the description
 * (segment.c, deliver.c, far_return.c). Nothing is remembered: memory and registers are looked at
 * each time.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/segment.h"

/* The halves of a flat descriptor: base 0, limit FFFFFh pages, present, accessed. The mask leaves
 * DPL and AVL open, and D/B where a data segment is not for the stack. */
#define FLAT_LOW       0x0000FFFFu
#define FLAT_HIGH_MASK 0xFFCF9FFFu
#define FLAT_HIGH_CODE 0x00CF9B00u /* readable, not conforming, 32-bit */
#define FLAT_HIGH_DATA 0x00CF9300u /* writable, grows up, 32-bit */
#define HIGH_BIG       0x00400000u

/* The high half of the descriptor, if it is at hand and of this kind under this mask; else 0. */
INLINE uint32_t flat_descriptor(const struct cpu *cpu, uint32_t selector, uint32_t mask,
                                uint32_t kind)
{
    const uint32_t at = selector & 0xFFF8;
    const uint8_t *host = table_at_hand(&cpu->gdt, at);
    if (UNLIKELY(!host || !at || (selector & SELECTOR_LOCAL))) {
        return 0;
    }
    const uint32_t low = host_load(host, 4), high = host_load(host + 4, 4);
    return low == FLAT_LOW && (high & mask) == kind ? high : 0;
}

/* Selector and rights are all that differs between two flat segments. */
INLINE void put_flat_segment(struct cpu *cpu, uint32_t segment, uint32_t selector, uint32_t high)
{
    struct segment_state *state = &cpu->state.segments[segment];
    state->selector = (uint16_t)selector;
    state->attributes = descriptor_attributes(high);
}

/* DS, ES, FS or GS, flat already, in protected mode, with no journal, from a flat data segment of
 * the GDT that this level may use. returns false where the long way has to decide. */
INLINE bool segment_load_flat(struct cpu *cpu, uint32_t segment, uint32_t selector)
{
    const uint32_t mask = FLAT_HIGH_MASK & ~HIGH_BIG, kind = FLAT_HIGH_DATA & ~HIGH_BIG;
    const uint32_t high = flat_descriptor(cpu, selector, mask, kind);
    const uint32_t dpl = descriptor_dpl(high);
    if (UNLIKELY(!high || dpl < cpu->state.cpl || dpl < (selector & SELECTOR_RPL))) {
        return false;
    }
    put_flat_segment(cpu, segment, selector, high);
    return true;
}

/* The last of every delivery: state.eip is the handler's, the event is counted. */
INLINE void delivery_commit(struct cpu *cpu, const struct delivery *delivery, uint32_t offset)
{
    cpu->state.eip = offset;
    cpu->state.deliveries++;
    cpu->state.delivered[delivery->kind]++;
    cpu->state.vectors[delivery->vector & 0xFFu]++;
    cpu->deliveries_kind = delivery->kind;
    cpu->deliveries_vector = delivery->vector;
    cpu->deliveries_path = delivery->path;
    cpu->state.activity = ACTIVITY_RUNNING;
    cpu->state.shadow = SHADOW_NONE;
    cpu->state.rep_resumed = 0;
    cpu->state.refill_pending = 0;
    if (delivery->kind == DELIVERY_NMI) {
        cpu->state.nmi_blocked = 1;
    } else if (delivery->vector == 1 && delivery->kind == DELIVERY_EXCEPTION) {
        cpu->state.dr[7] &= ~DR7_GD; /* the handler may use the debug registers */
    }
}

/* An interrupt or exception through a 32-bit gate to the same or an inner level.
 * returns false, nothing changed, where deliver.c has to decide. */
bool deliver_everyday(struct cpu *cpu, const struct delivery *delivery);

/* IRET with 32-bit operands to the same or an outer level; charges what the latter takes more.
 * returns false, nothing changed, where far_return.c has to decide. */
bool return_everyday(struct cpu *cpu);
