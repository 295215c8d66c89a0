/* A frame of words on a stack that may not be in force yet: what delivery, call gates and task
 * gates push. First everything is looked at (room within the limit, pages), then it is written and
 * can not fail.
 * See: 80386 PRM 6.3.4.2, 9.6, INT and CALL pages.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/segment.h"

#define FRAME_SLOTS  36u /* a call gate with 31 parameters pushes 35 */
#define TSS16_STACKS 2u  /* offset of SP0 in a 286 TSS */
#define TSS32_STACKS 4u  /* offset of ESP0 in a 386 TSS */
#define STACK_TOP16  0xFFFFu
#define STACK_TOP32  0xFFFFFFFFu

struct frame {
    struct segment_load stack;    /* its segment; without a change of stack only .state */
    uint32_t pointer;             /* ESP before the pushes */
    uint32_t width;               /* bytes of a slot, 2 or 4 */
    uint32_t level;               /* CPL that pushes */
    uint32_t slots;               /* 0..FRAME_SLOTS */
    uint32_t values[FRAME_SLOTS]; /* in the order pushed */
};

INLINE bool tss_is_32(const struct segment_state *tss)
{
    const uint32_t type = tss->attributes & 0x1F;
    return type == TYPE_TSS32_AVAILABLE || type == TYPE_TSS32_BUSY;
}

/* SSn:ESPn of `level` from the current TSS into *selector and frame->pointer; `outside` with
 * `error_code` if the TSS does not hold it. */
INLINE uint32_t frame_inner_stack(struct cpu *cpu, struct frame *frame, uint32_t outside,
                                  uint32_t error_code, uint32_t *selector)
{
    const struct segment_state *tss = &cpu->state.tr;
    const bool wide = tss_is_32(tss);
    const uint32_t bytes = wide ? 4 : 2;
    const uint32_t at = wide ? TSS32_STACKS + frame->level * 8 : TSS16_STACKS + frame->level * 4;
    if (!tss->usable || at + 2 * bytes - 1 > tss->limit) {
        return trap_raise(cpu, outside, error_code);
    }
    const struct access pointer = read_system(cpu, tss->base + at, bytes);
    if (pointer.path) {
        return pointer.path;
    }
    const struct access segment = read_system(cpu, tss->base + at + bytes, 2);
    frame->pointer = pointer.value;
    *selector = segment.value;
    return segment.path;
}

INLINE void frame_add(struct frame *frame, uint32_t value)
{
    frame->values[frame->slots++] = value;
}

INLINE uint32_t frame_stack_bits(const struct frame *frame)
{
    return frame->stack.state.attributes & ATTR_BIG ? STACK_TOP32 : STACK_TOP16;
}

/* Offset of a slot in the stack segment; slot 0 is pushed first. */
INLINE uint32_t frame_offset(const struct frame *frame, uint32_t slot)
{
    return (frame->pointer - frame->width * (slot + 1)) & frame_stack_bits(frame);
}

INLINE bool frame_slot_fits(const struct frame *frame, uint32_t slot)
{
    const struct segment_state *stack = &frame->stack.state;
    const uint64_t first = frame_offset(frame, slot);
    const uint64_t last = first + frame->width - 1;
    if (!stack->usable) {
        return false;
    }
    if ((stack->attributes & (ATTR_CODE | ATTR_EXPAND_DOWN)) == ATTR_EXPAND_DOWN) {
        return first > stack->limit && last <= frame_stack_bits(frame);
    }
    return last <= stack->limit;
}

/* Room for the whole frame. */
INLINE bool frame_fits(const struct frame *frame)
{
    const struct segment_state *stack = &frame->stack.state;
    const uint32_t highest = frame_offset(frame, 0);
    const bool grows_up = stack->usable && !(stack->attributes & ATTR_EXPAND_DOWN);
    if (LIKELY(grows_up && frame_offset(frame, frame->slots - 1) <= highest)) {
        return (uint64_t)highest + frame->width - 1 <= stack->limit;
    }
    for (uint32_t slot = 0; slot < frame->slots; slot++) {
        if (!frame_slot_fits(frame, slot)) {
            return false;
        }
    }
    return true;
}

/* Can the page or pages of this slot be written? */
INLINE uint32_t frame_probe_slot(struct cpu *cpu, const struct frame *frame, uint32_t slot)
{
    const uint32_t access = ACCESS_WRITE | (frame->level == 3 ? ACCESS_USER : 0);
    const uint32_t linear = frame->stack.state.base + frame_offset(frame, slot);
    if (frame->width == 4 && frame->level != 3 &&
        LIKELY(host_range_system(cpu, linear, 4, ACCESS_WRITE))) {
        return PATH_NONE;
    }
    const struct translation first = translate_data(cpu, linear, access);
    const uint32_t last = linear + frame->width - 1;
    if (first.path || !((linear ^ last) & PAGE_MASK)) {
        return first.path;
    }
    return translate_data(cpu, last & PAGE_MASK, access).path;
}

/* Room and pages for every slot; without room `no_room` with `error_code`. */
INLINE uint32_t frame_probe(struct cpu *cpu, const struct frame *frame, uint32_t no_room,
                            uint32_t error_code)
{
    if (!frame_fits(frame)) {
        return trap_raise(cpu, no_room, error_code);
    }
    for (uint32_t slot = 0; slot < frame->slots; slot++) {
        const uint32_t path = frame_probe_slot(cpu, frame, slot);
        if (UNLIKELY(path)) {
            return path;
        }
    }
    return PATH_NONE;
}

/* Everything has been probed: these writes succeed. Sets ESP. */
INLINE void frame_write(struct cpu *cpu, const struct frame *frame)
{
    const uint32_t mask = frame_stack_bits(frame);
    const uint32_t previous = cpu->state.gpr[REG_ESP];
    const uint32_t kept = previous & ~mask;
    for (uint32_t slot = 0; slot < frame->slots; slot++) {
        const uint32_t linear = frame->stack.state.base + frame_offset(frame, slot);
        (void)write_system(cpu, linear, frame->width, frame->values[slot]);
    }
    const uint32_t pushed = frame->width * frame->slots;
    cpu->state.gpr[REG_ESP] = kept | ((frame->pointer - pushed) & mask);
    journal_register(cpu, JREG_ESP, previous, cpu->state.gpr[REG_ESP]);
}
