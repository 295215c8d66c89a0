/* BT BTS BTR BTC, BSF, BSR.
 * A bit number in a register is signed and reaches beyond the memory operand: the cell that
 * is accessed lies (number / size) cells away (80386 PRM chapter 17, BT).
 * Flags the manual leaves undefined: the bit tests keep them, the scans clear CF, OF and AF.
 * See: 80386 PRM 3.4.4, 3.4.5 and chapter 17.
 * SPDX-License-Identifier: MIT */
#include "cpu/alu.h"
#include "cpu/timing.h"

/* What becomes of the operand. */
INLINE uint32_t bits_bts(uint32_t value, uint32_t bit)
{
    return value | bit;
}
INLINE uint32_t bits_btr(uint32_t value, uint32_t bit)
{
    return value & ~bit;
}
INLINE uint32_t bits_btc(uint32_t value, uint32_t bit)
{
    return value ^ bit;
}

/* Offset of the cell that holds bit `number` (sign-extended) of the string at `offset`. */
INLINE uint32_t bit_cell(const struct uop *uop, uint32_t bits, uint32_t offset, uint32_t number)
{
    uint32_t cell = offset + (uint32_t)((int32_t)number >> (bits == 16 ? 4 : 5)) * (bits / 8);
    return uop->flags & UOP_ADDRESS16 ? cell & 0xFFFF : cell;
}
#define REGISTER_NUMBER(bits) sign_extend(bits, GPR##bits(uop->src))
#define REGISTER_CELL(bits)   bit_cell(uop, bits, EA, REGISTER_NUMBER(bits))

/* BT: the operand is only read. number: expression, cell: offset of the memory operand. */
#define BIT_TEST(form, bits, number, cell_offset)                                                  \
    OP(bt_##form##_r##bits)                                                                        \
    {                                                                                              \
        const uint32_t value = GPR##bits(uop->dst);                                                \
        flag_put_cf(&cpu->flags, (value >> ((number) & ((bits)-1))) & 1);                          \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(bt_##form##_m##bits)                                                                        \
    {                                                                                              \
        LOAD(bits, value, uop->segment, cell_offset);                                              \
        flag_put_cf(&cpu->flags, (value >> ((number) & ((bits)-1))) & 1);                          \
        NEXT;                                                                                      \
    }
BIT_TEST(ev_gv, 16, REGISTER_NUMBER(16), REGISTER_CELL(16))
BIT_TEST(ev_gv, 32, REGISTER_NUMBER(32), REGISTER_CELL(32))
BIT_TEST(ev_ib, 16, uop->imm, EA)
BIT_TEST(ev_ib, 32, uop->imm, EA)

#define BIT_CHANGE(name, form, bits, number, cell_offset)                                          \
    OP(name##_##form##_r##bits)                                                                    \
    {                                                                                              \
        const uint32_t old = GPR##bits(uop->dst), bit = 1u << ((number) & ((bits)-1));             \
        SET_GPR(bits, uop->dst, bits_##name(old, bit));                                            \
        flag_put_cf(&cpu->flags, (old & bit) != 0);                                                \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_##form##_m##bits)                                                                    \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, cell_offset);                                              \
        const uint32_t old = CELL_READ(bits, cell), bit = 1u << ((number) & ((bits)-1));           \
        CELL_WRITE(bits, cell, bits_##name(old, bit));                                             \
        flag_put_cf(&cpu->flags, (old & bit) != 0);                                                \
        NEXT;                                                                                      \
    }
#define BIT_CHANGE_ROWS(name)                                                                      \
    BIT_CHANGE(name, ev_gv, 16, REGISTER_NUMBER(16), REGISTER_CELL(16))                            \
    BIT_CHANGE(name, ev_gv, 32, REGISTER_NUMBER(32), REGISTER_CELL(32))                            \
    BIT_CHANGE(name, ev_ib, 16, uop->imm, EA)                                                      \
    BIT_CHANGE(name, ev_ib, 32, uop->imm, EA)

BIT_CHANGE_ROWS(bts)
BIT_CHANGE_ROWS(btr)
BIT_CHANGE_ROWS(btc)

/* ---- scans: a source of 0 sets ZF and leaves the destination alone ---- */
INLINE uint32_t bits_bsf(uint32_t source)
{
    return (uint32_t)__builtin_ctz(source);
}
INLINE uint32_t bits_bsr(uint32_t source)
{
    return 31u - (uint32_t)__builtin_clz(source);
}
INLINE uint32_t clocks_bsf(const struct cpu *cpu, uint32_t bits, uint32_t source)
{
    (void)bits;
    return timing_bsf_extra(cpu, source);
}
INLINE uint32_t clocks_bsr(const struct cpu *cpu, uint32_t bits, uint32_t source)
{
    return timing_bsr_extra(cpu, bits, source);
}
#define SCAN(name, bits)                                                                           \
    OP(name##_gv_ev_r##bits)                                                                       \
    {                                                                                              \
        const uint32_t source = GPR##bits(uop->src);                                               \
        if (source != 0) {                                                                         \
            SET_GPR(bits, uop->dst, bits_##name(source));                                          \
        }                                                                                          \
        flags_logic(&cpu->flags, bits, source);                                                    \
        NEXT_CHARGED(clocks_##name(cpu, bits, source));                                            \
    }                                                                                              \
    OP(name##_gv_ev_m##bits)                                                                       \
    {                                                                                              \
        LOAD(bits, source, uop->segment, EA);                                                      \
        if (source != 0) {                                                                         \
            SET_GPR(bits, uop->dst, bits_##name(source));                                          \
        }                                                                                          \
        flags_logic(&cpu->flags, bits, source);                                                    \
        NEXT_CHARGED(clocks_##name(cpu, bits, source));                                            \
    }
SCAN(bsf, 16)
SCAN(bsf, 32)
SCAN(bsr, 16)
SCAN(bsr, 32)
