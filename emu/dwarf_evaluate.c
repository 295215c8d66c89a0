/* Debug information: expressions that say where a variable or a saved register is (DWARF 5, section
 * 2.5). Values that a call site would have to be asked for (DW_OP_entry_value) are not known.
 * SPDX-License-Identifier: MIT */
#include <dwarf.h>

#include "emu/dwarf_priv.h"

#define STEPS_MAX 1000 /* operations of one expression, loops included */

uint32_t dwarf_lookup_address(const struct dwarf_frame *frame)
{
    return frame->registers[DWARF_EIP] - (frame->is_caller ? 1 : 0);
}

static bool register_get(const struct dwarf_evaluation *evaluation, uint32_t number,
                         uint32_t *value)
{
    if (!evaluation->frame || number >= DWARF_REGISTERS ||
        !(evaluation->frame->known & 1u << number)) {
        return false;
    }
    *value = evaluation->frame->registers[number];
    return true;
}

static bool push(struct dwarf_evaluation *evaluation, uint32_t value)
{
    if (evaluation->depth == DWARF_STACK_DEPTH) {
        return false;
    }
    evaluation->stack[evaluation->depth++] = value;
    return true;
}

/* The frame base of the function: an expression of its own. */
static bool frame_base(struct dwarf_evaluation *evaluation, uint32_t *base)
{
    struct dwarf_evaluation inner = {
        .info = evaluation->info, .frame = evaluation->frame, .nested = evaluation->nested + 1};
    Dwarf_Op *ops;
    size_t count;

    if (!evaluation->frame || !evaluation->frame_base || inner.nested > 3 ||
        dwarf_getlocation_addr(evaluation->frame_base, dwarf_lookup_address(evaluation->frame),
                               &ops, &count, 1) != 1 ||
        !dwarf_evaluate(&inner, ops, count)) {
        return false;
    }
    *base = inner.place.value;
    return inner.place.kind == DWARF_IN_REGISTER ? register_get(evaluation, *base, base)
                                                 : inner.place.kind == DWARF_IN_MEMORY;
}

static bool binary(struct dwarf_evaluation *evaluation, uint8_t atom)
{
    uint32_t b;
    uint32_t a;
    uint32_t *to;

    if (evaluation->depth < 2) {
        return false;
    }
    b = evaluation->stack[--evaluation->depth];
    to = &evaluation->stack[evaluation->depth - 1];
    a = *to;
    switch (atom) {
    case DW_OP_and:
        *to = a & b;
        return true;
    case DW_OP_or:
        *to = a | b;
        return true;
    case DW_OP_xor:
        *to = a ^ b;
        return true;
    case DW_OP_plus:
        *to = a + b;
        return true;
    case DW_OP_minus:
        *to = a - b;
        return true;
    case DW_OP_mul:
        *to = a * b;
        return true;
    case DW_OP_div:
        if (b == 0 || (a == 0x80000000u && b == UINT32_MAX)) {
            return false;
        }
        *to = (uint32_t)((int32_t)a / (int32_t)b);
        return true;
    case DW_OP_mod:
        *to = b ? a % b : 0;
        return b != 0;
    case DW_OP_shl:
        *to = b < 32 ? a << b : 0;
        return true;
    case DW_OP_shr:
        *to = b < 32 ? a >> b : 0;
        return true;
    case DW_OP_shra:
        *to = (uint32_t)((int64_t)(int32_t)a >> (b < 32 ? b : 32));
        return true;
    case DW_OP_eq:
        *to = a == b;
        return true;
    case DW_OP_ne:
        *to = a != b;
        return true;
    case DW_OP_lt:
        *to = (int32_t)a < (int32_t)b;
        return true;
    case DW_OP_le:
        *to = (int32_t)a <= (int32_t)b;
        return true;
    case DW_OP_gt:
        *to = (int32_t)a > (int32_t)b;
        return true;
    case DW_OP_ge:
        *to = (int32_t)a >= (int32_t)b;
        return true;
    default:
        return false;
    }
}

