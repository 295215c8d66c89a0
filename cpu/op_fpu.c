/* x87: arithmetic, comparison, loads and stores. Several rows of isa.def share a body: which of
 * the eight operations and which register are bits 5-3 and 2-0 of ModR/M, kept in imm.
 * See: 80387 PRM chapter 4; i486 PRM chapter 26.
 * SPDX-License-Identifier: MIT */
#include "cpu/exec.h"
#include "cpu/fpu_stack.h"

#define FPU (&cpu->state.fpu)

/* ---- arithmetic and comparison with memory ---- */

OP(farith_m32r)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD(32, bits, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    const uint32_t work = fpu_arithmetic_float32(FPU, FPU_DIGIT(uop), bits);
    FPU_NEXT(work);
}
OP(farith_m64r)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD64(bits, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    const uint32_t work = fpu_arithmetic_float64(FPU, FPU_DIGIT(uop), bits);
    FPU_NEXT(work);
}
OP(farith_m32i)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD(32, value, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    const uint32_t work = fpu_arithmetic_integer(FPU, FPU_DIGIT(uop), (int32_t)value);
    FPU_NEXT(work);
}
OP(farith_m16i)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD(16, value, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    const uint32_t work = fpu_arithmetic_integer(FPU, FPU_DIGIT(uop), (int16_t)value);
    FPU_NEXT(work);
}

/* ---- arithmetic between registers ---- */

OP(farith_st_sti)
{
    FPU_READY;
    fpu_note(cpu, uop);
    const uint32_t work = fpu_arithmetic_registers(FPU, FPU_DIGIT(uop), FPU_ST(uop), 0, 0);
    FPU_NEXT(work);
}
OP(farith_sti_st)
{
    FPU_READY;
    const uint32_t i = FPU_ST(uop);
    fpu_note(cpu, uop);
    const uint32_t work = fpu_arithmetic_registers(FPU, FPU_DIGIT(uop), i, i, 0);
    FPU_NEXT(work);
}
OP(farithp_sti_st)
{
    FPU_READY;
    const uint32_t i = FPU_ST(uop);
    fpu_note(cpu, uop);
    const uint32_t work = fpu_arithmetic_registers(FPU, FPU_DIGIT(uop), i, i, 1);
    FPU_NEXT(work);
}

/* ---- comparison between registers ---- */

#define COMPARE(name, i, quiet, pops)                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        FPU_READY;                                                                                 \
        fpu_note(cpu, uop);                                                                        \
        fpu_compare_registers(FPU, i, quiet, pops);                                                \
        FPU_NEXT(0);                                                                               \
    }
COMPARE(fcom_sti, FPU_ST(uop), 0, 0)
COMPARE(fcomp_sti, FPU_ST(uop), 0, 1)
COMPARE(fcompp, 1, 0, 2)
COMPARE(fucom_sti, FPU_ST(uop), 1, 0)
COMPARE(fucomp_sti, FPU_ST(uop), 1, 1)
COMPARE(fucompp, 1, 1, 2)

#define COMPARE_FLAGS(name, quiet, pops)                                                           \
    OP(name)                                                                                       \
    {                                                                                              \
        FPU_READY;                                                                                 \
        fpu_note(cpu, uop);                                                                        \
        flags_put(&cpu->flags, fpu_compare_flags(FPU, FPU_ST(uop), quiet, pops));                  \
        FPU_NEXT(0);                                                                               \
    }
COMPARE_FLAGS(fcomi_sti, 0, 0)
COMPARE_FLAGS(fcomip_sti, 0, 1)
COMPARE_FLAGS(fucomi_sti, 1, 0)
COMPARE_FLAGS(fucomip_sti, 1, 1)

/* ---- loads ---- */

