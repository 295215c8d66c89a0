/* Operations on the register stack: operands that are missing, exceptions that are not masked,
 * results and pops. The numbers themselves are made in fpu_float.c and its neighbours.
 * See: 80387 PRM 3.1 (stack faults), 3.5 (exceptions), chapter 4.
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu_stack.h"

bool fpu_stack_fault(struct fpu_state *fpu, uint32_t overflow)
{
    const struct fpu_operation op = {.raised = FPU_IE | FPU_SF | overflow};
    return fpu_commit(fpu, &op);
}

void fpu_push(struct fpu_state *fpu, const struct fpu_operation *op, struct float80 value)
{
    if (UNLIKELY(fpu_holds(fpu, 7))) {
        if (!fpu_stack_fault(fpu, FPU_C1)) {
            return;
        }
        value = float80_indefinite();
    } else if (!fpu_commit(fpu, op)) {
        return;
    }
    fpu_turn(fpu, 7);
    fpu_put(fpu, 0, value);
}

/* A signalling NaN becomes quiet on its way into a register. A denormal is loaded even if its
 * exception is not masked: the value is known to be right. */
static void push_widened(struct fpu_state *fpu, struct fpu_operation *op, struct float80 value)
{
    const struct fpu_operation denormal = {.raised = FPU_DE};
    if (UNLIKELY(float80_class(value) == FLOAT80_NAN)) {
        value = fpu_nan_of(op, value);
    }
    const bool room = !fpu_holds(fpu, 7);
    fpu_push(fpu, op, value);
    if (UNLIKELY(op->denormal) && room) {
        fpu_commit(fpu, &denormal);
    }
}

void fpu_push_float32(struct fpu_state *fpu, uint32_t bits)
{
    struct fpu_operation op = {0};
    push_widened(fpu, &op, float80_of_float32(&op, bits));
}

void fpu_push_float64(struct fpu_state *fpu, uint64_t bits)
{
    struct fpu_operation op = {0};
    push_widened(fpu, &op, float80_of_float64(&op, bits));
}

void fpu_push_integer(struct fpu_state *fpu, int64_t value)
{
    const struct fpu_operation op = {0};
    fpu_push(fpu, &op, float80_of_integer(value));
}

void fpu_push_float80(struct fpu_state *fpu, uint64_t significand, uint32_t sign_exponent)
{
    const struct fpu_operation op = {0};
    fpu_push(fpu, &op, float80_of(sign_exponent, significand));
}

void fpu_push_bcd(struct fpu_state *fpu, uint64_t low, uint32_t high)
{
    const struct fpu_operation op = {0};
    fpu_push(fpu, &op, float80_of_bcd(low, high));
}

/* ---- comparison ---- */

/* present: 0 if an operand's register is empty. */
static bool compare(struct fpu_state *fpu, struct fpu_operation *op, struct float80 operand,
                    bool present, uint32_t quiet, enum fpu_relation *relation)
{
    *relation = FPU_UNORDERED;
    if (UNLIKELY(!present)) {
        return fpu_stack_fault(fpu, 0);
    }
    *relation = fpu_compare(op, fpu_get(fpu, 0), operand, quiet);
    return fpu_commit(fpu, op);
}

static void set_conditions(struct fpu_state *fpu, enum fpu_relation relation)
{
    static const uint16_t bits[] = {[FPU_LESS] = FPU_C0,
                                    [FPU_EQUAL] = FPU_C3,
                                    [FPU_GREATER] = 0,
                                    [FPU_UNORDERED] = FPU_C0 | FPU_C2 | FPU_C3};
    fpu->status = (uint16_t)((fpu->status & ~FPU_CC) | bits[relation]);
}

static void compare_and_pop(struct fpu_state *fpu, struct fpu_operation *op, struct float80 operand,
                            bool present, uint32_t quiet, uint32_t pops)
{
    enum fpu_relation relation;
    const bool done = compare(fpu, op, operand, present, quiet, &relation);
    set_conditions(fpu, relation); /* even if an exception is not masked; the stack stays then */
    for (; pops && done; pops--) {
        fpu_pop(fpu);
    }
}