/* Operations on the stack's top. */
static bool unary(struct dwarf_evaluation *evaluation, const Dwarf_Op *op)
{
    uint32_t bytes = op->atom == DW_OP_deref_size ? (uint32_t)op->number : 4;
    uint32_t value = 0;
    uint32_t *top;

    if (evaluation->depth == 0) {
        return false;
    }
    top = &evaluation->stack[evaluation->depth - 1];
    switch (op->atom) {
    case DW_OP_deref:
    case DW_OP_deref_size:
        if (!evaluation->frame || !evaluation->frame->read || bytes < 1 || bytes > 4 ||
            !evaluation->frame->read(evaluation->frame->context, *top, &value, bytes)) {
            return false;
        }
        *top = value;
        return true;
    case DW_OP_plus_uconst:
        *top += (uint32_t)op->number;
        return true;
    case DW_OP_neg:
        *top = 0u - *top;
        return true;
    case DW_OP_not:
        *top = ~*top;
        return true;
    case DW_OP_abs:
        *top = (int32_t)*top < 0 ? 0u - *top : *top;
        return true;
    case DW_OP_drop:
        evaluation->depth--;
        return true;
    case DW_OP_dup:
        return push(evaluation, *top);
    case DW_OP_over:
        return evaluation->depth > 1 && push(evaluation, top[-1]);
    case DW_OP_swap:
        value = *top;
        if (evaluation->depth < 2) {
            return false;
        }
        *top = top[-1];
        top[-1] = value;
        return true;
    default:
        return binary(evaluation, op->atom);
    }
}

/* What puts a value on the stack out of nothing; false: not one of these, or not known. */
static bool produce(struct dwarf_evaluation *evaluation, const Dwarf_Op *op)
{
    uint32_t value = (uint32_t)op->number;

    if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
        return push(evaluation, op->atom - DW_OP_lit0);
    }
    if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
        return register_get(evaluation, op->atom - DW_OP_breg0, &value) &&
               push(evaluation, value + (uint32_t)op->number);
    }
    switch (op->atom) {
    case DW_OP_addr:
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
        return push(evaluation, value);
    case DW_OP_bregx:
        return register_get(evaluation, (uint32_t)op->number, &value) &&
               push(evaluation, value + (uint32_t)op->number2);
    case DW_OP_fbreg:
        return frame_base(evaluation, &value) && push(evaluation, value + (uint32_t)op->number);
    case DW_OP_call_frame_cfa:
        return evaluation->frame && evaluation->nested < 3 &&
               dwarf_frame_cfa_of(evaluation->info, evaluation->frame, &value) &&
               push(evaluation, value);
    default:
        return unary(evaluation, op);
    }
}

/* DW_OP_skip and DW_OP_bra: the operation at the byte offset, `count` for the end. */
static bool jump(const Dwarf_Op *ops, size_t count, size_t *at)
{
    /* libdw gives the distance from the end of this operation, which has three bytes. */
    Dwarf_Word wanted = ops[*at].offset + 3 + (Dwarf_Word)(int64_t)(int16_t)ops[*at].number;

    for (size_t i = 0; i < count; i++) {
        if (ops[i].offset == wanted) {
            *at = i;
            return true;
        }
    }
    return false;
}

/* false: not known here. */
bool dwarf_evaluate(struct dwarf_evaluation *evaluation, const Dwarf_Op *ops, size_t count)
{
    size_t at = 0;

    evaluation->place.kind = DWARF_IN_MEMORY;
    for (uint32_t steps = 0; at < count; steps++) {
        const Dwarf_Op *op = &ops[at];

        if (steps == STEPS_MAX) {
            return false;
        }
        if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31) {
            evaluation->place = (struct dwarf_place){DWARF_IN_REGISTER, op->atom - DW_OP_reg0};
            return count == 1 && evaluation->place.value < DWARF_REGISTERS;
        }
        if (op->atom == DW_OP_stack_value) {
            evaluation->place.kind = DWARF_IS_VALUE;
            at = at + 1 == count ? count : 0;
            if (at != count) {
                return false;
            }
        } else if (op->atom == DW_OP_skip) {
            if (!jump(ops, count, &at)) {
                return false;
            }
        } else if (op->atom == DW_OP_bra) {
            if (evaluation->depth == 0) {
                return false;
            }
            if (evaluation->stack[--evaluation->depth] == 0) {
                at++;
            } else if (!jump(ops, count, &at)) {
                return false;
            }
        } else if (op->atom == DW_OP_nop || op->atom == DW_OP_GNU_uninit) {
            at++;
        } else if (produce(evaluation, op)) {
            at++;
        } else {
            return false;
        }
    }
    if (evaluation->depth == 0) {
        return false;
    }
    evaluation->place.value = evaluation->stack[evaluation->depth - 1];
    return true;
}
