/* PUSH, POP, PUSHA, POPA, ENTER, LEAVE. All or nothing: of a frame every cell is checked
 * before the first is written.
 * See: 80386 PRM 3.1.2, 3.10 and chapter 17.
 * SPDX-License-Identifier: MIT */
#include "cpu/alu.h"
#include "cpu/timing.h"

/* PUSH ESP stores ESP as it was before (80386 PRM chapter 17, PUSH). */
#define PUSH_FORMS(bits)                                                                           \
    OP(push_rv_##bits)                                                                             \
    {                                                                                              \
        PUSH(bits, GPR##bits(uop->dst));                                                           \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(push_ev_r##bits)                                                                            \
    {                                                                                              \
        PUSH(bits, GPR##bits(uop->dst));                                                           \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(push_ev_m##bits)                                                                            \
    {                                                                                              \
        LOAD(bits, value, uop->segment, EA);                                                       \
        PUSH_SECOND(bits, value);                                                                  \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(push_iz_##bits)                                                                             \
    {                                                                                              \
        PUSH(bits, IMM(bits));                                                                     \
        NEXT;                                                                                      \
    }
PUSH_FORMS(16)
PUSH_FORMS(32)

/* The address of a popped memory operand that uses ESP as base sees ESP after the pop. */
INLINE uint32_t popped_address(const struct cpu *cpu, const struct uop *uop, uint32_t bytes)
{
    uint32_t esp = cpu->state.gpr[REG_ESP], mask = stack_mask(cpu);
    uint32_t popped = (esp & ~mask) | ((esp + bytes) & mask);
    return effective_address(cpu, uop) + (uop->base == REG_ESP ? popped - esp : 0);
}

#define POP_FORMS(bits)                                                                            \
    OP(pop_rv_##bits)                                                                              \
    {                                                                                              \
        LOAD_TOP(bits, value);                                                                     \
        stack_drop(cpu, (bits) / 8);                                                               \
        SET_GPR(bits, uop->dst, value);                                                            \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(pop_ev_r##bits)                                                                             \
    {                                                                                              \
        LOAD_TOP(bits, value);                                                                     \
        stack_drop(cpu, (bits) / 8);                                                               \
        SET_GPR(bits, uop->dst, value);                                                            \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(pop_ev_m##bits)                                                                             \
    {                                                                                              \
        LOAD_TOP(bits, value);                                                                     \
        STORE_SECOND(bits, uop->segment, popped_address(cpu, uop, (bits) / 8), value);             \
        stack_drop(cpu, (bits) / 8);                                                               \
        NEXT;                                                                                      \
    }
POP_FORMS(16)
POP_FORMS(32)

#define LEAVE_FRAME(bits)                                                                          \
    OP(leave_##bits)                                                                               \
    {                                                                                              \
        const uint32_t frame = GPR32(REG_EBP);                                                     \
        LOAD(bits, older, SEG_SS, frame &stack_mask(cpu));                                         \
        stack_set(cpu, frame + (bits) / 8);                                                        \
        SET_GPR(bits, REG_EBP, older);                                                             \
        NEXT;                                                                                      \
    }
LEAVE_FRAME(16)
LEAVE_FRAME(32)

#ifndef EXEC_CAREFUL
/* ---- PUSHA and POPA: eight dwords that lie together in a page known to be at hand at once ---- */

INLINE void pusha_at(struct cpu *cpu, uint8_t *host)
{
#pragma GCC unroll 8
    for (uint32_t n = 0; n < 8; n++) {
        host_store(host + 28 - 4 * n, 4, GPR32(n));
    }
    GPR32(REG_ESP) -= 32;
}

/* The cell of ESP is dropped. */
INLINE void popa_at(struct cpu *cpu, const uint8_t *host)
{
#pragma GCC unroll 8
    for (uint32_t n = 0; n < 8; n++) {
        if (n != REG_ESP) {
            GPR32(n) = host_load(host + 28 - 4 * n, 4);
        }
    }
    GPR32(REG_ESP) += 32;
}

OP(pusha_32)
{
    uint8_t *host = host_range(cpu, SEG_SS, GPR32(REG_ESP) - 32, 32, ACCESS_WRITE);
    if (UNLIKELY(!host || stack_mask(cpu) != 0xFFFFFFFFu)) {
        CAREFUL;
    }
    pusha_at(cpu, host);
    NEXT;
}
OP(popa_32)
{
    const uint8_t *host = host_range(cpu, SEG_SS, GPR32(REG_ESP), 32, 0);
    if (UNLIKELY(!host || stack_mask(cpu) != 0xFFFFFFFFu)) {
        CAREFUL;
    }
    popa_at(cpu, host);
    NEXT;
}
OP(pusha_16)
{
    CAREFUL;
}
OP(popa_16)
{
    CAREFUL;
}
#endif

#ifdef EXEC_CAREFUL
/* ---- frames of several cells: all are checked before the first is written ---- */
/* The `count` cells below offset `top`, downwards, so that the same one faults as when going
 * one by one. */
static uint32_t check_cells(struct cpu *cpu, uint32_t access, uint32_t top, uint32_t bytes,
                            uint32_t count)
{
    for (uint32_t n = 1; n <= count; n++) {
        uint32_t offset = (top - n * bytes) & stack_mask(cpu);
        uint32_t path = check_logical(cpu, SEG_SS, offset, bytes, access);
        if (path) {
            return path;
        }
    }
    return PATH_NONE;
}
#define CHECK_CELLS(access, top, bytes, count)                                                     \
    do {                                                                                           \
        const uint32_t path_of_cells = check_cells(cpu, access, top, bytes, count);                \
        if (UNLIKELY(path_of_cells)) {                                                             \
            FAULT(path_of_cells);                                                                  \
        }                                                                                          \
    } while (0)

#define PUSHA(bits)                                                                                \
    OP(pusha_##bits)                                                                               \
    {                                                                                              \
        CHECK_CELLS(ACCESS_WRITE, GPR32(REG_ESP), (bits) / 8, 8);                                  \
        for (uint32_t n = 0; n < 8; n++) {                                                         \
            STORE(bits, SEG_SS, stack_below(cpu, (n + 1) * ((bits) / 8)), GPR##bits(n));           \
        }                                                                                          \
        stack_drop(cpu, 0u - 8 * ((bits) / 8));                                                    \
        NEXT;                                                                                      \
    }
PUSHA(16)
PUSHA(32)

/* The cell of ESP is read and dropped. */
#define POPA(bits)                                                                                 \
    OP(popa_##bits)                                                                                \
    {                                                                                              \
        uint32_t popped[8];                                                                        \
        for (uint32_t n = 0; n < 8; n++) {                                                         \
            const uint32_t offset = (GPR32(REG_ESP) + n * ((bits) / 8)) & stack_mask(cpu);         \
            LOAD(bits, value, SEG_SS, offset);                                                     \
            popped[7 - n] = value;                                                                 \
        }                                                                                          \
        for (uint32_t n = 0; n < 8; n++) {                                                         \
            if (n != REG_ESP) {                                                                    \
                SET_GPR(bits, n, popped[n]);                                                       \
            }                                                                                      \
        }                                                                                          \
        stack_drop(cpu, 8 * ((bits) / 8));                                                         \
        NEXT;                                                                                      \
    }
POPA(16)
POPA(32)

/* Pushes (E)BP, then `level` - 1 older frame pointers and the new one, and reserves imm bytes;
 * where SP ends must be writable too (i486 PRM ENTER). */
#define ENTER(bits)                                                                                \
    OP(enter_iw_ib_##bits)                                                                         \
    {                                                                                              \
        const uint32_t level = uop->disp & 31, bytes = (bits) / 8, old = GPR32(REG_EBP);           \
        const uint32_t cells = level + 1, frame = stack_below(cpu, bytes);                         \
        const uint32_t pointer = (GPR32(REG_ESP) & ~stack_mask(cpu)) | frame;                      \
        const uint32_t last = stack_below(cpu, cells * bytes + uop->imm);                          \
        CHECK_CELLS(ACCESS_WRITE, GPR32(REG_ESP), bytes, cells);                                   \
        if (level > 1) {                                                                           \
            CHECK_CELLS(0, old, bytes, level - 1);                                                 \
        }                                                                                          \
        CHECK_CELL(ACCESS_WRITE, SEG_SS, last, bytes);                                             \
        STORE(bits, SEG_SS, frame, GPR##bits(REG_EBP));                                            \
        for (uint32_t n = 1; n < level; n++) {                                                     \
            LOAD(bits, older, SEG_SS, (old - n * bytes) & stack_mask(cpu));                        \
            STORE(bits, SEG_SS, stack_below(cpu, (n + 1) * bytes), older);                         \
        }                                                                                          \
        if (level > 0) {                                                                           \
            STORE(bits, SEG_SS, stack_below(cpu, cells *bytes), pointer);                          \
        }                                                                                          \
        SET_GPR(bits, REG_EBP, pointer);                                                           \
        stack_set(cpu, last);                                                                      \
        NEXT_CHARGED(timing_enter_extra(cpu, level));                                              \
    }
ENTER(16)
ENTER(32)
#endif
