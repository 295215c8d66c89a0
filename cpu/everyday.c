/* Ring changes of every day, see everyday.h.
 * See: 80386 PRM 9.6, pages INT and IRET.
 * SPDX-License-Identifier: MIT */
#include "cpu/everyday.h"

#include "cpu/eflags.h"
#include "cpu/frame.h"
#include "cpu/timing.h"

/* Protected mode, flat, 32-bit stack, nothing about the mode pending, nobody listens. */
INLINE bool is_everyday(const struct cpu *cpu)
{
    const uint32_t mode = BLOCK_KEY_FLAT | BLOCK_KEY_STACK32 | BLOCK_KEY_PE;
    return (cpu->key & (mode | BLOCK_KEY_VM)) == mode && !cpu->mode_stale && !cpu->journal;
}

/* From one flat 32-bit mode to another: what is left of mode_settle(). */
INLINE void put_code(struct cpu *cpu, uint32_t selector, uint32_t high)
{
    const uint32_t level = selector & SELECTOR_RPL, user = level == 3;
    put_flat_segment(cpu, SEG_CS, selector, high);
    cpu->segment_cache[SEG_CS].read_span = (uint64_t)1 << 32;
    cpu->segment_cache[SEG_CS].write_span = 0;
    cpu->state.cpl = level;
    cpu->key = BLOCK_KEY_FLAT | BLOCK_KEY_CODE32 | BLOCK_KEY_STACK32 | BLOCK_KEY_PE | level << 4;
    cpu->mirror = cpu->data_mirrors[user];
    cpu->fetch = cpu->fetch_mirrors[user];
}

/* ---- frames ---- */

/* A frame in one page or two: where its dwords are in the host. */
struct room {
    uint8_t *low;      /* of the frame's first byte; NULL: not at hand */
    uint8_t *high;     /* where it would have to be to have the second page's part in place */
    uint32_t boundary; /* bytes in the first page */
};

/* [linear, linear + bytes), aligned to 4, as the mirrors of a privilege know it. */
INLINE struct room find_room(const struct data_mirror *mirrors, uint32_t linear, uint32_t bytes,
                             uint32_t access)
{
    const struct data_mirror *first = &mirrors[tlb_data_index(linear)];
    const uint32_t boundary = PAGE_BYTES - (linear & ~PAGE_MASK);
    const bool writes = access & ACCESS_WRITE;
    const bool hit = (linear & (PAGE_MASK | 3)) == (writes ? first->write_tag : first->read_tag);
    struct room room = {.boundary = boundary};
    uint8_t *low = (uint8_t *)(first->addend + linear);
    room.low = hit ? low : NULL;
    room.high = low;
    if (UNLIKELY(boundary < bytes)) {
        const uint32_t next = linear + boundary;
        const struct data_mirror *second = &mirrors[tlb_data_index(next)];
        room.low = next == (writes ? second->write_tag : second->read_tag) ? room.low : NULL;
        room.high = (uint8_t *)(second->addend + linear);
    }
    return room;
}

INLINE uint8_t *room_at(const struct room *room, uint32_t offset)
{
    return (offset < room->boundary ? room->low : room->high) + offset;
}

/* ---- delivery ---- */

/* The stack of an inner level. */
struct inner {
    uint32_t pointer;  /* ESP before the pushes */
    uint32_t selector; /* of SS */
    uint32_t high;     /* of its descriptor; 0: not the everyday case */
};

INLINE struct inner find_inner(const struct cpu *cpu, uint32_t level)
{
    const struct segment_state *tss = &cpu->state.tr;
    const uint32_t at = TSS32_STACKS + 8 * level;
    struct inner inner = {0};
    if (UNLIKELY(!tss_is_32(tss) || !tss->usable || at + 7 > tss->limit)) {
        return inner;
    }
    const uint8_t *host = host_range_system(cpu, tss->base + at, 8, 0);
    if (LIKELY(host)) {
        inner.pointer = host_load(host, 4);
        inner.selector = host_load(host + 4, 2);
        inner.high = flat_descriptor(cpu, inner.selector, FLAT_HIGH_MASK, FLAT_HIGH_DATA);
        const bool fits =
            (inner.selector & SELECTOR_RPL) == level && descriptor_dpl(inner.high) == level;
        inner.high = fits ? inner.high : 0;
    }
    return inner;
}

