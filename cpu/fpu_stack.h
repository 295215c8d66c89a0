/* The x87 inside the processor: its register stack, how an operation's exceptions are taken over,
 * and what the bodies (op_fpu*.c) share.
 * A body goes: FPU_READY, FPU_IDLE or FPU_PRESENT, the memory operand's checks, note, compute,
 * commit, FPU_NEXT.
 * Macros here that may leave a body, alone as statements: FPU_PRESENT, FPU_IDLE, FPU_READY, LOAD64,
 * PROBE64, and FPU_NEXT, its end.
 * See: 80387 PRM 2.1, 3.1; i486 PRM chapters 15 to 18.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu/cpu_priv.h"
#include "cpu/fpu.h"

/* ---- registers ---- */

INLINE uint32_t fpu_physical(const struct fpu_state *fpu, uint32_t i)
{
    return ((fpu->status >> FPU_TOP_SHIFT) + i) & 7;
}
INLINE bool fpu_holds(const struct fpu_state *fpu, uint32_t i)
{
    return fpu->occupied >> fpu_physical(fpu, i) & 1;
}
INLINE struct float80 fpu_get(const struct fpu_state *fpu, uint32_t i)
{
    const uint32_t physical = fpu_physical(fpu, i);
    return float80_of(fpu->sign_exponent[physical], fpu->significand[physical]);
}
INLINE void fpu_put(struct fpu_state *fpu, uint32_t i, struct float80 value)
{
    const uint32_t physical = fpu_physical(fpu, i);
    fpu->significand[physical] = value.significand;
    fpu->sign_exponent[physical] = value.sign_exponent;
    fpu->occupied = (uint16_t)(fpu->occupied | 1u << physical);
}
INLINE void fpu_turn(struct fpu_state *fpu, uint32_t by)
{
    const uint32_t top = (fpu->status + (by << FPU_TOP_SHIFT)) & FPU_TOP;
    fpu->status = (uint16_t)((fpu->status & ~FPU_TOP) | top);
}
INLINE void fpu_free(struct fpu_state *fpu, uint32_t i)
{
    fpu->occupied = (uint16_t)(fpu->occupied & ~(1u << fpu_physical(fpu, i)));
}
INLINE void fpu_pop(struct fpu_state *fpu)
{
    fpu_free(fpu, 0);
    fpu_turn(fpu, 1);
}

/* ---- one operation ---- */

/* precise: 1: results have 64 bits whatever the precision control says. */
INLINE struct fpu_operation fpu_begin(const struct fpu_state *fpu, uint32_t precise)
{
    static const uint8_t precisions[] = {24, 64, 53, 64};
    const struct fpu_operation op = {
        .control = fpu->control,
        .precision = precise ? 64 : precisions[FPU_PRECISION((uint32_t)fpu->control)]};
    return op;
}

/* Take over what was raised. returns false if the operands must stay as they are: an exception
 * found before the operation is not masked. */
INLINE bool fpu_commit(struct fpu_state *fpu, const struct fpu_operation *op)
{
    uint32_t status = fpu->status & ~FPU_C1, raised = op->raised;
    const uint32_t unmasked = raised & ~(uint32_t)fpu->control & FPU_MASKS;
    if (UNLIKELY(unmasked)) {
        status |= FPU_ES | FPU_BUSY;
        if (unmasked & FPU_BEFORE) {
            raised &= FPU_BEFORE | FPU_SF | (raised & FPU_SF ? FPU_C1 : 0);
        }
    }
    fpu->status = (uint16_t)(status | raised);
    return !(unmasked & FPU_BEFORE);
}

/* Stack fault. overflow: FPU_C1 or 0. returns true if it is masked: the indefinite stands in. */
bool fpu_stack_fault(struct fpu_state *fpu, uint32_t overflow);
/* Onto the stack, with what the operation raised. */
void fpu_push(struct fpu_state *fpu, const struct fpu_operation *op, struct float80 value);
void fpu_push_float32(struct fpu_state *fpu, uint32_t bits);
void fpu_push_float64(struct fpu_state *fpu, uint64_t bits);
void fpu_push_integer(struct fpu_state *fpu, int64_t value);
void fpu_push_float80(struct fpu_state *fpu, uint64_t significand, uint32_t sign_exponent);
void fpu_push_bcd(struct fpu_state *fpu, uint64_t low, uint32_t high);

