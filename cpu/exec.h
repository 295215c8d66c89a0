/* How instruction bodies are written, once, and compiled four times.
 *
 * Every op_*.c is compiled as the FAST variant (op_NAME), with EXEC_NARROW as the same for 16-bit
 * addresses and stacks (narrow_NAME), with EXEC_FLAT for flat segments (flat_NAME) and, with
 * EXEC_CAREFUL, as the CAREFUL one (careful_NAME). The fast one contains only what always succeeds:
 * a limit compare, a look-up in the TLB mirror, the access. Whatever is not that simple (TLB miss,
 * page crossing, misalignment, MMIO, decoded code hit, any fault) makes it hand the same micro-op,
 * before anything has changed, to the careful variant, which knows it all, writes the journal and
 * looks afterwards whether the block must be left. There is no second description of an
 * instruction. The flat variants run in blocks with BLOCK_KEY_FLAT, for operands in ES, SS and DS:
 * no base to add and no limit to compare, what is aligned can not wrap.
 *
 * A body goes: compute addresses, LOAD / PROBE, compute, commit (CELL_WRITE / STORE last of
 * the things that can fault, then registers and flags), NEXT. Nothing visible changes before
 * the last LOAD, PROBE, STORE or FAULT. These four are the only macros that may leave the
 * function besides NEXT and its kin; they stand alone as statements. The second access of a body
 * that has two is a LOAD_SECOND, STORE_SECOND or PUSH_SECOND.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <string.h>

#include "cpu/block.h"
#include "cpu/isa.h"

#ifdef EXEC_CAREFUL
#define OP_NAME(name) careful_##name
#elif defined(EXEC_NARROW)
#define OP_NAME(name) narrow_##name
#elif defined(EXEC_FLAT)
#define OP_NAME(name) flat_##name
#else
#define OP_NAME(name) op_##name
#endif

#if defined(__clang__)
#define TAIL __attribute__((musttail))
#else
#define TAIL
#endif

#ifdef EXEC_CAREFUL
/* The careful variant first notes which micro-op runs: bus callbacks want the clock. */
#define OP(name)                                                                                   \
    INLINE const struct uop *body_of_##name(struct cpu *cpu, const struct uop *uop);               \
    const struct uop *careful_##name(struct cpu *cpu, const struct uop *uop)                       \
    {                                                                                              \
        cpu->uop = uop;                                                                            \
        TAIL return body_of_##name(cpu, uop);                                                      \
    }                                                                                              \
    INLINE const struct uop *body_of_##name(struct cpu *cpu, const struct uop *uop)
#else
#define OP(name) const struct uop *OP_NAME(name)(struct cpu * cpu, const struct uop *uop)
#endif

/* ---- registers ---- */
#define GPR32(n) (cpu->state.gpr[n])
#define GPR16(n) (*(uint16_t *)&cpu->state.gpr[n])
#define GPR8(n)  (((uint8_t *)cpu->state.gpr)[n]) /* n: byte offset, see uop.h */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "sub-registers alias their bytes");

#define OFFSET_AL 0u
#define OFFSET_AH 1u
#define OFFSET_CL 4u

#if defined(EXEC_CAREFUL) || defined(EXEC_NARROW)
INLINE uint32_t effective_address(const struct cpu *cpu, const struct uop *uop)
{
    uint32_t offset =
        cpu->state.gpr[uop->base] + (cpu->state.gpr[uop->index] << uop->scale) + uop->disp;
    return uop->flags & UOP_ADDRESS16 ? offset & 0xFFFF : offset;
}
/* Stack pointer arithmetic: only SP moves when SS.B is 0 (80386 PRM 16.3). */
INLINE uint32_t stack_mask(const struct cpu *cpu)
{
    return cpu->key & BLOCK_KEY_STACK32 ? 0xFFFFFFFFu : 0xFFFFu;
}
#else
INLINE uint32_t effective_address(const struct cpu *cpu, const struct uop *uop)
{
    return cpu->state.gpr[uop->base] + (cpu->state.gpr[uop->index] << uop->scale) + uop->disp;
}
INLINE uint32_t stack_mask(const struct cpu *cpu)
{
    (void)cpu;
    return 0xFFFFFFFFu; /* blocks with a 16-bit stack use the other variants */
}
#endif

#ifdef EXEC_CAREFUL

