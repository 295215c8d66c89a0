/* x87: constants, functions, control and environment; WAIT. All of these are long enough that the
 * careful variant serves both speeds.
 * See: 80387 PRM chapter 4; i486 PRM chapter 26.
 * SPDX-License-Identifier: MIT */
#ifdef EXEC_CAREFUL
#include "cpu/exec.h"
#include "cpu/fpu_stack.h"

#define FPU (&cpu->state.fpu)

OP(wait)
{
    if ((cpu->state.cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS)) {
        FAULT(trap_raise(cpu, PATH_nm_wait, 0));
    }
    fpu_wait(cpu, uop);
    if (cpu->state.fpu.status & FPU_ES) {
        const uint32_t refusal = fpu_refusal(cpu, PATH_nm_wait);
        if (refusal == FPU_FREEZES) {
            return fpu_freeze(cpu, uop);
        }
        if (refusal) {
            FAULT(refusal);
        }
    }
    NEXT;
}

/* ---- loads and stores of ten bytes ---- */

OP(fld_m80r)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    const uint32_t path = fpu_read(cpu, uop->segment, at, 10, 4);
    if (path) {
        FAULT(path);
    }
    fpu_note_memory(cpu, uop, at);
    fpu_push_float80(FPU, fpu_image_low(cpu), fpu_image_high(cpu));
    NEXT;
}
OP(fbld_m80b)
{
    FPU_READY;
    const uint32_t at = effective_address(cpu, uop);
    const uint32_t path = fpu_read(cpu, uop->segment, at, 10, 4);
    if (path) {
        FAULT(path);
    }
    const uint64_t low = fpu_image_low(cpu);
    fpu_note_memory(cpu, uop, at);
    fpu_push_bcd(FPU, low, fpu_image_high(cpu));
    FPU_NEXT(fpu_integer_work((int64_t)low));
}

/* One of the two ten-byte stores. */
#define STORE_TEN(name, store)                                                                     \
    OP(name)                                                                                       \
    {                                                                                              \
        FPU_READY;                                                                                 \
        const uint32_t at = effective_address(cpu, uop);                                           \
        const uint32_t path = fpu_probe(cpu, uop->segment, at, 10, 8, ACCESS_WRITE);               \
        if (path) {                                                                                \
            FAULT(path);                                                                           \
        }                                                                                          \
        fpu_note_memory(cpu, uop, at);                                                             \
        const struct fpu_stored stored = store(FPU);                                               \
        if (stored.writes) {                                                                       \
            fpu_image_put(cpu, stored.value, stored.high);                                         \
            fpu_write(cpu, uop->segment, at, 10, 4);                                               \
            fpu_pop(FPU);                                                                          \
        }                                                                                          \
        FPU_NEXT(fpu_integer_work((int64_t)stored.value));                                         \
    }
STORE_TEN(fstp_m80r, fpu_store_float80)
STORE_TEN(fbstp_m80b, fpu_store_bcd)

/* DF D0: pops although bit 3 of its ModR/M byte is clear. */
OP(fstp_sti_alias)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_store_register(FPU, FPU_ST(uop), 1);
    NEXT;
}

/* ---- constants ---- */

OP(fldconst)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_push_constant(FPU, FPU_ST(uop));
    FPU_NEXT(0);
}

/* ---- functions of ST, or ST and ST(1) ---- */

/* The row tells by its ModR/M byte which one it is. */
OP(ffunction)
{
    FPU_READY;
    fpu_note(cpu, uop);
    const uint32_t work = fpu_function(FPU, uop->imm & 0xFF);
    FPU_NEXT(work);
}
OP(fcmov)
{
    FPU_READY;
    fpu_note(cpu, uop);
    static const uint32_t tested[] = {EFLAGS_CF, EFLAGS_ZF, EFLAGS_CF | EFLAGS_ZF, EFLAGS_PF};
    const bool set = flags_get(&cpu->flags) & tested[FPU_DIGIT(uop) & 3];
    const bool negated = uop->imm & 0x100; /* DA: if set; DB: if not */
    fpu_move_if(FPU, FPU_ST(uop), set != negated);
    NEXT;
}

/* ---- the stack ---- */