void fpu_compare_registers(struct fpu_state *fpu, uint32_t i, uint32_t quiet, uint32_t pops)
{
    struct fpu_operation op = fpu_begin(fpu, 1);
    compare_and_pop(fpu, &op, fpu_get(fpu, i), fpu_holds(fpu, 0) && fpu_holds(fpu, i), quiet, pops);
}

uint32_t fpu_compare_flags(struct fpu_state *fpu, uint32_t i, uint32_t quiet, uint32_t pops)
{
    static const uint16_t bits[] = {[FPU_LESS] = EFLAGS_CF,
                                    [FPU_EQUAL] = EFLAGS_ZF,
                                    [FPU_GREATER] = 0,
                                    [FPU_UNORDERED] = EFLAGS_CF | EFLAGS_PF | EFLAGS_ZF};
    struct fpu_operation op = fpu_begin(fpu, 1);
    enum fpu_relation relation;
    const bool present = fpu_holds(fpu, 0) && fpu_holds(fpu, i);
    const bool done = compare(fpu, &op, fpu_get(fpu, i), present, quiet, &relation);
    for (; pops && done; pops--) {
        fpu_pop(fpu);
    }
    return bits[relation];
}

/* ---- arithmetic ---- */

/* 0..64: what the published ranges depend on. Sums: how far apart the exponents are; products and
 * quotients: how many bits the second factor has. */
static uint32_t work_of(uint32_t digit, struct float80 a, struct float80 b)
{
    if (digit == 1 || digit >= 6) {
        return 64 - (uint32_t)__builtin_ctzll(b.significand | FLOAT80_INTEGER);
    }
    const int32_t apart = float80_exponent(a) - float80_exponent(b);
    const uint32_t distance = (uint32_t)(apart < 0 ? -apart : apart);
    return distance < 64 ? distance : 64;
}

static struct float80 compute(struct fpu_operation *op, uint32_t digit, struct float80 a,
                              struct float80 b)
{
    switch (digit) {
    case 0:
        return fpu_add(op, a, b);
    case 1:
        return fpu_multiply(op, a, b);
    case 4:
        return fpu_subtract(op, a, b);
    case 5:
        return fpu_subtract(op, b, a);
    case 6:
        return fpu_divide(op, a, b);
    default:
        return fpu_divide(op, b, a);
    }
}

/* ST(to) = ST `digit` operand. */
static uint32_t arithmetic(struct fpu_state *fpu, struct fpu_operation *op, uint32_t digit,
                           struct float80 operand, bool present, uint32_t to)
{
    if (UNLIKELY(!present)) {
        if (fpu_stack_fault(fpu, 0)) {
            fpu_put(fpu, to, float80_indefinite());
            return 0;
        }
        return FPU_FREEZES;
    }
    const struct float80 top = fpu_get(fpu, 0);
    const struct float80 result = compute(op, digit, top, operand);
    if (UNLIKELY(!fpu_commit(fpu, op))) {
        return FPU_FREEZES;
    }
    fpu_put(fpu, to, result);
    return work_of(digit, top, operand);
}

uint32_t fpu_arithmetic_registers(struct fpu_state *fpu, uint32_t digit, uint32_t i, uint32_t to,
                                  uint32_t pops)
{
    struct fpu_operation op = fpu_begin(fpu, 0);
    const bool present = fpu_holds(fpu, 0) && fpu_holds(fpu, i);
    const uint32_t work = arithmetic(fpu, &op, digit, fpu_get(fpu, i), present, to);
    if (work == FPU_FREEZES) {
        return 0;
    }
    if (pops) {
        fpu_pop(fpu);
    }
    return work;
}

static uint32_t arithmetic_memory(struct fpu_state *fpu, struct fpu_operation *op, uint32_t digit,
                                  struct float80 operand)
{
    if ((digit & 6) == 2) {
        compare_and_pop(fpu, op, operand, fpu_holds(fpu, 0), 0, digit & 1);
        return 0;
    }
    const uint32_t work = arithmetic(fpu, op, digit, operand, fpu_holds(fpu, 0), 0);
    return work == FPU_FREEZES ? 0 : work;
}