/* A gate to flat code at this level or further in. */
struct entry {
    uint32_t offset;
    uint32_t selector; /* with the new level as RPL */
    uint32_t high;     /* of the code descriptor; 0: not the everyday case */
    uint32_t cleared;  /* EFLAGS bits */
};

INLINE struct entry find_entry(const struct cpu *cpu, const struct delivery *delivery)
{
    struct entry entry = {0};
    const uint8_t *gate = table_at_hand(&cpu->idt, delivery->vector * 8);
    if (UNLIKELY(!gate)) {
        return entry;
    }
    const uint32_t low = host_load(gate, 4), high = host_load(gate + 4, 4);
    const uint32_t is_trap = high & 0x100; /* types E and F differ in this bit */
    if (UNLIKELY((high & 0x9E00) != (GATE_PRESENT | TYPE_INTERRUPT32 << 8) ||
                 (delivery->dpl_check && descriptor_dpl(high) < cpu->state.cpl))) {
        return entry;
    }
    entry.high = flat_descriptor(cpu, low >> 16, FLAT_HIGH_MASK, FLAT_HIGH_CODE);
    const uint32_t level = descriptor_dpl(entry.high);
    entry.high = level > cpu->state.cpl || level == 3 ? 0 : entry.high;
    entry.offset = (low & 0xFFFF) | (high & 0xFFFF0000);
    entry.selector = ((low >> 16) & SELECTOR_INDEX) | level;
    entry.cleared = EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | (is_trap ? 0 : EFLAGS_IF);
    return entry;
}

bool deliver_everyday(struct cpu *cpu, const struct delivery *delivery)
{
    struct entry entry = {0};
    if (LIKELY(is_everyday(cpu))) {
        entry = find_entry(cpu, delivery);
    }
    if (UNLIKELY(!entry.high)) {
        return false;
    }
    struct inner inner = {.pointer = cpu->state.gpr[REG_ESP]};
    const uint32_t level = entry.selector & SELECTOR_RPL;
    const bool changes = level != cpu->state.cpl;
    if (changes) {
        inner = find_inner(cpu, level);
        if (UNLIKELY(!inner.high)) {
            return false;
        }
    }
    const uint32_t first = delivery->has_error ? 4 : 0;
    const uint32_t bytes = (changes ? 20 : 12) + first, bottom = inner.pointer - bytes;
    const struct room room = find_room(cpu->data_mirrors[0], bottom, bytes, ACCESS_WRITE);
    if (UNLIKELY(!room.low || bottom > inner.pointer)) {
        return false;
    }

    /* from here on nothing can stop it */
    charge(cpu, timing_delivery(cpu, delivery, changes ? TIMING_PATH_INNER : TIMING_PATH_SAME));
    if (delivery->has_error) {
        host_store(room_at(&room, 0), 4, delivery->error_code);
    }
    const uint32_t flags = eflags_read(cpu) | (delivery->sets_rf ? EFLAGS_RF : 0);
    host_store(room_at(&room, first), 4, delivery->eip);
    host_store(room_at(&room, first + 4), 4, cpu->state.segments[SEG_CS].selector);
    host_store(room_at(&room, first + 8), 4, flags);
    if (changes) {
        host_store(room_at(&room, first + 12), 4, cpu->state.gpr[REG_ESP]);
        host_store(room_at(&room, first + 16), 4, cpu->state.segments[SEG_SS].selector);
        put_flat_segment(cpu, SEG_SS, inner.selector, inner.high);
    }
    cpu->state.gpr[REG_ESP] = bottom;
    cpu->state.eflags &= ~entry.cleared;
    put_code(cpu, entry.selector, entry.high);
    delivery_commit(cpu, delivery, entry.offset);
    return true;
}