/* Digit of the opcode map: 0 add, 1 multiply, 2 compare, 3 compare and pop, 4 subtract, 5 reversed,
 * 6 divide, 7 reversed. All return 0..64: how long it takes (docs/timing.md). */
#define FPU_DIGIT(uop) ((uop)->imm >> 3 & 7)
#define FPU_ST(uop)    ((uop)->imm & 7)
uint32_t fpu_arithmetic_registers(struct fpu_state *fpu, uint32_t digit, uint32_t i, uint32_t to,
                                  uint32_t pops);
uint32_t fpu_arithmetic_float32(struct fpu_state *fpu, uint32_t digit, uint32_t bits);
uint32_t fpu_arithmetic_float64(struct fpu_state *fpu, uint32_t digit, uint64_t bits);
uint32_t fpu_arithmetic_integer(struct fpu_state *fpu, uint32_t digit, int32_t value);
/* ST with ST(i); sets the condition bits. pops: how often. */
void fpu_compare_registers(struct fpu_state *fpu, uint32_t i, uint32_t quiet, uint32_t pops);
/* The same, but returns ZF, PF, CF; the other arithmetic flags are 0. */
uint32_t fpu_compare_flags(struct fpu_state *fpu, uint32_t i, uint32_t quiet, uint32_t pops);
void fpu_exchange(struct fpu_state *fpu, uint32_t i);
void fpu_push_register(struct fpu_state *fpu, uint32_t i);
/* sign_exponent of ST: the bits of `keep`, then those of `flip` turned. */
void fpu_change_sign(struct fpu_state *fpu, uint32_t flip, uint32_t keep);
/* FCMOVcc. */
void fpu_move_if(struct fpu_state *fpu, uint32_t i, bool condition);
/* FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2: 1 to 5. */
void fpu_push_constant(struct fpu_state *fpu, uint32_t number);
/* The functions D9 E4 to FF (fpu_functions.c); modrm: which. returns 0..64 as above. */
uint32_t fpu_function(struct fpu_state *fpu, uint32_t modrm);
/* How long an integer takes: its bits. */
INLINE uint32_t fpu_integer_work(int64_t value)
{
    const uint64_t magnitude = (uint64_t)(value < 0 ? ~value : value);
    return magnitude ? 64 - (uint32_t)__builtin_clzll(magnitude) : 0;
}

/* What a store is to write; writes 0: nothing, an exception is not masked. */
struct fpu_stored {
    uint64_t value;  /* or its low 64 bits */
    uint32_t writes; /* 0 or 1 */
    uint32_t high;   /* bits 79-64 of the formats that have them */
};
struct fpu_stored fpu_store_float32(struct fpu_state *fpu);
struct fpu_stored fpu_store_float64(struct fpu_state *fpu);
struct fpu_stored fpu_store_integer(struct fpu_state *fpu, uint32_t bits);
struct fpu_stored fpu_store_bcd(struct fpu_state *fpu);
struct fpu_stored fpu_store_float80(struct fpu_state *fpu);
void fpu_store_register(struct fpu_state *fpu, uint32_t i, uint32_t pops);

/* ---- environment (fpu_environment.c) ---- */

void fpu_initialize(struct fpu_state *fpu);
/* Of the tag word: two bits for each physical register. */
uint32_t fpu_tags(const struct fpu_state *fpu);
void fpu_load_control(struct cpu *cpu, uint32_t control);
/* ES and B as flags and masks have them; tells the FERR# pin. */
void fpu_settle_errors(struct cpu *cpu);
#define FPU_ENVIRONMENT_BYTES(size16) ((size16) ? 14u : 28u)
#define FPU_REGISTERS_BYTES           80u
/* cpu->fpu_image as FSTENV has it, in the layout of operand size and mode. */
void fpu_pack_environment(struct cpu *cpu, uint32_t size16);
void fpu_unpack_environment(struct cpu *cpu, uint32_t size16);
/* ST(0) to ST(7), ten bytes each, behind the `environment` bytes of that. */
void fpu_pack_registers(struct cpu *cpu, uint32_t environment);
void fpu_unpack_registers(struct cpu *cpu, uint32_t environment);

