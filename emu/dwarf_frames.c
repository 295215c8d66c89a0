/* Debug information: variables in scope, where they are, and the way from a frame to its caller's
 * (DWARF 5, sections 2.5, 2.6 and 6.4). Values that a call site would have to be asked for
 * (DW_OP_entry_value) count as optimized away.
 * SPDX-License-Identifier: MIT */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "emu/dwarf_priv.h"

#define STACK_DEPTH 32
#define STEPS_MAX   1000       /* operations of one expression, loops included */
#define FRAME_REACH (1u << 20) /* a caller's frame lies at most so many bytes further up */

/* An expression being evaluated. */
struct evaluation {
    const struct dwarf_info *info;
    const struct dwarf_frame *frame; /* NULL: only what needs none */
    Dwarf_Attribute *frame_base;     /* NULL: none is known */
    uint32_t stack[STACK_DEPTH];
    uint32_t depth;
    uint32_t nested; /* expressions inside expressions */
    struct dwarf_place place;
};

static uint32_t lookup_address(const struct dwarf_frame *frame)
{
    return frame->registers[DWARF_EIP] - (frame->is_caller ? 1 : 0);
}

static bool register_get(const struct evaluation *evaluation, uint32_t number, uint32_t *value)
{
    if (!evaluation->frame || number >= DWARF_REGISTERS ||
        !(evaluation->frame->known & 1u << number)) {
        return false;
    }
    *value = evaluation->frame->registers[number];
    return true;
}

static bool push(struct evaluation *evaluation, uint32_t value)
{
    if (evaluation->depth == STACK_DEPTH) {
        return false;
    }
    evaluation->stack[evaluation->depth++] = value;
    return true;
}

static bool evaluate(struct evaluation *evaluation, const Dwarf_Op *ops, size_t count);

/* The frame base of the function: an expression of its own. */
static bool frame_base(struct evaluation *evaluation, uint32_t *base)
{
    struct evaluation inner = {
        .info = evaluation->info, .frame = evaluation->frame, .nested = evaluation->nested + 1};
    Dwarf_Op *ops;
    size_t count;

    if (!evaluation->frame || !evaluation->frame_base || inner.nested > 3 ||
        dwarf_getlocation_addr(evaluation->frame_base, lookup_address(evaluation->frame), &ops,
                               &count, 1) != 1 ||
        !evaluate(&inner, ops, count)) {
        return false;
    }
    *base = inner.place.value;
    return inner.place.kind == DWARF_IN_REGISTER ? register_get(evaluation, *base, base)
                                                 : inner.place.kind == DWARF_IN_MEMORY;
}

static bool binary(struct evaluation *evaluation, uint8_t atom)
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
static bool unary(struct evaluation *evaluation, const Dwarf_Op *op)
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
static bool produce(struct evaluation *evaluation, const Dwarf_Op *op)
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
static bool evaluate(struct evaluation *evaluation, const Dwarf_Op *ops, size_t count)
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

/* ---- frames ---- */

static Dwarf_Frame *cfi_frame(const struct dwarf_info *info, const struct dwarf_frame *frame)
{
    Dwarf_CFI *tables[2];
    Dwarf_Frame *found = NULL;

    if (!info || !(frame->known & 1u << DWARF_EIP)) {
        return NULL;
    }
    tables[0] = dwarf_getcfi(info->dwarf);
    tables[1] = dwarf_getcfi_elf(info->elf);
    for (uint32_t i = 0; i < 2; i++) {
        if (tables[i] && dwarf_cfi_addrframe(tables[i], lookup_address(frame), &found) == 0) {
            break;
        }
        found = NULL;
    }
    if (tables[1]) {
        dwarf_cfi_end(tables[1]);
    }
    return found;
}

static bool cfa_by(const struct dwarf_info *info, const struct dwarf_frame *frame,
                   Dwarf_Frame *table, uint32_t *cfa)
{
    struct evaluation evaluation = {.info = info, .frame = frame, .nested = 3};
    Dwarf_Op *ops;
    size_t count;

    if (dwarf_frame_cfa(table, &ops, &count) != 0 || !evaluate(&evaluation, ops, count)) {
        return false;
    }
    *cfa = evaluation.place.value;
    return true;
}

bool dwarf_frame_cfa_of(const struct dwarf_info *info, const struct dwarf_frame *frame,
                        uint32_t *cfa)
{
    Dwarf_Frame *table = cfi_frame(info, frame);
    bool good = table && cfa_by(info, frame, table, cfa);

    free(table);
    return good;
}