/* ---- IRET ---- */

/* CS of the frame fits and leads to this level or further out; its EFLAGS are not those of a
 * virtual-8086 program and, with the extension on, tell the truth about the level. */
INLINE uint32_t return_code(const struct cpu *cpu, uint32_t selector, uint32_t flags)
{
    const uint32_t level = selector & SELECTOR_RPL;
    const uint32_t high = flat_descriptor(cpu, selector, FLAT_HIGH_MASK, FLAT_HIGH_CODE);
    const bool lies = cpu->state.mode_in_eflags && !!(flags & EFLAGS_MODE) != (level == 3);
    return descriptor_dpl(high) != level || level < cpu->state.cpl || (flags & EFLAGS_VM) || lies
               ? 0
               : high;
}

/* DPL of ES, DS (which are in use), FS or GS is below the level. */
INLINE bool holds_privileged(const struct cpu *cpu, uint32_t level)
{
    const struct segment_state *held = cpu->state.segments;
    const uint32_t wanted = level << ATTR_DPL_SHIFT;
    return (held[SEG_ES].attributes & ATTR_DPL) < wanted ||
           (held[SEG_DS].attributes & ATTR_DPL) < wanted ||
           (held[SEG_FS].usable && (held[SEG_FS].attributes & ATTR_DPL) < wanted) ||
           (held[SEG_GS].usable && (held[SEG_GS].attributes & ATTR_DPL) < wanted);
}

bool return_everyday(struct cpu *cpu)
{
    const uint32_t esp = cpu->state.gpr[REG_ESP];
    if (UNLIKELY(!is_everyday(cpu) || (cpu->state.eflags & EFLAGS_NT) || esp > 0u - 20)) {
        return false;
    }
    const struct room room = find_room(cpu->mirror, esp, 20, 0);
    if (UNLIKELY(!room.low)) {
        return false;
    }
    const uint32_t selector = host_load(room_at(&room, 4), 2);
    const uint32_t flags = host_load(room_at(&room, 8), 4), level = selector & SELECTOR_RPL;
    const uint32_t high = return_code(cpu, selector, flags);
    if (UNLIKELY(!high)) {
        return false;
    }
    const bool outer = level != cpu->state.cpl;
    uint32_t pointer = esp + 12;
    if (outer) {
        const uint32_t stack = host_load(room_at(&room, 16), 2);
        const uint32_t stack_high = flat_descriptor(cpu, stack, FLAT_HIGH_MASK, FLAT_HIGH_DATA);
        if (UNLIKELY(!stack_high || (stack & SELECTOR_RPL) != level ||
                     descriptor_dpl(stack_high) != level)) {
            return false;
        }
        pointer = host_load(room_at(&room, 12), 4);
        put_flat_segment(cpu, SEG_SS, stack, stack_high);
    }

    /* nothing has stopped it */
    const uint32_t mask = (eflags_changeable(cpu) | EFLAGS_RF) & eflags_existing(cpu);
    cpu->state.eflags = (cpu->state.eflags & ~mask) | (flags & mask) | EFLAGS_ONE;
    flags_put(&cpu->flags, flags);
    cpu->state.nmi_blocked = 0;
    cpu->state.gpr[REG_ESP] = pointer;
    cpu->state.eip = host_load(room_at(&room, 0), 4);
    put_code(cpu, selector, high);
    if (outer) {
        if (UNLIKELY(holds_privileged(cpu, level))) {
            segments_drop_privileged(cpu);
        }
        charge(cpu, timing_far_extra(cpu, TIMING_IRET, TIMING_FAR_OUTER, 0));
    }
    return true;
}