OP(fld_m32r)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD(32, bits, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    fpu_push_float32(FPU, bits);
    FPU_NEXT(0);
}
OP(fld_m64r)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD64(bits, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    fpu_push_float64(FPU, bits);
    FPU_NEXT(0);
}
OP(fld_sti)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_push_register(FPU, FPU_ST(uop));
    FPU_NEXT(0);
}
OP(fxch_sti)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_exchange(FPU, FPU_ST(uop));
    FPU_NEXT(0);
}
OP(fild_m16i)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD(16, value, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    fpu_push_integer(FPU, (int16_t)value);
    FPU_NEXT(fpu_integer_work((int16_t)value));
}
OP(fild_m32i)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD(32, value, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    fpu_push_integer(FPU, (int32_t)value);
    FPU_NEXT(fpu_integer_work((int32_t)value));
}
OP(fild_m64i)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    LOAD64(value, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    fpu_push_integer(FPU, (int64_t)value);
    FPU_NEXT(fpu_integer_work((int64_t)value));
}

/* ---- stores: bit 3 of ModR/M pops ---- */

#define POPS(uop) ((uop)->imm & 8)

OP(fst_m32r)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    PROBE(32, cell, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    const struct fpu_stored stored = fpu_store_float32(FPU);
    if (LIKELY(stored.writes)) {
        CELL_WRITE(32, cell, (uint32_t)stored.value);
        if (POPS(uop)) {
            fpu_pop(FPU);
        }
    }
    FPU_NEXT(0);
}
OP(fst_m64r)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    PROBE64(cell, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    const struct fpu_stored stored = fpu_store_float64(FPU);
    if (LIKELY(stored.writes)) {
        CELL_WRITE64(cell, uop->segment, at, stored.value);
        if (POPS(uop)) {
            fpu_pop(FPU);
        }
    }
    FPU_NEXT(0);
}
#define STORE_INTEGER(name, bits)                                                                  \
    OP(name)                                                                                       \
    {                                                                                              \
        FPU_READY;                                                                                 \
        const uint32_t at = effective_address(cpu, uop);                                           \
        PROBE(bits, cell, uop->segment, at);                                                       \
        fpu_note_memory(cpu, uop, at);                                                             \
        const struct fpu_stored stored = fpu_store_integer(FPU, bits);                             \
        if (LIKELY(stored.writes)) {                                                               \
            CELL_WRITE(bits, cell, (uint32_t)stored.value);                                        \
            if (POPS(uop)) {                                                                       \
                fpu_pop(FPU);                                                                      \
            }                                                                                      \
        }                                                                                          \
        FPU_NEXT(fpu_integer_work((int64_t)stored.value));                                         \
    }
STORE_INTEGER(fist_m16i, 16)
STORE_INTEGER(fist_m32i, 32)
OP(fistp_m64i)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    PROBE64(cell, uop->segment, at);
    fpu_note_memory(cpu, uop, at);
    const struct fpu_stored stored = fpu_store_integer(FPU, 64);
    if (LIKELY(stored.writes)) {
        CELL_WRITE64(cell, uop->segment, at, stored.value);
        fpu_pop(FPU);
    }
    FPU_NEXT(fpu_integer_work((int64_t)stored.value));
}
/* DD D0 FST, DD D8 FSTP ST(i), with the aliases D9 D8 and DF D8. */
OP(fst_sti)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_store_register(FPU, FPU_ST(uop), POPS(uop));
    FPU_NEXT(0);
}

/* ---- signs and the two simple constants ---- */

OP(fchs)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_change_sign(FPU, FLOAT80_SIGN, 0xFFFF);
    FPU_NEXT(0);
}
OP(fabs)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_change_sign(FPU, 0, (uint16_t)~FLOAT80_SIGN);
    FPU_NEXT(0);
}
OP(fld1)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_push_integer(FPU, 1);
    FPU_NEXT(0);
}
OP(fldz)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_push_integer(FPU, 0);
    FPU_NEXT(0);
}
OP(fnstsw_ax)
{
    FPU_IDLE;
    GPR16(REG_EAX) = cpu->state.fpu.status;
    FPU_NEXT(0);
}