/* ---- memory operands of any size (fpu_memory.c) ---- */

/* All checks of an access, none of its effects. piece: 2 or 4, what is accessed at a time;
 * alignment: what #AC wants, a power of 2. */
uint32_t fpu_probe(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                   uint32_t alignment, uint32_t access);
/* From and to cpu->fpu_image: a body must not take the address of a local, or the compiler could
 * not end it by a tail call. */
uint32_t fpu_read(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                  uint32_t piece);
void fpu_write(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes, uint32_t piece);
INLINE uint64_t fpu_image_low(const struct cpu *cpu)
{
    uint64_t low;
    memcpy(&low, cpu->fpu_image, 8);
    return low;
}
INLINE uint32_t fpu_image_high(const struct cpu *cpu)
{
    return cpu->fpu_image[8] | (uint32_t)cpu->fpu_image[9] << 8;
}
INLINE void fpu_image_put(struct cpu *cpu, uint64_t low, uint32_t high)
{
    memcpy(cpu->fpu_image, &low, 8);
    memcpy(cpu->fpu_image + 8, &high, 4);
}

/* ---- before an instruction ---- */

#define FPU_FREEZES 0xFFFFFFFFu
/* Why an instruction that waits can not run: a path, raised; FPU_FREEZES; or PATH_NONE. */
uint32_t fpu_refusal(struct cpu *cpu, uint32_t path_of_absence);
/* The processor stops before this instruction until an interrupt comes (NE = 0). */
const struct uop *fpu_freeze(struct cpu *cpu, const struct uop *uop);

INLINE bool fpu_absent(const struct cpu *cpu)
{
    return cpu->state.cr0 & (CR0_EM | CR0_TS);
}
INLINE bool fpu_may_refuse(const struct cpu *cpu)
{
    return (cpu->state.cr0 & (CR0_EM | CR0_TS)) | (cpu->state.fpu.status & FPU_ES);
}

/* Pointers to the last instruction; the ones that control the x87 leave them alone. */
INLINE void fpu_note(struct cpu *cpu, const struct uop *uop)
{
    struct fpu_state *fpu = &cpu->state.fpu;
    fpu->opcode = uop->imm & 0x7FF;
    fpu->code_offset = cpu->entry_eip + uop->eip_offset;
    fpu->code_selector = cpu->state.segments[SEG_CS].selector;
}
INLINE void fpu_note_memory(struct cpu *cpu, const struct uop *uop, uint32_t offset)
{
    fpu_note(cpu, uop);
    cpu->state.fpu.data_offset = offset;
    cpu->state.fpu.data_selector = cpu->state.segments[uop->segment].selector;
}

/* ---- clocks (docs/timing.md) ---- */

/* Clocks above the row's: `work` of 0..64 goes from its least to its most. */
INLINE uint32_t fpu_clocks(const struct uop *uop, uint32_t work)
{
    return FPU_RANGE(uop) * work >> 6;
}
/* Before anything else of an instruction: until the x87 is done with the one before. A second time
 * there is nothing to wait for, so it does not matter when the fast variant gives up after it. */