uint32_t fpu_arithmetic_float32(struct fpu_state *fpu, uint32_t digit, uint32_t bits)
{
    struct fpu_operation op = fpu_begin(fpu, 0);
    return arithmetic_memory(fpu, &op, digit, float80_of_float32(&op, bits));
}

uint32_t fpu_arithmetic_float64(struct fpu_state *fpu, uint32_t digit, uint64_t bits)
{
    struct fpu_operation op = fpu_begin(fpu, 0);
    return arithmetic_memory(fpu, &op, digit, float80_of_float64(&op, bits));
}

uint32_t fpu_arithmetic_integer(struct fpu_state *fpu, uint32_t digit, int32_t value)
{
    struct fpu_operation op = fpu_begin(fpu, 0);
    return arithmetic_memory(fpu, &op, digit, float80_of_integer(value));
}

/* ---- moves ---- */

void fpu_exchange(struct fpu_state *fpu, uint32_t i)
{
    const struct fpu_operation nothing = {0};
    struct float80 first = fpu_get(fpu, 0), second = fpu_get(fpu, i);
    if (UNLIKELY(!fpu_holds(fpu, 0) || !fpu_holds(fpu, i))) {
        const bool has_first = fpu_holds(fpu, 0), has_second = fpu_holds(fpu, i);
        if (!fpu_stack_fault(fpu, 0)) {
            return;
        }
        first = has_first ? first : float80_indefinite();
        second = has_second ? second : float80_indefinite();
    } else {
        fpu_commit(fpu, &nothing);
    }
    fpu_put(fpu, 0, second);
    fpu_put(fpu, i, first);
}

void fpu_push_register(struct fpu_state *fpu, uint32_t i)
{
    const struct fpu_operation nothing = {0};
    struct float80 value = fpu_get(fpu, i);
    if (UNLIKELY(!fpu_holds(fpu, i))) {
        if (!fpu_stack_fault(fpu, 0)) {
            return;
        }
        value = float80_indefinite();
        fpu_turn(fpu, 7);
        fpu_put(fpu, 0, value);
        return;
    }
    fpu_push(fpu, &nothing, value);
}

void fpu_store_register(struct fpu_state *fpu, uint32_t i, uint32_t pops)
{
    const struct fpu_operation nothing = {0};
    if (LIKELY(fpu_holds(fpu, 0))) {
        fpu_commit(fpu, &nothing);
        fpu_put(fpu, i, fpu_get(fpu, 0));
    } else if (fpu_stack_fault(fpu, 0)) {
        fpu_put(fpu, i, float80_indefinite());
    } else {
        return;
    }
    if (pops) {
        fpu_pop(fpu);
    }
}

void fpu_change_sign(struct fpu_state *fpu, uint32_t flip, uint32_t keep)
{
    const struct fpu_operation nothing = {0};
    struct float80 value = fpu_get(fpu, 0);
    if (UNLIKELY(!fpu_holds(fpu, 0))) {
        if (!fpu_stack_fault(fpu, 0)) {
            return;
        }
        value = float80_indefinite();
    } else {
        fpu_commit(fpu, &nothing);
        value.sign_exponent = (uint16_t)((value.sign_exponent & keep) ^ flip);
    }
    fpu_put(fpu, 0, value);
}

void fpu_move_if(struct fpu_state *fpu, uint32_t i, bool condition)
{
    if (!fpu_holds(fpu, 0) || !fpu_holds(fpu, i)) {
        if (fpu_stack_fault(fpu, 0)) {
            fpu_put(fpu, 0, float80_indefinite());
        }
        return;
    }
    if (condition) { /* C1 stays as it is */
        fpu_put(fpu, 0, fpu_get(fpu, i));
    }
}