/* The register's value in the caller; false: not known. */
static bool register_of_caller(const struct dwarf_info *info, const struct dwarf_frame *frame,
                               Dwarf_Frame *table, uint32_t cfa, uint32_t number, uint32_t *value)
{
    struct evaluation evaluation = {.info = info, .frame = frame, .nested = 2};
    Dwarf_Op memory[3];
    Dwarf_Op *ops;
    size_t count;

    if (number == DWARF_ESP) {
        *value = cfa;
        return true;
    }
    if (dwarf_frame_register(table, (int)number, memory, &ops, &count) != 0) {
        return false;
    }
    if (count == 0) { /* the same as here, or (ops is `memory`) gone */
        *value = frame->registers[number];
        return ops == NULL && (frame->known & 1u << number) != 0;
    }
    if (!evaluate(&evaluation, ops, count)) {
        return false;
    }
    *value = evaluation.place.value;
    if (evaluation.place.kind == DWARF_IN_REGISTER) {
        return register_get(&evaluation, *value, value);
    }
    return evaluation.place.kind == DWARF_IS_VALUE ||
           frame->read(frame->context, *value, value, sizeof(*value));
}

static bool unwind_by_table(const struct dwarf_info *info, struct dwarf_frame *frame,
                            Dwarf_Frame *table)
{
    struct dwarf_frame caller = *frame;
    uint32_t cfa;

    if (!cfa_by(info, frame, table, &cfa)) {
        return false;
    }
    caller.known = 0;
    for (uint32_t i = 0; i < DWARF_REGISTERS; i++) {
        if (register_of_caller(info, frame, table, cfa, i, &caller.registers[i])) {
            caller.known |= 1u << i;
        }
    }
    if (!(caller.known & 1u << DWARF_EIP) || cfa <= frame->registers[DWARF_ESP]) {
        return false;
    }
    *frame = caller;
    frame->is_caller = 1;
    return true;
}

static bool unwind_by_ebp(struct dwarf_frame *frame)
{
    const uint32_t needed = 1u << DWARF_EBP | 1u << DWARF_ESP;
    uint32_t ebp = frame->registers[DWARF_EBP];
    uint32_t pair[2];

    if ((frame->known & needed) != needed || ebp - frame->registers[DWARF_ESP] > FRAME_REACH ||
        !frame->read(frame->context, ebp, pair, sizeof(pair)) || pair[1] == 0) {
        return false;
    }
    frame->registers[DWARF_EBP] = pair[0];
    frame->registers[DWARF_EIP] = pair[1];
    frame->registers[DWARF_ESP] = ebp + 8;
    frame->known = 1u << DWARF_EBP | 1u << DWARF_EIP | 1u << DWARF_ESP;
    frame->is_caller = 1;
    return true;
}

bool dwarf_unwind(const struct dwarf_info *info, struct dwarf_frame *frame)
{
    Dwarf_Frame *table = cfi_frame(info, frame);
    bool good = table ? unwind_by_table(info, frame, table) : unwind_by_ebp(frame);

    free(table);
    return good;
}

/* ---- variables ---- */

static bool is_static(Dwarf_Die *die, Dwarf_Attribute *location)
{
    Dwarf_Op *ops;
    size_t count;

    (void)die;
    return dwarf_whatform(location) == DW_FORM_exprloc &&
           dwarf_getlocation(location, &ops, &count) == 0 && count == 1 &&
           ops[0].atom == DW_OP_addr;
}

static bool local_fill(Dwarf_Die *die, uint32_t is_inlined, struct dwarf_local *local)
{
    int tag = dwarf_tag(die);
    const char *name = dwarf_diename(die);

    if ((tag != DW_TAG_variable && tag != DW_TAG_formal_parameter) || !name) {
        return false;
    }
    *local = (struct dwarf_local){.die = dwarf_dieoffset(die),
                                  .type = dwarf_type_of(die),
                                  .is_parameter = tag == DW_TAG_formal_parameter,
                                  .is_inlined = is_inlined};
    dwarf_copy_name(local->name, sizeof(local->name), name);
    return true;
}

/* The scopes around the frame's EIP, innermost first; to be freed. Their number without that of
 * the file. */
static int scopes_of(const struct dwarf_info *info, const struct dwarf_frame *frame,
                     Dwarf_Die **scopes)
{
    Dwarf_Die unit;
    int count;

    *scopes = NULL;
    if (!frame || !dwarf_unit_at(info, lookup_address(frame), &unit)) {
        return 0;
    }
    count = dwarf_getscopes(&unit, lookup_address(frame), scopes);
    if (count <= 0) {
        return 0;
    }
    for (int i = 0; i < count; i++) {
        if (dwarf_tag(&(*scopes)[i]) == DW_TAG_subprogram) {
            return i + 1; /* behind it: the file's, or (inlined) the abstract one's */
        }
    }
    return count - 1;
}

uint32_t dwarf_locals(const struct dwarf_info *info, const struct dwarf_frame *frame,
                      struct dwarf_local *locals, uint32_t limit)
{
    Dwarf_Die *scopes;
    int scope_count = scopes_of(info, frame, &scopes);
    uint32_t inlined_end = 0;
    uint32_t count = 0;