INLINE void fpu_wait(struct cpu *cpu, const struct uop *uop)
{
    const uint64_t now = cpu->deadline - (uint64_t)(cpu->budget + uop->clocks_left);
    const uint64_t busy_until = cpu->state.fpu.busy_until;
    if (UNLIKELY(busy_until > now)) {
        charge(cpu, (uint32_t)(busy_until - now));
#ifdef EXEC_CAREFUL
        journal_step(cpu, JOURNAL_FPU_WAIT, 0, (uint32_t)(busy_until - now));
#endif
    }
}
/* At its end, all clocks charged: the x87 may go on with it beside what follows. */
INLINE void fpu_works_on(struct cpu *cpu, const struct uop *uop)
{
    const uint32_t concurrent = FPU_CONCURRENT(uop);
    if (concurrent) {
        const uint64_t now = cpu->deadline - (uint64_t)(cpu->budget + uop[1].clocks_left);
        cpu->state.fpu.busy_until = now + concurrent;
#ifdef EXEC_CAREFUL
        journal_step(cpu, JOURNAL_FPU_WORKS, 0, concurrent);
#endif
    }
}
/* The end of a body: `work` as above. */
#define FPU_NEXT(work)                                                                             \
    do {                                                                                           \
        charge(cpu, fpu_clocks(uop, work));                                                        \
        fpu_works_on(cpu, uop);                                                                    \
        NEXT_CHARGED(0);                                                                           \
    } while (0)
/* Instructions that do not look at errors but at what the one before has done. */
#define FPU_IDLE                                                                                   \
    FPU_PRESENT;                                                                                   \
    fpu_wait(cpu, uop)

#ifdef EXEC_CAREFUL
#define FPU_PRESENT                                                                                \
    if (UNLIKELY(fpu_absent(cpu))) {                                                               \
        return uop_fault(cpu, uop, trap_raise(cpu, PATH_nm_esc, 0));                               \
    }
#define FPU_READY                                                                                  \
    if (LIKELY(!fpu_absent(cpu))) {                                                                \
        fpu_wait(cpu, uop);                                                                        \
    }                                                                                              \
    if (UNLIKELY(fpu_may_refuse(cpu))) {                                                           \
        const uint32_t refusal = fpu_refusal(cpu, PATH_nm_esc);                                    \
        if (refusal == FPU_FREEZES) {                                                              \
            return fpu_freeze(cpu, uop);                                                           \
        }                                                                                          \
        if (refusal) {                                                                             \
            return uop_fault(cpu, uop, refusal);                                                   \
        }                                                                                          \
    }
#define LOAD64(name, segment, offset)                                                              \
    const uint32_t path_of_##name = fpu_read(cpu, segment, offset, 8, 4);                          \
    if (UNLIKELY(path_of_##name)) {                                                                \
        return uop_fault(cpu, uop, path_of_##name);                                                \
    }                                                                                              \
    const uint64_t name = fpu_image_low(cpu)
#define PROBE64(cell, segment, offset)                                                             \
    const uint32_t path_of_##cell = fpu_probe(cpu, segment, offset, 8, 8, ACCESS_WRITE);           \
    if (UNLIKELY(path_of_##cell)) {                                                                \
        return uop_fault(cpu, uop, path_of_##cell);                                                \
    }
#define CELL_WRITE64(cell, segment, offset, value)                                                 \
    do {                                                                                           \
        fpu_image_put(cpu, value, 0);                                                              \
        fpu_write(cpu, segment, offset, 8, 4);                                                     \
    } while (0)
#else
#define FPU_PRESENT                                                                                \
    if (UNLIKELY(fpu_absent(cpu))) {                                                               \
        CAREFUL;                                                                                   \
    }
#define FPU_READY                                                                                  \
    if (UNLIKELY(fpu_may_refuse(cpu))) {                                                           \
        CAREFUL;                                                                                   \
    }                                                                                              \
    fpu_wait(cpu, uop)
#define LOAD64(name, segment, offset)                                                              \
    const struct fast_access access_of_##name = fast_read(cpu, segment, offset, 8);                \
    if (UNLIKELY(!access_of_##name.hit)) {                                                         \
        CAREFUL;                                                                                   \
    }                                                                                              \
    uint64_t name;                                                                                 \
    memcpy(&(name), access_of_##name.host, 8)
#define PROBE64(cell, segment, offset)                                                             \
    const struct fast_access cell = fast_write(cpu, segment, offset, 8);                           \
    if (UNLIKELY(!cell.hit)) {                                                                     \
        CAREFUL;                                                                                   \
    }
#define CELL_WRITE64(cell, segment, offset, value) memcpy(cell.host, &(value), 8)
#endif
