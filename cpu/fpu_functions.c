/* The functions of ST, and of ST and ST(1): D9 E4, E5 and F0 to FF.
 * See: 80387 PRM chapter 4 and 3.1 (stack faults).
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu_stack.h"

/* ModR/M bytes after D9. */
enum function {
    FTST = 0xE4,
    FXAM = 0xE5,
    F2XM1 = 0xF0,
    FYL2X = 0xF1,
    FPTAN = 0xF2,
    FPATAN = 0xF3,
    FXTRACT = 0xF4,
    FPREM1 = 0xF5,
    FPREM = 0xF8,
    FYL2XP1 = 0xF9,
    FSQRT = 0xFA,
    FSINCOS = 0xFB,
    FRNDINT = 0xFC,
    FSCALE = 0xFD,
    FSIN = 0xFE,
    FCOS = 0xFF,
};

#define HALF_WORK 32u

static struct float80 one(void)
{
    return float80_of(FLOAT80_BIAS, FLOAT80_INTEGER);
}

/* ---- looking at ST ---- */

static void test(struct fpu_state *fpu)
{
    static const uint16_t bits[] = {[FPU_LESS] = FPU_C0,
                                    [FPU_EQUAL] = FPU_C3,
                                    [FPU_GREATER] = 0,
                                    [FPU_UNORDERED] = FPU_C0 | FPU_C2 | FPU_C3};
    struct fpu_operation op = fpu_begin(fpu, 1);
    enum fpu_relation relation = FPU_UNORDERED;
    if (fpu_holds(fpu, 0)) {
        relation = fpu_compare(&op, fpu_get(fpu, 0), float80_zero(0), 0);
    } else {
        op.raised = FPU_IE | FPU_SF;
    }
    fpu_commit(fpu, &op);
    fpu->status = (uint16_t)((fpu->status & ~FPU_CC) | bits[relation]);
}

/* C3 C2 C0 are the class, C1 the sign (80387 PRM FXAM). */
static void examine(struct fpu_state *fpu)
{
    const struct float80 value = fpu_get(fpu, 0);
    const uint32_t kind = fpu_holds(fpu, 0) ? (uint32_t)float80_class(value) : FLOAT80_EMPTY;
    const uint32_t bits = (kind & 1 ? FPU_C0 : 0) | (kind & 2 ? FPU_C2 : 0) |
                          (kind & 4 ? FPU_C3 : 0) | (float80_sign(value) ? FPU_C1 : 0);
    fpu->status = (uint16_t)((fpu->status & ~FPU_CC) | bits);
}

/* ---- one operand, one result ---- */

typedef struct float80 unary(struct fpu_operation *op, struct float80 a);

static void apply_unary(struct fpu_state *fpu, unary *function, uint32_t precise)
{
    struct fpu_operation op = fpu_begin(fpu, precise);
    struct float80 result = float80_indefinite();
    if (fpu_holds(fpu, 0)) {
        result = function(&op, fpu_get(fpu, 0));
    } else {
        op.raised = FPU_IE | FPU_SF;
    }
    if (fpu_commit(fpu, &op)) {
        fpu_put(fpu, 0, result);
    }
}

/* ---- two operands ---- */

typedef struct float80 binary(struct fpu_operation *op, struct float80 st, struct float80 st1);

static void apply_binary(struct fpu_state *fpu, binary *function, bool pops)
{
    struct fpu_operation op = fpu_begin(fpu, 1);
    struct float80 result = float80_indefinite();
    if (fpu_holds(fpu, 0) && fpu_holds(fpu, 1)) {
        result = function(&op, fpu_get(fpu, 0), fpu_get(fpu, 1));
    } else {
        op.raised = FPU_IE | FPU_SF;
    }
    if (!fpu_commit(fpu, &op)) {
        return;
    }
    if (pops) {
        fpu_pop(fpu);
    }
    fpu_put(fpu, 0, result);
}

/* C0 C3 C1 are bits 2, 1, 0 of the quotient, C2: reduction incomplete. */
static void partial_remainder(struct fpu_state *fpu, uint32_t nearest)
{
    struct fpu_operation op = fpu_begin(fpu, 1);
    struct fpu_remainder result = {.value = float80_indefinite()};
    if (fpu_holds(fpu, 0) && fpu_holds(fpu, 1)) {
        result = fpu_remainder(&op, fpu_get(fpu, 0), fpu_get(fpu, 1), nearest);
    } else {
        op.raised = FPU_IE | FPU_SF;
    }
    fpu->status &= (uint16_t)~FPU_C2;
    if (!fpu_commit(fpu, &op)) {
        return;
    }
    fpu_put(fpu, 0, result.value);
    if (!result.divided) {
        return;
    }
    const uint32_t quotient = (uint32_t)result.quotient;
    const uint32_t bits = (quotient & 4 ? FPU_C0 : 0) | (quotient & 2 ? FPU_C3 : 0) |
                          (quotient & 1 ? FPU_C1 : 0) | (result.partial ? FPU_C2 : 0);
    fpu->status = (uint16_t)((fpu->status & ~FPU_CC) | bits);
}

