/* Ring changes of every day, see everyday.h.
 * See: 80386 PRM 9.6, pages INT and IRET.
 * SPDX-License-Identifier: MIT */
#include "cpu/everyday.h"

#include "cpu/eflags.h"
#include "cpu/far_return.h"
#include "cpu/timing.h"

/* A code or stack segment found good: what the registers will hold. */
struct found {
    uint32_t base;       /* linear */
    uint32_t limit;      /* bytes, last offset */
    uint32_t attributes; /* ATTR_* */
    uint32_t level;      /* DPL */
};

/* A 32-bit descriptor of the kind `wanted` under `mask`, at hand. */
INLINE bool find_segment(const struct cpu *cpu, uint32_t selector, uint32_t mask, uint32_t wanted,
                         struct found *found)
{
    const uint8_t *host = descriptor_at_hand(cpu, selector);
    if (UNLIKELY(!host)) {
        return false;
    }
    const uint32_t low = host_load(host, 4), high = host_load(host + 4, 4);
    found->base = descriptor_base(low, high);
    found->limit = descriptor_limit(low, high);
    found->attributes = descriptor_attributes(high);
    found->level = descriptor_dpl(high);
    return (high & mask) == wanted;
}

/* Not conforming. */
INLINE bool find_code(const struct cpu *cpu, uint32_t selector, struct found *found)
{
    const uint32_t wanted = HIGH_EVERY_DAY | HIGH_CODE | HIGH_BIG;
    return find_segment(cpu, selector, wanted | HIGH_DOWN, wanted, found);
}

INLINE bool find_stack(const struct cpu *cpu, uint32_t selector, struct found *found)
{
    const uint32_t wanted = HIGH_EVERY_DAY | HIGH_WRITABLE | HIGH_BIG;
    return find_segment(cpu, selector, wanted | HIGH_DOWN | HIGH_CODE, wanted, found);
}

INLINE void put_segment(struct cpu *cpu, enum segment segment, uint32_t selector,
                        const struct found *found)
{
    struct segment_state *state = &cpu->state.segments[segment];
    struct segment_cache *cache = &cpu->segment_cache[segment];
    const uint64_t span = (uint64_t)found->limit + 1;
    state->base = found->base;
    state->limit = found->limit;
    state->selector = (uint16_t)selector;
    state->attributes = (uint16_t)found->attributes;
    state->usable = 1;
    cache->base = found->base;
    cache->read_span = segment == SEG_SS || (found->attributes & ATTR_READABLE) ? span : 0;
    cache->write_span = segment == SEG_SS ? span : 0;
}

/* What mode_settle() would do: of all it looks at, only CPL and CS can have changed, and CS and SS
 * are 32-bit segments. */
INLINE void put_level(struct cpu *cpu, uint32_t level, const struct found *code)
{
    const uint32_t odd = (code->base + code->limit + 1) & ~PAGE_MASK;
    const uint32_t user = level == 3;
    cpu->state.cpl = level;
    cpu->cs_limit = code->limit;
    cpu->key = BLOCK_KEY_CODE32 | BLOCK_KEY_STACK32 | BLOCK_KEY_PE | level << 4 |
               (odd ? BLOCK_KEY_ODD : 0);
    cpu->mirror = cpu->data_mirrors[user];
    cpu->fetch = cpu->fetch_mirrors[user];
}

/* Protected mode, 32-bit stack, nothing about the mode pending, nobody listens. */
INLINE bool is_everyday(const struct cpu *cpu)
{
    const uint32_t mode = BLOCK_KEY_STACK32 | BLOCK_KEY_PE;
    return (cpu->key & (mode | BLOCK_KEY_VM)) == mode && !cpu->mode_stale && !cpu->journal;
}

/* ---- delivery ---- */

/* Where the frame goes. */
struct target {
    uint32_t pointer;  /* ESP before the pushes */
    uint32_t selector; /* of SS, if the level changes */
    struct found stack;
};

/* SS:ESP of an inner level, from the TSS. */
INLINE bool find_inner(const struct cpu *cpu, uint32_t level, struct target *target)
{
    const struct segment_state *tss = &cpu->state.tr;
    const uint32_t type = tss->attributes & 0x1F, at = 4 + 8 * level;
    if ((type | 2) != TYPE_TSS32_BUSY || !tss->usable || at + 7 > tss->limit) {
        return false;
    }
    const uint8_t *host = host_range_system(cpu, tss->base + at, 8, 0);
    if (UNLIKELY(!host)) {
        return false;
    }
    target->pointer = host_load(host, 4);
    target->selector = host_load(host + 4, 2);
    return (target->selector & SELECTOR_RPL) == level &&
           find_stack(cpu, target->selector, &target->stack) && target->stack.level == level;
}

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