OP(fnop)
{
    FPU_READY;
    fpu_note(cpu, uop);
    NEXT;
}
/* Old control instructions that later processors take for no operation: FENI, FDISI, FSETPM. */
OP(fnop_control)
{
    FPU_PRESENT;
    NEXT;
}
OP(fincstp)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_turn(FPU, 1);
    FPU->status &= (uint16_t)~FPU_C1;
    NEXT;
}
OP(fdecstp)
{
    FPU_READY;
    fpu_note(cpu, uop);
    fpu_turn(FPU, 7);
    FPU->status &= (uint16_t)~FPU_C1;
    NEXT;
}
OP(ffree_sti)
{
    FPU_READY;
    fpu_note(cpu, uop);
    FPU->status &= (uint16_t)~FPU_C1;
    fpu_free(FPU, FPU_ST(uop));
    NEXT;
}
OP(ffreep_sti)
{
    FPU_READY;
    fpu_note(cpu, uop);
    FPU->status &= (uint16_t)~FPU_C1;
    fpu_free(FPU, FPU_ST(uop));
    fpu_pop(FPU);
    NEXT;
}

/* ---- control words ---- */

OP(fninit)
{
    FPU_IDLE;
    fpu_initialize(FPU);
    fpu_settle_errors(cpu);
    NEXT;
}
OP(fnclex)
{
    FPU_IDLE;
    FPU->status &= (uint16_t) ~(FPU_MASKS | FPU_SF | FPU_ES | FPU_BUSY);
    fpu_settle_errors(cpu);
    NEXT;
}
OP(fldcw_m16)
{
    FPU_READY;
    LOAD(16, control, uop->segment, effective_address(cpu, uop));
    fpu_load_control(cpu, control);
    NEXT;
}
OP(fnstcw_m16)
{
    FPU_PRESENT;
    STORE(16, uop->segment, effective_address(cpu, uop), cpu->state.fpu.control);
    NEXT;
}
OP(fnstsw_m16)
{
    FPU_IDLE;
    STORE(16, uop->segment, effective_address(cpu, uop), cpu->state.fpu.status);
    NEXT;
}

/* ---- environments: layout by operand size and mode ---- */

OP(fldenv_m)
{
    FPU_READY;
    const uint32_t size16 = uop->flags & UOP_SIZE16, piece = size16 ? 2 : 4;
    const uint32_t path = fpu_read(cpu, uop->segment, effective_address(cpu, uop),
                                   FPU_ENVIRONMENT_BYTES(size16), piece);
    if (path) {
        FAULT(path);
    }
    fpu_unpack_environment(cpu, size16);
    NEXT;
}
/* Masks all exceptions afterwards. */
OP(fnstenv_m)
{
    FPU_IDLE;
    const uint32_t at = effective_address(cpu, uop);
    const uint32_t size16 = uop->flags & UOP_SIZE16, piece = size16 ? 2 : 4;
    const uint32_t bytes = FPU_ENVIRONMENT_BYTES(size16);
    const uint32_t path = fpu_probe(cpu, uop->segment, at, bytes, piece, ACCESS_WRITE);
    if (path) {
        FAULT(path);
    }
    fpu_pack_environment(cpu, size16);
    fpu_write(cpu, uop->segment, at, bytes, piece);
    fpu_load_control(cpu, cpu->state.fpu.control | FPU_MASKS);
    NEXT;
}
OP(frstor_m)
{
    FPU_READY;
    const uint32_t size16 = uop->flags & UOP_SIZE16, piece = size16 ? 2 : 4;
    const uint32_t environment = FPU_ENVIRONMENT_BYTES(size16);
    const uint32_t path = fpu_read(cpu, uop->segment, effective_address(cpu, uop),
                                   environment + FPU_REGISTERS_BYTES, piece);
    if (path) {
        FAULT(path);
    }
    fpu_unpack_environment(cpu, size16);
    fpu_unpack_registers(cpu, environment);
    NEXT;
}
/* As FINIT afterwards. */
OP(fnsave_m)
{
    FPU_IDLE;
    const uint32_t at = effective_address(cpu, uop);
    const uint32_t size16 = uop->flags & UOP_SIZE16, piece = size16 ? 2 : 4;
    const uint32_t environment = FPU_ENVIRONMENT_BYTES(size16);
    const uint32_t bytes = environment + FPU_REGISTERS_BYTES;
    const uint32_t path = fpu_probe(cpu, uop->segment, at, bytes, piece, ACCESS_WRITE);
    if (path) {
        FAULT(path);
    }
    fpu_pack_environment(cpu, size16);
    fpu_pack_registers(cpu, environment);
    fpu_write(cpu, uop->segment, at, bytes, piece);
    fpu_initialize(FPU);
    fpu_settle_errors(cpu);
    NEXT;
}

#endif