/* ---- one operand, two results ---- */

/* ST becomes `first`, then `second` is pushed. A full stack is a fault before anything else. */
static bool room_for_two(struct fpu_state *fpu)
{
    if (fpu_holds(fpu, 0) && !fpu_holds(fpu, 7)) {
        return true;
    }
    if (fpu_stack_fault(fpu, fpu_holds(fpu, 0) ? FPU_C1 : 0)) {
        fpu_put(fpu, 0, float80_indefinite());
        fpu_turn(fpu, 7);
        fpu_put(fpu, 0, float80_indefinite());
    }
    return false;
}

static void put_two(struct fpu_state *fpu, const struct fpu_operation *op, struct float80 first,
                    struct float80 second)
{
    if (fpu_commit(fpu, op)) {
        fpu_put(fpu, 0, first);
        fpu_turn(fpu, 7);
        fpu_put(fpu, 0, second);
    }
}

static void extract(struct fpu_state *fpu)
{
    struct fpu_operation op = fpu_begin(fpu, 1);
    if (room_for_two(fpu)) {
        struct float80 significand;
        const struct float80 exponent = fpu_extract(&op, fpu_get(fpu, 0), &significand);
        put_two(fpu, &op, exponent, significand);
    }
}

/* FSIN, FCOS, and FPTAN and FSINCOS with two results; an operand out of range stays, C2 tells. */
static void trigonometric(struct fpu_state *fpu, enum function function)
{
    const bool two = function == FPTAN || function == FSINCOS;
    struct fpu_operation op = fpu_begin(fpu, 1);
    const struct float80 a = fpu_get(fpu, 0);
    fpu->status &= (uint16_t)~FPU_C2;
    if (two && !room_for_two(fpu)) {
        return;
    }
    if (fpu_holds(fpu, 0) && !fpu_in_trigonometric_range(a)) {
        fpu->status = (uint16_t)((fpu->status & ~FPU_C1) | FPU_C2);
        return;
    }
    struct float80 first = float80_indefinite();
    if (!fpu_holds(fpu, 0)) {
        op.raised = FPU_IE | FPU_SF;
    } else {
        first = fpu_trigonometric(&op, a,
                                  function == FCOS    ? FPU_COSINE
                                  : function == FPTAN ? FPU_TANGENT
                                                      : FPU_SINE);
    }
    if (!two) {
        if (fpu_commit(fpu, &op)) {
            fpu_put(fpu, 0, first);
        }
        return;
    }
    struct float80 second = float80_class(first) == FLOAT80_NAN ? first : one();
    if (function == FSINCOS) {
        second = fpu_trigonometric(&op, a, FPU_COSINE);
    }
    put_two(fpu, &op, first, second);
}

/* ---- which ---- */

static void run(struct fpu_state *fpu, enum function function)
{
    switch (function) {
    case FTST:
        test(fpu);
        break;
    case FXAM:
        examine(fpu);
        break;
    case F2XM1:
        apply_unary(fpu, fpu_exp2_minus_1, 1);
        break;
    case FYL2X:
        apply_binary(fpu, fpu_y_log2_x, true);
        break;
    case FPATAN:
        apply_binary(fpu, fpu_arctangent, true);
        break;
    case FYL2XP1:
        apply_binary(fpu, fpu_y_log2_x_plus_1, true);
        break;
    case FXTRACT:
        extract(fpu);
        break;
    case FPREM1:
    case FPREM:
        partial_remainder(fpu, function == FPREM1);
        break;
    case FSQRT:
        apply_unary(fpu, fpu_square_root, 0);
        break;
    case FRNDINT:
        apply_unary(fpu, fpu_round_to_integer, 1);
        break;
    case FSCALE:
        apply_binary(fpu, fpu_scale, false);
        break;
    case FPTAN:
    case FSINCOS:
    case FSIN:
    case FCOS:
        trigonometric(fpu, function);
        break;
    }
}

/* Remainders: by the difference of exponents. Trigonometric functions: the larger the operand, the
 * longer it is reduced. All others: the middle of their range. */
static uint32_t work_of(const struct fpu_state *fpu, enum function function)
{
    const int32_t exponent = float80_exponent(fpu_get(fpu, 0));
    int32_t work = HALF_WORK;
    if (function == FPREM || function == FPREM1) {
        work = exponent - float80_exponent(fpu_get(fpu, 1));
    } else if (function == FSIN || function == FCOS || function == FSINCOS || function == FPTAN) {
        work = exponent - FLOAT80_BIAS + (int32_t)HALF_WORK;
    }
    return work < 0 ? 0 : work > 64 ? 64 : (uint32_t)work;
}

uint32_t fpu_function(struct fpu_state *fpu, uint32_t modrm)
{
    const uint32_t work = work_of(fpu, (enum function)modrm);
    run(fpu, (enum function)modrm);
    return work;
}
