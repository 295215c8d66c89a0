/* SHL SHR SAR ROL ROR RCL RCR by 1, CL or an immediate; SHLD, SHRD.
 * Counts are taken modulo 32; a count of 0 changes neither operand nor flags, but the memory
 * operand is checked for writing as always.
 * See: 80386 PRM 3.4.2, 3.4.3 and chapter 17: RCL/RCR/ROL/ROR, SAL/SAR/SHL/SHR, SHLD, SHRD.
 * SPDX-License-Identifier: MIT */
#include "cpu/shift.h"
#include "cpu/timing.h"

/* One operand size, one way to give the count. GO_ON is NEXT, or charges what depends on it. */
#define SHIFT(name, form, bits, number, GO_ON)                                                     \
    OP(name##_##form##_r##bits)                                                                    \
    {                                                                                              \
        const uint32_t count = (number)&SHIFT_COUNT_MASK;                                          \
        if (count != 0) {                                                                          \
            const uint32_t old = GPR##bits(uop->dst);                                              \
            SET_GPR(bits, uop->dst, shift_##name(&cpu->flags, bits, old, count));                  \
        }                                                                                          \
        GO_ON;                                                                                     \
    }                                                                                              \
    OP(name##_##form##_m##bits)                                                                    \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, EA);                                                       \
        const uint32_t count = (number)&SHIFT_COUNT_MASK;                                          \
        if (count != 0) {                                                                          \
            const uint32_t old = CELL_READ(bits, cell);                                            \
            CELL_WRITE(bits, cell, shift_##name(&cpu->flags, bits, old, count));                   \
        }                                                                                          \
        GO_ON;                                                                                     \
    }
#define SHIFT_ROWS(name, GO_ON)                                                                    \
    SHIFT(name, eb_ib, 8, uop->imm, GO_ON)                                                         \
    SHIFT(name, ev_ib, 16, uop->imm, GO_ON)                                                        \
    SHIFT(name, ev_ib, 32, uop->imm, GO_ON)                                                        \
    SHIFT(name, eb_cl, 8, GPR8(OFFSET_CL), GO_ON)                                                  \
    SHIFT(name, ev_cl, 16, GPR8(OFFSET_CL), GO_ON)                                                 \
    SHIFT(name, ev_cl, 32, GPR8(OFFSET_CL), GO_ON)

SHIFT_ROWS(shl, NEXT)
SHIFT_ROWS(shr, NEXT)
SHIFT_ROWS(sar, NEXT)
SHIFT_ROWS(rol, NEXT)
SHIFT_ROWS(ror, NEXT)
SHIFT_ROWS(rcl, NEXT_CHARGED(timing_rotate_carry_extra(cpu, count)))
SHIFT_ROWS(rcr, NEXT_CHARGED(timing_rotate_carry_extra(cpu, count)))

#define DOUBLE_SHIFT(name, form, bits, number)                                                     \
    OP(name##_##form##_r##bits)                                                                    \
    {                                                                                              \
        const uint32_t count = (number)&SHIFT_COUNT_MASK;                                          \
        if (count != 0) {                                                                          \
            const uint32_t old = GPR##bits(uop->dst), fill = GPR##bits(uop->src);                  \
            SET_GPR(bits, uop->dst, shift_##name(&cpu->flags, bits, old, fill, count));            \
        }                                                                                          \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_##form##_m##bits)                                                                    \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, EA);                                                       \
        const uint32_t count = (number)&SHIFT_COUNT_MASK;                                          \
        if (count != 0) {                                                                          \
            const uint32_t old = CELL_READ(bits, cell), fill = GPR##bits(uop->src);                \
            CELL_WRITE(bits, cell, shift_##name(&cpu->flags, bits, old, fill, count));             \
        }                                                                                          \
        NEXT;                                                                                      \
    }
#define DOUBLE_SHIFT_ROWS(name)                                                                    \
    DOUBLE_SHIFT(name, ev_gv_ib, 16, uop->imm)                                                     \
    DOUBLE_SHIFT(name, ev_gv_ib, 32, uop->imm)                                                     \
    DOUBLE_SHIFT(name, ev_gv_cl, 16, GPR8(OFFSET_CL))                                              \
    DOUBLE_SHIFT(name, ev_gv_cl, 32, GPR8(OFFSET_CL))

DOUBLE_SHIFT_ROWS(shld)
DOUBLE_SHIFT_ROWS(shrd)