#define LOAD(bits, name, segment, offset)                                                          \
    const struct access access_of_##name = read_logical(cpu, segment, offset, (bits) / 8);         \
    if (UNLIKELY(access_of_##name.path)) {                                                         \
        return uop_fault(cpu, uop, access_of_##name.path);                                         \
    }                                                                                              \
    const uint32_t name = access_of_##name.value
#define PROBE(bits, cell, segment, offset)                                                         \
    const uint32_t path_of_##cell = probe_write(cpu, segment, offset, (bits) / 8);                 \
    if (UNLIKELY(path_of_##cell)) {                                                                \
        return uop_fault(cpu, uop, path_of_##cell);                                                \
    }
#define LOAD_SECOND                   LOAD
#define STORE_SECOND                  STORE
#define CELL_READ(bits, cell)         cell_read(cpu)
#define CELL_WRITE(bits, cell, value) cell_write(cpu, value)
#define STORE(bits, segment, offset, value)                                                        \
    do {                                                                                           \
        const uint32_t path_of_store = write_logical(cpu, segment, offset, (bits) / 8, value);     \
        if (UNLIKELY(path_of_store)) {                                                             \
            return uop_fault(cpu, uop, path_of_store);                                             \
        }                                                                                          \
    } while (0)
/* Raise: `path` is a path already raised (trap_raise(...) or a checker's result), non-zero. */
#define FAULT(path) return uop_fault(cpu, uop, path)
#define NEXT        TAIL return careful_next(cpu, uop)

#else /* fast, narrow */

struct fast_access {
    uint8_t *host;
    bool hit;
};
#ifdef EXEC_FLAT
INLINE struct fast_access fast_at(const struct cpu *cpu, uint32_t linear, uint32_t bytes,
                                  bool writes)
{
    const struct data_mirror *mirror = &cpu->mirror[tlb_data_index(linear)];
    const uint32_t tag = writes ? mirror->write_tag : mirror->read_tag;
    struct fast_access access = {(uint8_t *)(mirror->addend + linear),
                                 LIKELY((linear & (PAGE_MASK | (bytes - 1))) == tag)};
    return access;
}
INLINE struct fast_access fast_read(const struct cpu *cpu, uint32_t segment, uint32_t offset,
                                    uint32_t bytes)
{
    (void)segment;
    return fast_at(cpu, offset, bytes, false);
}
INLINE struct fast_access fast_write(const struct cpu *cpu, uint32_t segment, uint32_t offset,
                                     uint32_t bytes)
{
    (void)segment;
    return fast_at(cpu, offset, bytes, true);
}
#else
INLINE struct fast_access fast_read(struct cpu *cpu, uint32_t segment, uint32_t offset,
                                    uint32_t bytes)
{
    const struct segment_cache *seg = &cpu->segment_cache[segment];
    uint32_t linear = seg->base + offset;
    const struct data_mirror *mirror = &cpu->mirror[tlb_data_index(linear)];
    struct fast_access access = {
        (uint8_t *)(mirror->addend + linear),
        LIKELY((uint64_t)offset + bytes <= seg->read_span) &&
            LIKELY((linear & (PAGE_MASK | (bytes - 1))) == mirror->read_tag)};
    return access;
}
INLINE struct fast_access fast_write(struct cpu *cpu, uint32_t segment, uint32_t offset,
                                     uint32_t bytes)
{
    const struct segment_cache *seg = &cpu->segment_cache[segment];
    uint32_t linear = seg->base + offset;
    const struct data_mirror *mirror = &cpu->mirror[tlb_data_index(linear)];
    struct fast_access access = {
        (uint8_t *)(mirror->addend + linear),
        LIKELY((uint64_t)offset + bytes <= seg->write_span) &&
            LIKELY((linear & (PAGE_MASK | (bytes - 1))) == mirror->write_tag)};
    return access;
}
#endif
INLINE uint32_t host_read(const uint8_t *host, uint32_t bits)
{
    if (bits == 8) {
        return *host;
    }
    if (bits == 16) {
        uint16_t value;
        memcpy(&value, host, 2);
        return value;
    }
    uint32_t value;
    memcpy(&value, host, 4);
    return value;
}
INLINE void host_write(uint8_t *host, uint32_t bits, uint32_t value)
{
    memcpy(host, &value, bits / 8);
}

#define CAREFUL TAIL return to_careful(cpu, uop)
/* The mirror does not have the page of an access: the first of its instruction, or a second one. To
 * fill it for a second one might evict the first, which would then be walked for again. */
#ifdef EXEC_FLAT
#define MISSED(at, size, kind)                                                                     \
    do {                                                                                           \
        cpu->missed.linear = (at);                                                                 \
        cpu->missed.bytes = (size);                                                                \
        cpu->missed.access = (kind);                                                               \
        TAIL return missed_flat(cpu, uop);                                                         \
    } while (0)
#else
#define MISSED(at, size, kind) CAREFUL
#endif
#define MISSED_SECOND(at, size, kind) CAREFUL
#define LOAD_OR(miss, bits, name, segment, offset)                                                 \
    const uint32_t offset_of_##name = (offset);                                                    \
    const struct fast_access access_of_##name =                                                    \
        fast_read(cpu, segment, offset_of_##name, (bits) / 8);                                     \
    if (UNLIKELY(!access_of_##name.hit)) {                                                         \
        miss(offset_of_##name, (bits) / 8, 0);                                                     \
    }                                                                                              \
    const uint32_t name = host_read(access_of_##name.host, bits)
#define LOAD(bits, name, segment, offset)        LOAD_OR(MISSED, bits, name, segment, offset)
#define LOAD_SECOND(bits, name, segment, offset) LOAD_OR(MISSED_SECOND, bits, name, segment, offset)
#define PROBE(bits, cell, segment, offset)                                                         \
    const uint32_t offset_of_##cell = (offset);                                                    \
    const struct fast_access cell = fast_write(cpu, segment, offset_of_##cell, (bits) / 8);        \
    if (UNLIKELY(!cell.hit)) {                                                                     \
        MISSED(offset_of_##cell, (bits) / 8, ACCESS_WRITE);                                        \
    }
#define CELL_READ(bits, cell)         host_read(cell.host, bits)
#define CELL_WRITE(bits, cell, value) host_write(cell.host, bits, value)
#define STORE_OR(miss, bits, segment, offset, value)                                               \
    do {                                                                                           \
        const uint32_t offset_of_store = (offset);                                                 \
        const struct fast_access access_of_store =                                                 \
            fast_write(cpu, segment, offset_of_store, (bits) / 8);                                 \
        if (UNLIKELY(!access_of_store.hit)) {                                                      \
            miss(offset_of_store, (bits) / 8, ACCESS_WRITE);                                       \
        }                                                                                          \
        host_write(access_of_store.host, bits, value);                                             \
    } while (0)
#define STORE(bits, segment, offset, value) STORE_OR(MISSED, bits, segment, offset, value)
#define STORE_SECOND(bits, segment, offset, value)                                                 \
    STORE_OR(MISSED_SECOND, bits, segment, offset, value)
/* The careful variant finds the same fault again and raises it; `path` is not evaluated. */
#define FAULT(path) CAREFUL
#ifdef RINGSIDE_PLAIN_LOOP
#define NEXT return uop + 1
#else
/* The address is hidden from the compiler, which would else keep two registers of it. */
#define NEXT                                                                                       \
    do {                                                                                           \
        const struct uop *next_uop = uop + 1;                                                      \
        handler *next_run = uop[1].run;                                                            \
        __asm__("" : "+r"(next_uop));                                                              \
        TAIL return next_run(cpu, next_uop);                                                       \
    } while (0)
#endif

#endif

/* Go on after clocks that the row's static figure does not hold. `clocks` may be 0. */
#define NEXT_CHARGED(clocks)                                                                       \
    do {                                                                                           \
        cpu->budget -= (clocks);                                                                   \
        if (UNLIKELY(cpu->budget < 0)) {                                                           \
            TAIL return leave_after(cpu, uop);                                                     \
        }                                                                                          \
        NEXT;                                                                                      \
    } while (0)

/* ---- stack ---- */
/* PUSH: last thing that can fault, then commits SP. value is evaluated before SP moves. */
#define PUSH_BY(store, bits, value)                                                                \
    do {                                                                                           \
        const uint32_t pushed_value = (value);                                                     \
        const uint32_t pushed_at = stack_below(cpu, (bits) / 8);                                   \
        store(bits, SEG_SS, pushed_at, pushed_value);                                              \
        stack_set(cpu, pushed_at);                                                                 \
    } while (0)
#define PUSH(bits, value)        PUSH_BY(STORE, bits, value)
#define PUSH_SECOND(bits, value) PUSH_BY(STORE_SECOND, bits, value)
/* Read the top of the stack into `name`; SP is moved by stack_drop() at commit. */
#define LOAD_TOP(bits, name) LOAD(bits, name, SEG_SS, stack_top(cpu))

INLINE uint32_t stack_top(const struct cpu *cpu)
{
    return cpu->state.gpr[REG_ESP] & stack_mask(cpu);
}
INLINE uint32_t stack_below(const struct cpu *cpu, uint32_t bytes)
{
    return (cpu->state.gpr[REG_ESP] - bytes) & stack_mask(cpu);
}
INLINE void stack_set(struct cpu *cpu, uint32_t offset)
{
    uint32_t mask = stack_mask(cpu);
    cpu->state.gpr[REG_ESP] = (cpu->state.gpr[REG_ESP] & ~mask) | (offset & mask);
}
INLINE void stack_drop(struct cpu *cpu, uint32_t bytes)
{
    stack_set(cpu, cpu->state.gpr[REG_ESP] + bytes);
}

/* ---- branches: the last statement of a body; uop[1].links follows the micro-op ---- */
/* EIP of the instruction after this one. */
INLINE uint32_t next_eip(const struct cpu *cpu, const struct uop *uop)
{
    return cpu->entry_eip + uop->eip_offset + uop->length;
}

#ifdef EXEC_CAREFUL
/* Check a target before anything is committed (CALL, RET): stands alone. */
#define CHECK_TARGET(target)                                                                       \
    if (UNLIKELY((target) > cpu->cs_limit)) {                                                      \
        return uop_fault(cpu, uop, trap_raise(cpu, PATH_gp_branch_limit, 0));                      \
    }
/* Direct target, checked: through the link. */
#define BRANCH_DIRECT(target)   return careful_branch(cpu, uop, target)
#define BRANCH_INDIRECT(target) return careful_branch(cpu, uop, target)
#define BRANCH_NOT_TAKEN        TAIL return careful_no_branch(cpu, uop)
#else
#ifdef EXEC_FLAT
#define CHECK_TARGET(target) (void)(target)
#define CODE_LINEAR(offset)  (offset)
#else
#define CODE_LINEAR(offset) (cpu->state.segments[SEG_CS].base + (offset))
#define CHECK_TARGET(target)                                                                       \
    if (UNLIKELY((target) > cpu->cs_limit)) {                                                      \
        CAREFUL;                                                                                   \
    }
#endif
#ifdef RINGSIDE_PLAIN_LOOP
#define ENTER_BLOCK(entered) return &(entered)[1].uop
#else
#define ENTER_BLOCK(entered) TAIL return (entered)[1].uop.run(cpu, &(entered)[1].uop)
#endif
#define BRANCH_DIRECT(target)                                                                      \
    do {                                                                                           \
        const union uop_slot *entered_block = ((const union uop_slot *)uop)[1].links.taken;        \
        cpu->entry_eip = (target);                                                                 \
        cpu->budget -= (int64_t)entered_block->head.clocks_taken + uop->src;                       \
        if (UNLIKELY(cpu->budget < 0)) {                                                           \
            TAIL return enter_taken_slow(cpu, uop);                                                \
        }                                                                                          \
        cpu->state.instructions += entered_block->head.insns;                                      \
        ENTER_BLOCK(entered_block);                                                                \
    } while (0)
#define BRANCH_NOT_TAKEN                                                                           \
    do {                                                                                           \
        const union uop_slot *entered_block = ((const union uop_slot *)uop)[1].links.next;         \
        cpu->entry_eip = next_eip(cpu, uop);                                                       \
        cpu->budget -= entered_block->head.clocks;                                                 \
        if (UNLIKELY(cpu->budget < 0)) {                                                           \
            TAIL return enter_next_slow(cpu, uop);                                                 \
        }                                                                                          \
        cpu->state.instructions += entered_block->head.insns;                                      \
        ENTER_BLOCK(entered_block);                                                                \
    } while (0)
#define BRANCH_INDIRECT(target)                                                                    \
    do {                                                                                           \
        cpu->entry_eip = (target);                                                                 \
        const union uop_slot *entered_block = block_at_linear(cpu, CODE_LINEAR(target));           \
        if (UNLIKELY(!entered_block || entered_block->head.clocks_taken > cpu->budget)) {          \
            TAIL return enter_indirect_slow(cpu, uop);                                             \
        }                                                                                          \
        cpu->budget -= entered_block->head.clocks_taken;                                           \
        cpu->state.instructions += entered_block->head.insns;                                      \
        ENTER_BLOCK(entered_block);                                                                \
    } while (0)
#endif

/* Target of a relative branch. bits: operand size; 16 keeps only IP (80386 PRM 16.4). */
INLINE uint32_t relative_target(const struct cpu *cpu, const struct uop *uop, uint32_t bits)
{
    uint32_t target = cpu->entry_eip + uop->imm;
    return bits == 16 ? target & 0xFFFF : target;
}

/* ---- bodies that exist only as careful ones and end their block ---- */
/* LEAVE: mode or memory map may have changed, or INTR may have become recognisable. */
#define LEAVE TAIL return leave_after(cpu, uop)
/* LEAVE_JUMP: state.eip is set. */
#define LEAVE_JUMP TAIL return leave_jump(cpu, uop)