/* Rounded as the control word says (80387 PRM FLDL2T): the last bit is right to nearest. */
void fpu_push_constant(struct fpu_state *fpu, uint32_t number)
{
    static const struct {
        uint64_t significand; /* to nearest */
        uint16_t exponent;
        uint16_t up; /* 1: the true value is above */
    } constants[] = {{0, 0, 0},
                     {UINT64_C(0xD49A784BCD1B8AFE), 0x4000, 1},  /* log2 10 */
                     {UINT64_C(0xB8AA3B295C17F0BC), 0x3FFF, 0},  /* log2 e */
                     {UINT64_C(0xC90FDAA22168C235), 0x4000, 0},  /* pi */
                     {UINT64_C(0x9A209A84FBCFF799), 0x3FFD, 0},  /* log10 2 */
                     {UINT64_C(0xB17217F7D1CF79AC), 0x3FFE, 0}}; /* ln 2 */
    const struct fpu_operation nothing = {0};
    const uint32_t way = FPU_ROUNDING((uint32_t)fpu->control);
    uint64_t significand = constants[number].significand;
    if (way == FPU_ROUND_UP) {
        significand += constants[number].up;
    } else if (way != FPU_ROUND_NEAREST) {
        significand -= !constants[number].up;
    }
    fpu_push(fpu, &nothing, float80_of(constants[number].exponent, significand));
}

/* ---- stores to memory ---- */

/* The value of ST, or the indefinite for an empty one; false: nothing is to be stored. */
static bool storable(struct fpu_state *fpu, struct fpu_operation *op, struct float80 *value)
{
    *op = fpu_begin(fpu, 1);
    *value = fpu_get(fpu, 0);
    if (UNLIKELY(!fpu_holds(fpu, 0))) {
        *value = float80_indefinite();
        op->raised = FPU_IE | FPU_SF;
        return (op->control & FPU_IE) != 0;
    }
    return true;
}

/* Overflow and underflow, not masked, store nothing either: memory has no room for the bias. */
static struct fpu_stored stored(struct fpu_state *fpu, const struct fpu_operation *op,
                                uint64_t value)
{
    const uint32_t forbids = FPU_IE | FPU_OE | FPU_UE;
    struct fpu_operation done = *op;
    const bool blocked = done.raised & forbids & ~op->control;
    if (blocked) {
        done.raised &= ~(FPU_PE | FPU_C1);
    }
    const struct fpu_stored result = {value, !blocked, 0};
    fpu_commit(fpu, &done);
    return result;
}

struct fpu_stored fpu_store_float32(struct fpu_state *fpu)
{
    struct fpu_operation op;
    struct float80 value;
    const bool go = storable(fpu, &op, &value);
    return stored(fpu, &op, go ? fpu_to_float32(&op, value) : 0);
}

struct fpu_stored fpu_store_float64(struct fpu_state *fpu)
{
    struct fpu_operation op;
    struct float80 value;
    const bool go = storable(fpu, &op, &value);
    return stored(fpu, &op, go ? fpu_to_float64(&op, value) : 0);
}

struct fpu_stored fpu_store_integer(struct fpu_state *fpu, uint32_t bits)
{
    struct fpu_operation op;
    struct float80 value;
    if (!storable(fpu, &op, &value)) {
        return stored(fpu, &op, 0);
    }
    const uint32_t fault = op.raised;
    const int64_t integer = fpu_to_integer(&op, value, bits);
    op.raised |= fault;
    return stored(fpu, &op, (uint64_t)integer);
}

struct fpu_stored fpu_store_bcd(struct fpu_state *fpu)
{
    struct fpu_operation op;
    struct float80 value;
    if (!storable(fpu, &op, &value)) {
        return stored(fpu, &op, 0);
    }
    const uint32_t fault = op.raised;
    uint32_t high;
    const uint64_t low = fpu_to_bcd(&op, value, &high);
    op.raised |= fault;
    struct fpu_stored result = stored(fpu, &op, low);
    result.high = high;
    return result;
}

struct fpu_stored fpu_store_float80(struct fpu_state *fpu)
{
    struct fpu_operation op;
    struct float80 value;
    storable(fpu, &op, &value);
    struct fpu_stored result = stored(fpu, &op, value.significand);
    result.high = value.sign_exponent;
    return result;
}