    for (int i = 0; i < scope_count; i++) {
        if (dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine) {
            inlined_end = (uint32_t)i + 1;
        }
    }
    for (int i = 0; i < scope_count; i++) {
        Dwarf_Attribute location;
        Dwarf_Die die;

        if (dwarf_child(&scopes[i], &die) != 0) {
            continue;
        }
        do {
            bool fixed =
                dwarf_attr_integrate(&die, DW_AT_location, &location) && is_static(&die, &location);

            if (count < limit && !fixed &&
                local_fill(&die, (uint32_t)i < inlined_end, &locals[count])) {
                count++;
            }
        } while (dwarf_siblingof(&die, &die) == 0);
    }
    free(scopes);
    return count;
}

static bool named_in(Dwarf_Die *scope, const char *name, bool inlined, struct dwarf_local *variable)
{
    Dwarf_Die die;

    if (dwarf_child(scope, &die) != 0) {
        return false;
    }
    do {
        const char *own = dwarf_diename(&die);
        Dwarf_Attribute attribute;

        if (own && strcmp(own, name) == 0 && local_fill(&die, inlined, variable) &&
            (dwarf_attr_integrate(&die, DW_AT_location, &attribute) ||
             dwarf_attr_integrate(&die, DW_AT_const_value, &attribute) ||
             dwarf_tag(scope) != DW_TAG_compile_unit)) {
            return true;
        }
    } while (dwarf_siblingof(&die, &die) == 0);
    return false;
}

bool dwarf_variable_named(const struct dwarf_info *info, const struct dwarf_frame *frame,
                          const char *name, struct dwarf_local *variable)
{
    Dwarf_Die *scopes;
    Dwarf_Die die;
    int scope_count = scopes_of(info, frame, &scopes);
    bool found = false;
    uint32_t count;
    const struct dwarf_name *names;

    for (int i = 0; i < scope_count && !found; i++) {
        found = named_in(&scopes[i], name, dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine,
                         variable);
    }
    free(scopes);
    if (!found && frame && dwarf_unit_at(info, lookup_address(frame), &die)) {
        found = named_in(&die, name, false, variable);
    }
    names = found ? NULL : dwarf_names(info, name, &count);
    for (uint32_t i = 0; names && i < count && !found; i++) {
        Dwarf_Attribute location;

        found = names[i].class == NAME_VARIABLE && dwarf_die_at(info, names[i].die, &die) &&
                dwarf_attr_integrate(&die, DW_AT_location, &location) &&
                local_fill(&die, 0, variable);
    }
    return found;
}

/* The frame base of the function that holds the EIP. */
static bool base_of_function(const struct dwarf_info *info, const struct dwarf_frame *frame,
                             Dwarf_Attribute *base)
{
    const struct dwarf_name *function = dwarf_function_over(info, lookup_address(frame));
    Dwarf_Die die;

    return function && dwarf_die_at(info, function->die, &die) &&
           dwarf_attr_integrate(&die, DW_AT_frame_base, base);
}

bool dwarf_locate(const struct dwarf_info *info, const struct dwarf_frame *frame,
                  const struct dwarf_local *variable, struct dwarf_place *place)
{
    struct evaluation evaluation = {.info = info, .frame = frame};
    Dwarf_Attribute location;
    Dwarf_Attribute base;
    Dwarf_Die die;
    Dwarf_Op *ops;
    Dwarf_Sword value;
    size_t count;

    *place = (struct dwarf_place){.kind = DWARF_NOWHERE};
    if (!dwarf_die_at(info, variable->die, &die)) {
        return false;
    }
    if (dwarf_attr_integrate(&die, DW_AT_const_value, &location) &&
        dwarf_formsdata(&location, &value) == 0) {
        *place = (struct dwarf_place){DWARF_IS_VALUE, (uint32_t)value};
        return true;
    }
    if (!dwarf_attr_integrate(&die, DW_AT_location, &location)) {
        return false;
    }
    if (frame && base_of_function(info, frame, &base)) {
        evaluation.frame_base = &base;
    }
    if (dwarf_getlocation_addr(&location, frame ? lookup_address(frame) : 0, &ops, &count, 1) !=
            1 ||
        !evaluate(&evaluation, ops, count)) {
        return false;
    }
    *place = evaluation.place;
    return true;
}

bool dwarf_variable(const struct dwarf_info *info, const char *name, uint32_t *address,
                    uint32_t *bytes)
{
    struct dwarf_local variable;
    struct dwarf_place place;
    struct dwarf_type type;

    if (!dwarf_variable_named(info, NULL, name, &variable) ||
        !dwarf_locate(info, NULL, &variable, &place) || place.kind != DWARF_IN_MEMORY ||
        !dwarf_type_get(info, variable.type, &type)) {
        return false;
    }
    *address = place.value;
    *bytes = type.bytes;
    return true;
}
