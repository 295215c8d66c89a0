/* The everyday case of loading a segment register and of a ring change, in short: flat 32-bit
 * segments, present and accessed already, tables, TSS and stack in pages that the mirrors know.
 * Each looks at everything first and changes nothing unless all of it is the simple case; for the
 * rest the long way is asked, which is the description (segment.c, deliver.c, far_return.c).
 * Only contents of memory and registers are looked at, each time: nothing is remembered.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/segment.h"

struct far_return;

/* Bits of the high half of a descriptor. */
#define HIGH_ACCESSED  0x00000100u
#define HIGH_WRITABLE  0x00000200u /* data */
#define HIGH_DOWN      0x00000400u /* data: expand down; code: conforming */
#define HIGH_CODE      0x00000800u
#define HIGH_SEGMENT   0x00001000u
#define HIGH_PRESENT   0x00008000u
#define HIGH_BIG       0x00400000u
#define HIGH_EVERY_DAY (HIGH_ACCESSED | HIGH_SEGMENT | HIGH_PRESENT)

/* Host address of a descriptor of the GDT, if that is inside and its page at hand; else NULL. */
INLINE const uint8_t *descriptor_at_hand(const struct cpu *cpu, uint32_t selector)
{
    const uint32_t at = selector & 0xFFF8;
    if (UNLIKELY((selector & SELECTOR_LOCAL) || !at || at + 7 > cpu->state.gdtr.limit)) {
        return NULL;
    }
    return host_range_system(cpu, cpu->state.gdtr.base + at, 8, 0);
}

/* DS, ES, FS or GS in protected mode from a data segment of the GDT that this level may use.
 * returns false where the long way has to decide. */
INLINE bool segment_load_everyday(struct cpu *cpu, uint32_t segment, uint32_t selector)
{
    const uint8_t *host = segment == SEG_SS ? NULL : descriptor_at_hand(cpu, selector);
    if (UNLIKELY(!host)) {
        return false;
    }
    const uint32_t low = host_load(host, 4), high = host_load(host + 4, 4);
    const uint32_t dpl = descriptor_dpl(high);
    if ((high & (HIGH_EVERY_DAY | HIGH_CODE)) != HIGH_EVERY_DAY || dpl < cpu->state.cpl ||
        dpl < (selector & SELECTOR_RPL)) {
        return false;
    }
    struct segment_state *state = &cpu->state.segments[segment];
    const uint32_t attributes = descriptor_attributes(high);
    const uint64_t limit = descriptor_limit(low, high);
    const uint64_t span = high & HIGH_DOWN ? 0 : limit + 1;
    struct segment_cache *cache = &cpu->segment_cache[segment];
    state->base = descriptor_base(low, high);
    state->limit = (uint32_t)limit;
    state->selector = (uint16_t)selector;
    state->attributes = (uint16_t)attributes;
    state->usable = 1;
    cache->base = state->base;
    cache->read_span = span;
    cache->write_span = high & HIGH_WRITABLE ? span : 0;
    return true;
}

/* The last of every delivery: state.eip is the handler's, the event is counted. */
INLINE void delivery_commit(struct cpu *cpu, const struct delivery *delivery, uint32_t offset)
{
    cpu->state.eip = offset;
    cpu->state.deliveries++;
    cpu->state.delivered[delivery->kind]++;
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

/* IRET with 32-bit operands to the same or an outer level; how->outer is set.
 * returns false, nothing changed, where far_return.c has to decide. */
bool return_everyday(struct cpu *cpu, struct far_return *how);