bool deliver_everyday(struct cpu *cpu, const struct delivery *delivery)
{
    const uint32_t at = delivery->vector * 8;
    if (UNLIKELY(!is_everyday(cpu) || at + 7 > cpu->state.idtr.limit)) {
        return false;
    }
    const uint8_t *gate = host_range_system(cpu, cpu->state.idtr.base + at, 8, 0);
    if (UNLIKELY(!gate)) {
        return false;
    }
    const uint32_t low = host_load(gate, 4), high = host_load(gate + 4, 4);
    const uint32_t offset = (low & 0xFFFF) | (high & 0xFFFF0000);
    const uint32_t is_trap = high & HIGH_ACCESSED; /* types E and F differ in this bit */
    struct found code;
    if ((high & 0x9E00) != (HIGH_PRESENT | TYPE_INTERRUPT32 << 8) ||
        (delivery->dpl_check && descriptor_dpl(high) < cpu->state.cpl) ||
        !find_code(cpu, low >> 16, &code) || code.level > cpu->state.cpl || code.level == 3 ||
        offset > code.limit) {
        return false;
    }
    struct target target = {0};
    const bool inner = code.level != cpu->state.cpl;
    uint64_t span = cpu->segment_cache[SEG_SS].write_span;
    if (inner) {
        if (UNLIKELY(!find_inner(cpu, code.level, &target))) {
            return false;
        }
        span = (uint64_t)target.stack.limit + 1;
    } else {
        target.pointer = cpu->state.gpr[REG_ESP];
        target.stack.base = cpu->segment_cache[SEG_SS].base;
    }
    const uint32_t bytes = (inner ? 20u : 12u) + (delivery->has_error ? 4u : 0u);
    if (UNLIKELY(target.pointer < bytes || target.pointer > span)) {
        return false;
    }
    const struct room room = find_room(
        cpu->data_mirrors[0], target.stack.base + target.pointer - bytes, bytes, ACCESS_WRITE);
    if (UNLIKELY(!room.low)) {
        return false;
    }

    /* from here on nothing can stop it */
    charge(cpu, timing_delivery(cpu, delivery, inner ? TIMING_PATH_INNER : TIMING_PATH_SAME));
    const uint32_t first = delivery->has_error ? 4 : 0;
    if (delivery->has_error) {
        host_store(room_at(&room, 0), 4, delivery->error_code);
    }
    host_store(room_at(&room, first), 4, delivery->eip);
    host_store(room_at(&room, first + 4), 4, cpu->state.segments[SEG_CS].selector);
    host_store(room_at(&room, first + 8), 4,
               eflags_read(cpu) | (delivery->sets_rf ? EFLAGS_RF : 0));
    if (inner) {
        host_store(room_at(&room, first + 12), 4, cpu->state.gpr[REG_ESP]);
        host_store(room_at(&room, first + 16), 4, cpu->state.segments[SEG_SS].selector);
        put_segment(cpu, SEG_SS, target.selector, &target.stack);
    }
    cpu->state.gpr[REG_ESP] = target.pointer - bytes;
    cpu->state.eflags &=
        ~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | (is_trap ? 0 : EFLAGS_IF));
    put_segment(cpu, SEG_CS, ((low >> 16) & SELECTOR_INDEX) | code.level, &code);
    put_level(cpu, code.level, &code);
    delivery_commit(cpu, delivery, offset);
    return true;
}

/* ---- IRET ---- */

bool return_everyday(struct cpu *cpu, struct far_return *how)
{
    const uint32_t esp = cpu->state.gpr[REG_ESP];
    const struct segment_cache *held = &cpu->segment_cache[SEG_SS];
    if (UNLIKELY(!is_everyday(cpu) || (cpu->state.eflags & EFLAGS_NT) ||
                 (uint64_t)esp + 20 > held->read_span)) {
        return false;
    }
    const struct room room = find_room(cpu->mirror, held->base + esp, 20, 0);
    if (UNLIKELY(!room.low)) {
        return false;
    }
    const uint32_t eip = host_load(room_at(&room, 0), 4);
    const uint32_t selector = host_load(room_at(&room, 4), 2);
    const uint32_t flags = host_load(room_at(&room, 8), 4), level = selector & SELECTOR_RPL;
    struct found code, stack = {0};
    if ((flags & EFLAGS_VM) || level < cpu->state.cpl || !find_code(cpu, selector, &code) ||
        code.level != level || eip > code.limit ||
        (cpu->state.mode_in_eflags && !!(flags & EFLAGS_MODE) != (level == 3))) {
        return false;
    }
    const bool outer = level != cpu->state.cpl;
    uint32_t pointer = esp + 12, stack_selector = 0;
    if (outer) {
        pointer = host_load(room_at(&room, 12), 4);
        stack_selector = host_load(room_at(&room, 16), 2);
        if ((stack_selector & SELECTOR_RPL) != level || !find_stack(cpu, stack_selector, &stack) ||
            stack.level != level) {
            return false;
        }
    }

    /* from here on nothing can stop it */
    const uint32_t mask = (eflags_changeable(cpu) | EFLAGS_RF) & eflags_existing(cpu);
    cpu->state.eflags = (cpu->state.eflags & ~mask) | (flags & mask) | EFLAGS_ONE;
    flags_put(&cpu->flags, flags);
    cpu->state.nmi_blocked = 0;
    cpu->state.gpr[REG_ESP] = pointer;
    cpu->state.eip = eip;
    put_segment(cpu, SEG_CS, selector, &code);
    put_level(cpu, level, &code);
    if (outer) {
        put_segment(cpu, SEG_SS, stack_selector, &stack);
        segments_drop_privileged(cpu);
    }
    how->outer = outer;
    return true;
}
