/* Moving data: MOV, MOVZX, MOVSX, XCHG, LEA, XLAT, BSWAP, CBW and its kin, SETcc, CMOVcc,
 * LAHF, SAHF, SALC and the single flags.
 * See: 80386 PRM 3.1, 3.6, 3.7 and chapter 17; i486 PRM BSWAP.
 * SPDX-License-Identifier: MIT */
#include "cpu/alu.h"
#include "cpu/timing.h"

#define MOV_ROWS(x, bits)                                                                          \
    OP(mov_e##x##_g##x##_r##bits)                                                                  \
    {                                                                                              \
        GPR##bits(uop->dst) = GPR##bits(uop->src);                                                 \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(mov_g##x##_e##x##_r##bits)                                                                  \
    {                                                                                              \
        GPR##bits(uop->dst) = GPR##bits(uop->src);                                                 \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(mov_g##x##_e##x##_m##bits)                                                                  \
    {                                                                                              \
        LOAD(bits, value, uop->segment, EA);                                                       \
        SET_GPR(bits, uop->dst, value);                                                            \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(mov_e##x##_g##x##_m##bits)                                                                  \
    {                                                                                              \
        STORE(bits, uop->segment, EA, GPR##bits(uop->src));                                        \
        NEXT;                                                                                      \
    }
MOV_ROWS(b, 8)
MOV_ROWS(v, 16)
MOV_ROWS(v, 32)

#define MOV_IMMEDIATE(form, bits)                                                                  \
    OP(mov_##form##_r##bits)                                                                       \
    {                                                                                              \
        SET_GPR(bits, uop->dst, uop->imm);                                                         \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(mov_##form##_m##bits)                                                                       \
    {                                                                                              \
        STORE(bits, uop->segment, EA, IMM(bits));                                                  \
        NEXT;                                                                                      \
    }
MOV_IMMEDIATE(eb_ib, 8)
MOV_IMMEDIATE(ev_iz, 16)
MOV_IMMEDIATE(ev_iz, 32)

/* MOVZX and MOVSX: a source of `from` bits extended into a register of `bits`. */
#define EXTENDING(name, extend, form, bits, from)                                                  \
    OP(name##_##form##_r##bits)                                                                    \
    {                                                                                              \
        SET_GPR(bits, uop->dst, extend(from, GPR##from(uop->src)));                                \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_##form##_m##bits)                                                                    \
    {                                                                                              \
        LOAD(from, value, uop->segment, EA);                                                       \
        SET_GPR(bits, uop->dst, extend(from, value));                                              \
        NEXT;                                                                                      \
    }
EXTENDING(movzx, zero_extend, gv_eb, 16, 8)
EXTENDING(movzx, zero_extend, gv_eb, 32, 8)
EXTENDING(movzx, zero_extend, gv_ew, 16, 16)
EXTENDING(movzx, zero_extend, gv_ew, 32, 16)
EXTENDING(movsx, sign_extend, gv_eb, 16, 8)
EXTENDING(movsx, sign_extend, gv_eb, 32, 8)
EXTENDING(movsx, sign_extend, gv_ew, 16, 16)
EXTENDING(movsx, sign_extend, gv_ew, 32, 16)

#define XCHG(x, bits)                                                                              \
    OP(xchg_e##x##_g##x##_r##bits)                                                                 \
    {                                                                                              \
        const uint32_t old = GPR##bits(uop->dst);                                                  \
        GPR##bits(uop->dst) = GPR##bits(uop->src);                                                 \
        SET_GPR(bits, uop->src, old);                                                              \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(xchg_e##x##_g##x##_m##bits)                                                                 \
    {                                                                                              \
        PROBE(bits, cell, uop->segment, EA);                                                       \
        const uint32_t old = CELL_READ(bits, cell);                                                \
        CELL_WRITE(bits, cell, GPR##bits(uop->src));                                               \
        SET_GPR(bits, uop->src, old);                                                              \
        NEXT;                                                                                      \
    }
XCHG(b, 8)
XCHG(v, 16)
XCHG(v, 32)

OP(lea_gv_m_m16)
{
    SET_GPR(16, uop->dst, EA);
    NEXT;
}

OP(lea_gv_m_m32)
{
    GPR32(uop->dst) = EA;
    NEXT;
}

/* AL = table[AL]; the table is at (E)BX. */
OP(xlat)
{
    const uint32_t offset = GPR32(REG_EBX) + GPR8(OFFSET_AL);
    LOAD(8, value, uop->segment, uop->flags & UOP_ADDRESS16 ? offset & 0xFFFF : offset);
    SET_GPR(8, OFFSET_AL, value);
    NEXT;
}

OP(bswap_rv_32)
{
    GPR32(uop->dst) = __builtin_bswap32(GPR32(uop->dst));
    NEXT;
}

/* Undefined in the manual; every part made gives zero. */
OP(bswap_rv_16)
{
    GPR16(uop->dst) = 0;
    NEXT;
}

OP(cbw_16)
{
    SET_GPR(16, REG_EAX, sign_extend(8, GPR8(OFFSET_AL)));
    NEXT;
}

OP(cbw_32)
{
    GPR32(REG_EAX) = sign_extend(16, GPR16(REG_EAX));
    NEXT;
}

OP(cwd_16)
{
    GPR16(REG_EDX) = GPR16(REG_EAX) & 0x8000 ? 0xFFFF : 0;
    NEXT;
}

OP(cwd_32)
{
    GPR32(REG_EDX) = GPR32(REG_EAX) & 0x80000000u ? 0xFFFFFFFFu : 0;
    NEXT;
}

/* ---- by condition ---- */
#define SETCC(cc, condition)                                                                       \
    OP(set##cc##_eb_r8)                                                                            \
    {                                                                                              \
        const bool holds = condition_holds(&cpu->flags, condition);                                \
        GPR8(uop->dst) = holds;                                                                    \
        NEXT_CHARGED(timing_setcc_extra(cpu, 0, holds));                                           \
    }                                                                                              \
    OP(set##cc##_eb_m8)                                                                            \
    {                                                                                              \
        const bool holds = condition_holds(&cpu->flags, condition);                                \
        STORE(8, uop->segment, EA, holds);                                                         \
        NEXT_CHARGED(timing_setcc_extra(cpu, 1, holds));                                           \
    }
ALL_CONDITIONS(SETCC)

/* The memory operand is read, and may fault, whatever the condition. */
#define CMOV(cc, condition, bits)                                                                  \
    OP(cmov##cc##_gv_ev_r##bits)                                                                   \
    {                                                                                              \
        if (condition_holds(&cpu->flags, condition)) {                                             \
            GPR##bits(uop->dst) = GPR##bits(uop->src);                                             \
        }                                                                                          \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(cmov##cc##_gv_ev_m##bits)                                                                   \
    {                                                                                              \
        LOAD(bits, value, uop->segment, EA);                                                       \
        if (condition_holds(&cpu->flags, condition)) {                                             \
            SET_GPR(bits, uop->dst, value);                                                        \
        }                                                                                          \
        NEXT;                                                                                      \
    }
#define CMOV16(cc, condition) CMOV(cc, condition, 16)
#define CMOV32(cc, condition) CMOV(cc, condition, 32)
ALL_CONDITIONS(CMOV16)
ALL_CONDITIONS(CMOV32)

/* ---- flags ---- */
#define FLAGS_OF_AH (EFLAGS_SF | EFLAGS_ZF | EFLAGS_AF | EFLAGS_PF | EFLAGS_CF)

OP(lahf)
{
    SET_GPR(8, OFFSET_AH, (flags_get(&cpu->flags) & FLAGS_OF_AH) | EFLAGS_ONE);
    NEXT;
}

OP(sahf)
{
    const uint32_t kept = flags_get(&cpu->flags) & EFLAGS_OF;
    flags_put(&cpu->flags, kept | (GPR8(OFFSET_AH) & FLAGS_OF_AH));
    NEXT;
}

/* D6, undocumented: AL = CF ? FFh : 0. */
#ifdef EXEC_CAREFUL
OP(salc)
{
    GPR8(OFFSET_AL) = flag_cf(&cpu->flags) ? 0xFF : 0;
    NEXT;
}
#endif

OP(clc)
{
    flag_put_cf(&cpu->flags, 0);
    NEXT;
}

OP(stc)
{
    flag_put_cf(&cpu->flags, 1);
    NEXT;
}

OP(cmc)
{
    flag_put_cf(&cpu->flags, flag_cf(&cpu->flags) ^ 1);
    NEXT;
}

OP(cld)
{
    cpu->state.eflags &= ~EFLAGS_DF;
    NEXT;
}

OP(std)
{
    cpu->state.eflags |= EFLAGS_DF;
    NEXT;
}

OP(nop)
{
    (void)cpu;
    NEXT;
}
